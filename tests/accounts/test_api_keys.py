"""Keys of people's programs: limited, found by their prefix, kept as a hash, over when they are revoked."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from myapp import accounts, blog
from myapp.accounts import InvalidKey, Organization, SudoRequired, TooManyKeys, Visibility
from myapp.accounts import keys as key_material
from myapp.accounts.schemas import ApiKey
from myapp.kit.audit import AuditLog
from myapp.kit.channels.broadcasts import Disconnect
from myapp.kit.clock import new_id, now
from myapp.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated
from myapp.kit.pubsub import PubSub
from myapp.kit.repo import transaction
from myapp.kit.scope import Grant, Role, Scope
from tests.factories.accounts import make_member, make_organization, make_user
from tests.factories.accounts import make_session as session_of
from tests.factories.blog import make_post

pytestmark = pytest.mark.usefixtures("db")

SYSTEM = Scope.system("a test")


async def logged_in(scope: Scope) -> Scope:
    """The same person in a session that has just begun."""
    organization = await accounts.get_organization(SYSTEM, scope.org_id) if scope.org_id else None
    token = await session_of(scope.user_id)
    return await accounts.scope_for_session(token, organization.slug if organization else None)


async def make_key(scope: Scope, *scopes: str, **attrs: object) -> accounts.NewApiKey:
    return await accounts.create_api_key(
        await logged_in(scope), {"name": "A program", "scopes": list(scopes) or ["read"], **attrs}
    )


async def row_of(key_id: UUID) -> ApiKey:
    async with transaction(SYSTEM) as session:
        return (await session.exec(select(ApiKey).where(col(ApiKey.id) == key_id))).one()


async def test_a_key_is_kept_as_its_hash_and_nothing_else(ada: Scope) -> None:
    made = await make_key(ada)
    async with transaction(SYSTEM) as session:
        row = (await (await session.connection()).execute(sa.text("SELECT * FROM api_keys"))).mappings().one()
    assert row["hashed_key"] == hashlib.sha256(made.key.encode()).digest()
    secret = made.key.rpartition("_")[2]
    assert [name for name, value in row.items() if secret in repr(value)] == []
    assert secret not in repr(made)
    assert made.key.startswith(made.card.prefix)


async def test_a_key_is_compared_in_constant_time(ada: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await make_key(ada)
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return one == other

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert key_material.hmac is hmac
    await accounts.scope_for_api_key(made.key)
    with pytest.raises(InvalidKey):
        await accounts.scope_for_api_key(f"{made.card.prefix}_{'x' * 40}")
    with pytest.raises(InvalidKey):  # one that nobody has is compared, too
        await accounts.scope_for_api_key(f"myapp_{'y' * 8}_{'x' * 40}")
    assert len(compared) == 3


@pytest.mark.parametrize("key", ["", "myapp_", "x", "myapp_12345678", "\0", "myapp_1234567é_" + "x" * 40, "é" * 5000])
async def test_what_is_no_key_is_nobodys(ada: Scope, key: str) -> None:
    with pytest.raises(InvalidKey):
        await accounts.scope_for_api_key(key)


async def test_a_key_stands_for_its_person_within_what_it_is_good_for() -> None:
    organization = await make_organization(Visibility.PRIVATE)
    owner = await make_member(organization, Role.OWNER)
    reads, writes, manages = [
        await accounts.scope_for_api_key((await make_key(owner, *scopes)).key, organization.slug)
        for scopes in (["read"], ["write"], ["write", "manage"])
    ]
    assert [(each.user_id, each.org_id) for each in (reads, writes, manages)] == [(owner.user_id, organization.id)] * 3
    assert [each.role for each in (reads, writes, manages)] == [Role.MEMBER, Role.MEMBER, Role.OWNER]
    assert [each.may_write for each in (reads, writes, manages)] == [False, True, True]
    assert {each.session_id for each in (reads, writes, manages)} == {None}


async def test_a_reading_key_writes_nothing_and_a_writing_one_does(organization: Organization, ada: Scope) -> None:
    reads, writes = [
        await accounts.scope_for_api_key((await make_key(ada, each)).key, organization.slug)
        for each in ("read", "write")
    ]
    post = {"title": "By a program", "body": "Ten letters and more."}
    with pytest.raises(Forbidden):
        await blog.create_post(reads, post)
    assert (await blog.create_post(writes, post)).author_id == ada.user_id


async def test_without_the_right_to_manage_an_admin_leaves_others_posts_alone(organization: Organization) -> None:
    admin, author = await make_member(organization, Role.ADMIN), await make_member(organization)
    post = await make_post(author)
    limited, leading = [
        await accounts.scope_for_api_key((await make_key(admin, *each)).key, organization.slug)
        for each in (["write"], ["write", "manage"])
    ]
    with pytest.raises(Forbidden):
        await blog.delete_post(limited, post.id)
    await blog.delete_post(leading, post.id)


async def test_an_operators_key_is_no_operator_unless_it_manages() -> None:
    private = await make_organization(Visibility.PRIVATE)
    operator = Scope((await make_user(is_operator=True)).id, is_operator=True)
    with pytest.raises(NotFound):
        await accounts.scope_for_api_key((await make_key(operator, "write")).key, private.slug)
    leading = await accounts.scope_for_api_key((await make_key(operator, "manage")).key, private.slug)
    assert leading.is_operator
    assert not leading.may_write


async def test_a_key_is_made_only_by_who_has_just_shown_who_they_are(ada: Scope) -> None:
    attrs = {"name": "A program", "scopes": ["read"]}
    with pytest.raises(SudoRequired):
        await accounts.create_api_key(ada, attrs)  # no session at all
    stale = await logged_in(ada)
    async with transaction(SYSTEM) as session:
        await (await session.connection()).execute(sa.text("UPDATE sessions SET sudo_at = now() - interval '21 min'"))
    with pytest.raises(SudoRequired):
        await accounts.create_api_key(stale, attrs)
    with pytest.raises(Unauthenticated):
        await accounts.create_api_key(Scope.anonymous(), attrs)


async def test_a_key_makes_sees_and_revokes_no_keys(ada: Scope) -> None:
    made = await make_key(ada, "write", "manage")
    by_key = await accounts.scope_for_api_key(made.key)
    for refused in (
        accounts.create_api_key(by_key, {"name": "Another", "scopes": ["write"]}),
        accounts.list_api_keys(by_key),
        accounts.delete_api_key(by_key, made.card.id),
        accounts.list_programs(by_key),
    ):
        with pytest.raises(Forbidden):
            await refused


async def test_nobody_sees_or_revokes_anothers_keys(ada: Scope, mei: Scope) -> None:
    made = await make_key(ada)
    assert await accounts.list_api_keys(mei) == []
    for stranger in (mei, Scope(mei.user_id, is_operator=True)):
        with pytest.raises(NotFound):
            await accounts.delete_api_key(stranger, made.card.id)
    assert [card.id for card in await accounts.list_api_keys(ada)] == [made.card.id]


async def test_a_revoked_key_is_over_at_once_and_its_sockets_are_closed(ada: Scope, hub: PubSub) -> None:
    closed: list[object] = []
    hub.subscribe("channels:disconnect", lambda _topic, event: closed.append(event))
    made, other = await make_key(ada), await make_key(ada)
    await accounts.delete_api_key(ada, made.card.id)
    with pytest.raises(InvalidKey):
        await accounts.scope_for_api_key(made.key)
    assert closed == [Disconnect(f"api-key:{made.card.id}")]
    assert [card.id for card in await accounts.list_api_keys(ada)] == [other.card.id]
    with pytest.raises(NotFound):
        await accounts.delete_api_key(ada, made.card.id)
    assert await accounts.list_ended_api_keys(SYSTEM, [made.card.id, other.card.id]) == {made.card.id}


async def test_a_key_whose_time_is_over_is_worth_nothing(ada: Scope, hub: PubSub) -> None:
    closed: list[object] = []
    hub.subscribe("channels:disconnect", lambda _topic, event: closed.append(event))
    made = await make_key(ada, expires_at=(now() + timedelta(days=1)).isoformat())
    await accounts.scope_for_api_key(made.key)
    await accounts.close_expired_api_keys(SYSTEM)
    assert closed == []
    async with transaction(SYSTEM) as session:
        await (await session.connection()).execute(sa.text("UPDATE api_keys SET expires_at = now()"))
    with pytest.raises(InvalidKey):
        await accounts.scope_for_api_key(made.key)
    await accounts.close_expired_api_keys(SYSTEM)
    assert closed == [Disconnect(f"api-key:{made.card.id}")]
    assert [card.is_expired for card in await accounts.list_api_keys(ada)] == [True]


@pytest.mark.parametrize("column", ["deactivated_at", "anonymised_at"])
async def test_the_key_of_somebody_who_is_kept_out_is_worth_nothing(ada: Scope, column: str) -> None:
    made = await make_key(ada)
    async with transaction(SYSTEM) as session:
        await (await session.connection()).execute(sa.text(f"UPDATE users SET {column} = now()"))  # noqa: S608
    with pytest.raises(InvalidKey):
        await accounts.scope_for_api_key(made.key)


async def test_when_a_key_was_used_is_known_to_some_minutes(ada: Scope) -> None:
    made = await make_key(ada)
    assert (await row_of(made.card.id)).last_used_at is None
    await accounts.scope_for_api_key(made.key)
    used = (await row_of(made.card.id)).last_used_at
    assert used is not None
    await accounts.scope_for_api_key(made.key)
    assert (await row_of(made.card.id)).last_used_at == used


@pytest.mark.parametrize(
    ("attrs", "errors"),
    [
        ({}, {"name": ["can't be blank"], "scopes": ["can't be blank"]}),
        ({"name": " ", "scopes": []}, {"name": ["can't be blank"], "scopes": ["can't be blank"]}),
        ({"name": "x" * 101, "scopes": ["read"]}, {"name": ["should be at most 100 character(s)"]}),
        ({"name": "x", "scopes": ["read", "root"]}, {"scopes": ["has an invalid entry"]}),
        ({"name": "x", "scopes": ["read"], "expires_at": "2020-01-01"}, {"expires_at": ["must be in the future"]}),
        ({"name": "x", "scopes": ["read"], "expires_at": "soon"}, {"expires_at": ["is invalid"]}),
    ],
)
async def test_a_key_has_a_name_and_says_what_it_is_good_for(
    ada: Scope, attrs: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    with pytest.raises(Invalid) as refused:
        await accounts.create_api_key(await logged_in(ada), attrs)
    assert refused.value.errors == errors


async def test_nobody_chooses_the_owner_the_hash_or_the_past_of_a_key(ada: Scope, mei: Scope) -> None:
    attrs = {"user_id": str(mei.user_id), "hashed_key": "x", "prefix": "x", "id": str(new_id()), "last_used_at": "2020"}
    made = await make_key(ada, **attrs)
    row = await row_of(made.card.id)
    assert row.user_id == ada.user_id
    assert row.prefix == made.card.prefix != "x"
    assert row.last_used_at is None
    assert row.scopes == [Grant.READ]


async def test_a_person_has_25_keys_at_most(ada: Scope) -> None:
    assert ada.user_id is not None
    async with transaction(SYSTEM) as session:
        for number in range(25):
            session.add(ApiKey(user_id=ada.user_id, name="k", prefix=f"p{number}", hashed_key=b"", scopes=["read"]))
    with pytest.raises(TooManyKeys):
        await make_key(ada)


async def test_every_deed_is_in_the_audit_without_the_key(ada: Scope) -> None:
    made = await make_key(ada)
    await accounts.delete_api_key(ada, made.card.id)
    async with transaction(SYSTEM) as session:
        rows = (await session.exec(select(AuditLog).order_by(col(AuditLog.id)))).all()
    deeds = [row for row in rows if row.action.startswith("accounts.api_key.")]
    assert [row.action for row in deeds] == ["accounts.api_key.created", "accounts.api_key.revoked"]
    assert made.key.rpartition("_")[2] not in repr(rows)


async def test_who_is_kept_out_is_cut_off_from_what_programs_have_open(ada: Scope, hub: PubSub) -> None:
    assert ada.user_id is not None
    made, tokens = await make_key(ada), await accounts.create_token_family(ada, accounts.Device())
    closed: list[object] = []
    hub.subscribe("channels:disconnect", lambda _topic, event: closed.append(event))
    operator = Scope((await make_user(is_operator=True)).id, is_operator=True)
    await accounts.deactivate_user(operator, ada.user_id)
    assert Disconnect(f"api-key:{made.card.id}") in closed
    assert Disconnect(f"token-family:{tokens.family_id}") in closed
    await accounts.reactivate_user(operator, ada.user_id)
    assert (await accounts.scope_for_api_key(made.key)).user_id == ada.user_id  # keys are the person's own to revoke
    with pytest.raises(Unauthenticated):
        await accounts.scope_for_program(tokens.family_id)


async def test_a_new_password_logs_programs_out_and_leaves_keys(ada: Scope) -> None:
    made, tokens = await make_key(ada), await accounts.create_token_family(ada, accounts.Device())
    words = {"password": "Low-water-at-4", "password_confirmation": "Low-water-at-4"}
    await accounts.change_password(await logged_in(Scope(ada.user_id)), words)
    with pytest.raises(Unauthenticated):
        await accounts.scope_for_program(tokens.family_id)
    assert (await accounts.scope_for_api_key(made.key)).user_id == ada.user_id
