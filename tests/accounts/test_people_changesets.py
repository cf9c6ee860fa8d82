"""What people may say of themselves, and what they may not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp.accounts import Address, Profile, User
from myapp.accounts.schemas.changesets import profile_changeset, registration_changeset
from myapp.kit import repo
from myapp.kit.changeset import new
from myapp.kit.repo import transaction
from tests.factories import SYSTEM
from tests.factories.accounts import make_user

REGISTERS = {
    "email": "ada@example.com", "username": "ada", "name": "Ada Okafor",
    "password": "Correct horse 1", "password_confirmation": "Correct horse 1",
}  # fmt: skip
LIVES = {"street": "1 Main St", "city": "Portland", "state": "OR", "zip": "97201"}


def complaints(**changed: object) -> dict[str, list[str]]:
    return registration_changeset(User(), {**REGISTERS, **changed}).error_messages()


def password_complaints(password: object) -> dict[str, list[str]]:
    return complaints(password=password, password_confirmation=password)


def test_nothing_is_complained_about_a_good_registration() -> None:
    assert complaints() == {}


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("email", "", "can't be blank"),
        ("email", "ada", "has invalid format"),
        ("email", "ada @example.com", "has invalid format"),
        ("email", "a" * 149 + "@example.com", "should be at most 160 character(s)"),
        ("username", "al", "should be at least 3 character(s)"),
        ("username", "a" * 31, "should be at most 30 character(s)"),
        ("username", "ada lovelace", "has invalid format"),
        ("name", "A", "should be at least 2 character(s)"),
        ("name", "A" * 101, "should be at most 100 character(s)"),
    ],
)
def test_who_registers_is_told_what_is_wrong(field: str, value: str, complaint: str) -> None:
    assert complaints(**{field: value}) == {field: [complaint]}


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("Short 1", "should be at least 8 character(s)"),
        ("Aa1" + "x" * 126, "should be at most 128 character(s)"),
        ("NO LOWER 1", "must have a lower-case letter"),
        ("no upper 1", "must have an upper-case letter"),
        ("No digit at all", "must have a digit"),
    ],
)
def test_a_password_is_long_and_mixed(password: str, complaint: str) -> None:
    assert password_complaints(password) == {"password": [complaint]}


@pytest.mark.parametrize("password", ["", " " * 12, None])
def test_there_is_no_empty_password(password: object) -> None:
    assert "can't be blank" in password_complaints(password)["password"]


def test_a_password_is_not_trimmed_and_may_be_as_long_as_128_characters() -> None:
    assert password_complaints("Aa1" + "é" * 125) == {}
    changeset = registration_changeset(User(), {**REGISTERS, "password": " Aa1 xxxx "})
    assert changeset.get_change("password") == " Aa1 xxxx "


@pytest.mark.parametrize("again", ["Correct horse 2", "", None])
def test_a_password_is_typed_twice_alike(again: object) -> None:
    assert complaints(password_confirmation=again) == {"password_confirmation": ["does not match password"]}


def test_what_a_registration_does_not_name_is_not_taken() -> None:
    sent = {**REGISTERS, "is_operator": True, "confirmed_at": "2026-01-01T00:00:00Z", "hashed_password": "x", "id": "x"}
    assert registration_changeset(User(), sent).changes.keys() == {"email", "username", "name", "password"}


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        ({"age": 12}, {"age": ["must be greater than or equal to 13"]}),
        ({"age": 121}, {"age": ["must be less than or equal to 120"]}),
        ({"age": "old"}, {"age": ["is invalid"]}),
        ({"bio": "x" * 501}, {"bio": ["should be at most 500 character(s)"]}),
        ({"address": {**LIVES, "zip": "9720"}}, {"address.zip": ["has invalid format"]}),
        ({"address": {**LIVES, "zip": "97201-1234"}}, {}),
        ({"address": {**LIVES, "zip": "SW1A 1AA", "country": "GB"}}, {}),
        (
            {"address": {"street": "1 Main St", "city": "Portland", "zip": "97201"}},
            {"address.state": ["can't be blank"]},
        ),
        ({"avatar_key": "somebody/else.png", "user_id": "x"}, {}),
    ],
)
def test_a_profile_has_its_bounds(sent: Mapping[str, object], complaint: dict[str, list[str]]) -> None:
    changeset = profile_changeset(new(Profile), sent)
    assert changeset.error_messages() == complaint
    assert changeset.changes.keys() <= {"bio", "age", "address"}


async def test_a_profile_is_kept_with_its_address(db: AsyncConnection) -> None:
    user = await make_user()
    sent = {"bio": "Writes.", "age": "44", "address": LIVES}
    async with transaction(SYSTEM) as session:
        profile = await repo.insert(profile_changeset(new(Profile, user_id=user.id), sent))
        await session.refresh(profile)
    assert (profile.bio, profile.age) == ("Writes.", 44)
    assert profile.address == Address(**LIVES, country="US")
