"""What people may ask for themselves: everything that is theirs, and to be gone."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
import sqlalchemy as sa

from myapp import accounts, blog, chat, notifications, personal_data
from myapp.accounts import Device, InvalidKey, InvalidToken, Organization, OwnsAlone, SudoRequired, Visibility
from myapp.accounts.leaving import WHO_LEFT
from myapp.accounts.schemas import Invitation
from myapp.kit import audit, mailer, schema
from myapp.kit.channels.broadcasts import Disconnect
from myapp.kit.clock import now
from myapp.kit.errors import Forbidden, Invalid, Unauthenticated
from myapp.kit.mailer import Mail
from myapp.kit.pubsub import PubSub
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import transaction
from myapp.kit.scope import Grant, Role, Scope
from tests.factories.accounts import make_member, make_organization, make_session
from tests.factories.blog import make_comment, make_post
from tests.factories.chat import make_message, make_room

SYSTEM = Scope.system("a test")
NAME, USERNAME, EMAIL = "Zephyrine Quillfeather", "zephyrine", "zephyrine@quillfeather.example"
GONE = ("sessions", "api_keys", "token_families", "user_tokens", "profiles", "user_settings", "memberships")

pytestmark = pytest.mark.usefixtures("db")


@dataclass
class Life:
    """A person who has done something everywhere."""

    here: Scope  # in the organisation, in a session that has just begun
    other: Scope
    post: blog.Post
    others_post: blog.Post
    comment: blog.Comment
    message_id: UUID
    key: str
    refresh_token: str

    @property
    def user_id(self) -> UUID:
        assert self.here.user_id is not None
        return self.here.user_id


@pytest.fixture
async def life() -> Life:
    here, elsewhere = await make_organization(Visibility.PRIVATE), await make_organization()
    other = await make_member(here, Role.OWNER, name="Mei")
    user = await accounts.create_user(SYSTEM, {"email": EMAIL, "username": USERNAME, "name": NAME})
    for place, role in ((here, Role.ADMIN), (elsewhere, Role.MEMBER)):
        await accounts.create_membership(SYSTEM, place.id, user.id, role)
    scope = await accounts.scope_for_session(await make_session(user.id), here.slug)
    home = {"street": "1 Quay", "city": "Tidewater", "state": "ME", "zip": "04101", "country": "US"}
    fields = {f"address.{name}": value for name, value in home.items()}
    await accounts.update_profile(scope, {"bio": f"{NAME} counts tides.", "age": "36", **fields})
    await accounts.update_settings(scope, {"wants_mail": False})
    made = await accounts.create_api_key(scope, {"name": "Backup", "scopes": ["read"]})
    tokens = await accounts.create_token_family(scope, Device("192.0.2.9", f"Client of {USERNAME}"))
    post, others_post = await make_post(scope, title="Tides"), await make_post(other, title="Gulls")
    await make_post(await accounts.scope_for(user.id, elsewhere.slug), title="Elsewhere")
    comment = await make_comment(scope, others_post, "Gulls again.")
    await make_comment(other, post, "Well counted.")
    message = await make_message(scope, await make_room(other), "Low water at four.")
    await accounts.record_activity(scope, user.id, "post.received", "post", post.id, {"title": "Tides"})
    invitation = Invitation(
        org_id=elsewhere.id, email=EMAIL.upper(), hashed_token=b"x" * 32, sent_at=now(), expires_at=now()
    )
    async with transaction(Scope.system("a test", elsewhere.id)) as session:
        session.add(invitation)
    async with transaction(SYSTEM):
        await mailer.enqueue(Mail(EMAIL, "Hello", f"Dear {NAME}", "", "a.kind", "en"))
        await mailer.enqueue(Mail("mei@example.com", f"{NAME} answered you", f"{NAME}: …", "", "a.kind", "en"))
        await audit.record(SYSTEM, "a.deed", "thing", "1", after={"to": [f"{NAME} <{EMAIL}>"]})
        await audit.record(Scope(user.id), "a.deed", "user", user.id, before={"name": NAME}, ip="192.0.2.9")
    return Life(scope, other, post, others_post, comment, message.id, made.key, tokens.refresh_token)


async def downloaded(scope: Scope) -> dict[str, list[dict[str, Any]]]:
    content = b"".join([piece async for piece in personal_data.download(scope)])
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


async def everywhere(*words: str) -> list[str]:
    """The tables that hold one of these words in any row, whatever the column."""
    found: list[str] = []
    async with transaction(SYSTEM) as session:
        connection = await session.connection()
        with repeats_allowed():
            for table in schema.metadata.tables.values():
                for word in words:
                    holds = sa.text(f"SELECT count(*) FROM {table.name} t WHERE t::text ILIKE :word")  # noqa: S608
                    if (await connection.execute(holds, {"word": f"%{word}%"})).scalar_one():
                        found.append(f"{table.name}: {word}")
    return found


async def test_one_gets_what_is_ones_own_from_every_room(life: Life) -> None:
    files = await downloaded(life.here)
    assert files["accounts/person.json"][0]["email"] == EMAIL
    assert files["accounts/profile.json"][0]["address"]["zip"] == "04101"
    assert [place["role"] for place in files["accounts/organizations.json"]] == ["admin", "member"]
    assert {post["title"] for post in files["blog/posts.json"]} == {"Tides", "Elsewhere"}
    assert [each["body"] for each in files["blog/comments.json"]] == ["Gulls again."]
    assert [each["body"] for each in files["chat/messages.json"]] == ["Low water at four."]
    assert files["blog/imports.json"] == []
    assert {name.split("/")[0] for name in files} == {"accounts", "blog", "chat", "notifications"}


async def test_what_is_others_and_what_proves_who_one_is_stays(life: Life) -> None:
    whole = json.dumps(await downloaded(life.here))
    for words in ("Well counted.", "Mei", 'Gulls"', "argon2", "hashed", life.key, life.refresh_token):
        assert words not in whole
    theirs = json.dumps(await downloaded(life.other))
    assert NAME not in theirs
    assert EMAIL not in theirs


async def test_a_file_of_many_rows_comes_in_parts_and_is_one_list(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("myapp.kit.own_data.BATCH", 2)
    room = await make_room(life.other)
    for number in range(5):
        await make_message(life.here, room, f"Number {number}")
    files = await downloaded(life.here)
    assert [each["body"] for each in files["chat/messages.json"]][1:] == [f"Number {number}" for number in range(5)]


@pytest.mark.parametrize("act", [accounts.own_data, blog.own_data, chat.own_data, notifications.own_data])
async def test_nobody_else_is_given_anything(life: Life, act: Any) -> None:
    for scope, refusal in (
        (Scope.anonymous(), Unauthenticated),
        (SYSTEM, Forbidden),
        (life.here.limited_to(frozenset(Grant)), Forbidden),
    ):
        with pytest.raises(refusal):
            await anext(act(scope))


async def test_who_left_is_nowhere_to_be_found(life: Life) -> None:
    assert len(await everywhere(NAME, EMAIL, USERNAME, "04101")) > 5
    await personal_data.delete_account(life.here, {"confirmation": USERNAME, "posts": "keep"})
    assert await everywhere(NAME, EMAIL, USERNAME, "04101", "192.0.2.9") == []


async def test_what_others_rely_on_stays_by_somebody_who_left(life: Life) -> None:
    await personal_data.delete_account(life.here, {"confirmation": USERNAME, "posts": "keep"})
    post = await blog.fetch_card(life.other, life.post.id)
    assert post is not None
    assert post.author_name == WHO_LEFT
    user = await accounts.get_user(SYSTEM, life.user_id)
    assert (user.name, user.is_operator, user.hashed_password) == (WHO_LEFT, False, None)
    assert user.anonymised_at is not None
    async with transaction(SYSTEM) as session:
        connection = await session.connection()
        kept = "SELECT (SELECT count(*) FROM comments WHERE author_id = :id), (SELECT count(*) FROM chat_messages"
        counts = await connection.execute(sa.text(f"{kept} WHERE user_id = :id)"), {"id": life.user_id})
        assert tuple(counts.one()) == (1, 1)


async def test_posts_go_where_the_person_wants_it_so(life: Life) -> None:
    await personal_data.delete_account(life.here, {"confirmation": USERNAME, "posts": "delete"})
    assert await blog.fetch_card(life.other, life.post.id) is None
    assert await blog.fetch_card(life.other, life.others_post.id) is not None
    async with transaction(SYSTEM) as session:
        posts = sa.text("SELECT count(*) FROM posts WHERE author_id = :id")
        assert (await (await session.connection()).execute(posts, {"id": life.user_id})).scalar_one() == 0


async def test_no_way_in_is_left(life: Life, hub: PubSub) -> None:
    closed: list[str] = []

    def note(_topic: str, event: object) -> None:
        assert isinstance(event, Disconnect)
        closed.append(event.id)

    hub.subscribe("channels:disconnect", note)
    await personal_data.delete_account(life.here, {"confirmation": f" {USERNAME.upper()} ", "posts": "keep"})
    with pytest.raises(InvalidKey):
        await accounts.scope_for_api_key(life.key)
    with pytest.raises(InvalidToken):
        await accounts.rotate_refresh_token(life.refresh_token)
    assert await accounts.scope_for_session(life.here.session_id) == Scope.anonymous()
    assert await accounts.scope_for(life.user_id) == Scope.anonymous()
    assert {each.partition(":")[0] for each in closed} == {
        "session",
        "api-key",
        "token-family",
    }
    async with transaction(SYSTEM) as session:
        connection = await session.connection()
        for table in (
            "sessions",
            "api_keys",
            "token_families",
            "user_tokens",
            "profiles",
            "user_settings",
            "memberships",
        ):
            left = sa.text(f"SELECT count(*) FROM {table} WHERE user_id = :id")  # noqa: S608
            assert (await connection.execute(left, {"id": life.user_id})).scalar_one() == 0


@pytest.mark.parametrize(
    ("attrs", "errors"),
    [
        ({}, {"confirmation": ["can't be blank"], "posts": ["can't be blank"]}),
        ({"confirmation": "somebody", "posts": "keep"}, {"confirmation": ["is not your username"]}),
        ({"confirmation": USERNAME, "posts": "burn"}, {"posts": ["is invalid"]}),
    ],
)
async def test_nobody_goes_by_accident(life: Life, attrs: dict[str, str], errors: dict[str, list[str]]) -> None:
    assert (await accounts.change_leaving(life.here, attrs)).error_messages() == errors
    with pytest.raises(Invalid):
        await personal_data.delete_account(life.here, attrs)
    assert (await accounts.get_profile(life.here)).name == NAME


async def test_only_who_has_just_shown_who_they_are_goes(life: Life) -> None:
    attrs = {"confirmation": USERNAME, "posts": "keep"}
    by_key = await accounts.scope_for_api_key(life.key)
    for scope in (Scope(life.user_id), by_key):
        with pytest.raises(SudoRequired):
            await personal_data.delete_account(scope, attrs)
    with pytest.raises(Forbidden):
        await accounts.anonymise_person(by_key)
    assert (await accounts.get_profile(life.here)).name == NAME


async def test_nobody_is_kept_from_going_by_who_has_taken_the_name_beforehand(life: Life) -> None:
    """Ids are no secret, and whoever goes gets a name of their own."""
    squatter = {"email": "eve@example.com", "username": f"left-{life.user_id.hex[-20:]}", "name": "Eve"}
    await accounts.create_user(SYSTEM, squatter)
    await personal_data.delete_account(life.here, {"confirmation": USERNAME, "posts": "keep"})


async def test_the_last_owner_hands_over_first(life: Life) -> None:
    attrs = {"confirmation": USERNAME, "posts": "delete"}
    owned = await make_organization()
    await accounts.create_membership(SYSTEM, owned.id, life.user_id, Role.OWNER)
    with pytest.raises(OwnsAlone, match=owned.name):
        await personal_data.delete_account(life.here, attrs)
    assert await blog.fetch_card(life.other, life.post.id) is not None  # nothing has happened
    heir = await make_member(owned)
    leader = await accounts.scope_for_session(life.here.session_id, owned.slug)
    await accounts.transfer_ownership(leader, owned.id, _id(heir))
    await personal_data.delete_account(life.here, attrs)
    assert await owners_of(owned) == [heir.user_id]


async def owners_of(organization: Organization) -> list[UUID]:
    owners = sa.text("SELECT user_id FROM memberships WHERE org_id = :id AND role = 'owner'")
    async with transaction(SYSTEM) as session:
        return list((await (await session.connection()).execute(owners, {"id": organization.id})).scalars())


def _id(scope: Scope) -> UUID:
    assert scope.user_id is not None
    return scope.user_id
