"""What people say of themselves: their own alone, whole, and never taken back by an older tab."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from myapp import accounts
from myapp.accounts import Address, ChangedElsewhere, PersonUpdated
from myapp.kit.clock import new_id
from myapp.kit.errors import Forbidden, Invalid, Unauthenticated
from myapp.kit.pubsub import PubSub
from myapp.kit.repo import transaction
from myapp.kit.scope import Grant, Scope

SYSTEM = Scope.system("a test")
HOME = {
    "address.street": "1 Quay", "address.city": "Tidewater", "address.state": "ME", "address.zip": "04101",
    "address.country": "US",
}  # fmt: skip


async def test_a_profile_is_saved_with_its_address_as_one_value(ada: Scope) -> None:
    await accounts.update_profile(ada, {"name": " Ada  L. ", "bio": "Counts tides.", "age": "36", **HOME})
    profile = await accounts.get_profile(ada)
    assert (profile.name, profile.bio, profile.age) == ("Ada L.", "Counts tides.", 36)
    assert profile.address == Address(street="1 Quay", city="Tidewater", state="ME", zip="04101", country="US")
    async with transaction(SYSTEM) as session:
        row = (await (await session.connection()).execute(sa.text("SELECT address->>'zip' AS zip FROM profiles"))).one()
    assert row.zip == "04101"


@pytest.mark.parametrize(
    ("attrs", "errors"),
    [
        ({"name": "x"}, {"name": ["should be at least 2 character(s)"]}),
        ({"name": ""}, {"name": ["can't be blank"]}),
        ({"bio": "x" * 501}, {"bio": ["should be at most 500 character(s)"]}),
        ({"age": "12"}, {"age": ["must be greater than or equal to 13"]}),
        ({"age": "121"}, {"age": ["must be less than or equal to 120"]}),
        ({"age": "old"}, {"age": ["is invalid"]}),
        ({"username": "a b"}, {"username": ["has invalid format"]}),
        ({**HOME, "address.zip": "0410"}, {"address.zip": ["has invalid format"]}),
        ({**HOME, "address.zip": "04101-12"}, {"address.zip": ["has invalid format"]}),
        ({**HOME, "address.zip": ""}, {"address.zip": ["can't be blank"]}),
        ({"address.city": "Tidewater"}, {f"address.{name}": ["can't be blank"] for name in ("street", "state", "zip")}),
    ],
)
async def test_what_is_wrong_is_said_at_the_field_before_and_on_saving(
    ada: Scope, attrs: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    assert (await accounts.change_profile(ada, attrs)).error_messages() == errors
    with pytest.raises(Invalid) as refused:
        await accounts.update_profile(ada, attrs)
    assert refused.value.errors == errors


async def test_a_zip_of_another_country_has_its_own_form(ada: Scope) -> None:
    await accounts.update_profile(ada, {**HOME, "address.country": "GB", "address.zip": "SW1A 1AA"})
    assert (await accounts.get_profile(ada)).fields["address.zip"] == "SW1A 1AA"


async def test_an_address_with_nothing_in_it_is_none(ada: Scope) -> None:
    await accounts.update_profile(ada, HOME)
    await accounts.update_profile(ada, {**dict.fromkeys(HOME, ""), "address.country": "US"})
    assert (await accounts.get_profile(ada)).address is None


async def test_a_username_that_somebody_has_is_said_while_typing_and_on_saving(ada: Scope, mei: Scope) -> None:
    taken = {"username": (await accounts.get_profile(mei)).username.upper()}
    assert (await accounts.change_profile(ada, taken)).error_messages() == {"username": ["has already been taken"]}
    with pytest.raises(Invalid):
        await accounts.update_profile(ada, taken)


async def test_a_username_that_is_taken_is_said_beside_what_else_is_wrong(ada: Scope, mei: Scope) -> None:
    taken = (await accounts.get_profile(mei)).username
    with pytest.raises(Invalid) as refused:
        await accounts.update_profile(ada, {"username": taken, "age": "7"})
    assert refused.value.errors.keys() == {"username", "age"}


async def test_nobody_becomes_an_operator_or_somebody_else_by_a_field(ada: Scope, mei: Scope) -> None:
    before = await accounts.get_profile(mei)
    await accounts.update_profile(
        ada,
        {
            "name": "Ada", "is_operator": True, "email": "new@example.com", "user_id": str(mei.user_id),
            "id": str(new_id()), "anonymised_at": "2020-01-01", "hashed_password": "x", "avatar_key": "x",
        },
    )  # fmt: skip
    user = await accounts.get_user(ada, before.user_id if ada.user_id is None else ada.user_id)
    assert (user.is_operator, user.anonymised_at, user.hashed_password) == (False, None, None)
    assert user.email != "new@example.com"
    assert (await accounts.get_profile(ada)).avatar_key is None
    assert await accounts.get_profile(mei) == before


async def test_an_older_tab_takes_nothing_back(ada: Scope) -> None:
    seen = (await accounts.get_profile(ada)).fields
    await accounts.update_profile(ada, {**seen, "bio": "From the other tab."}, seen=seen)
    await accounts.update_profile(ada, {**seen, "name": "Ada L."}, seen=seen)
    profile = await accounts.get_profile(ada)
    assert (profile.name, profile.bio) == ("Ada L.", "From the other tab.")


async def test_who_changes_what_another_tab_has_changed_is_told(ada: Scope) -> None:
    seen = (await accounts.get_profile(ada)).fields
    await accounts.update_profile(ada, {**seen, "bio": "From the other tab."}, seen=seen)
    with pytest.raises(ChangedElsewhere):
        await accounts.update_profile(ada, {**seen, "bio": "From this one."}, seen=seen)
    await accounts.update_profile(ada, {**seen, "bio": "From the other tab."}, seen=seen)  # both said the same
    assert (await accounts.get_profile(ada)).bio == "From the other tab."


async def test_ones_own_tabs_hear_of_it_and_the_audit_holds_no_words(ada: Scope, hub: PubSub) -> None:
    heard: list[object] = []
    assert ada.user_id is not None
    hub.subscribe(accounts.topic_person(ada.user_id), lambda _topic, event: heard.append(event))
    await accounts.update_profile(ada, {"name": "Augusta King", "bio": "Counts tides."})
    await accounts.update_profile(ada, {"name": "Augusta King"})  # nothing changes
    assert heard == [PersonUpdated(ada.user_id)]
    async with transaction(SYSTEM) as session:
        rows = (await (await session.connection()).execute(sa.text("SELECT action, after::text FROM audit_logs"))).all()
    assert [tuple(row) for row in rows] == [("accounts.profile.updated", '{"fields": ["bio", "name"]}')]


async def test_visitors_have_no_profile_and_reading_keys_change_none(ada: Scope) -> None:
    reader = ada.limited_to(frozenset({Grant.READ}))
    with pytest.raises(Unauthenticated):
        await accounts.get_profile(Scope.anonymous())
    assert await accounts.get_profile(reader) == await accounts.get_profile(ada)
    with pytest.raises(Forbidden):
        await accounts.update_profile(reader, {"name": "Ada L."})
