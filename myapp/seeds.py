"""The demonstration: three organisations, eight people, forty posts, some talk, so that a first start shows something.

    await seeds.load()      # True if the database was empty and is not any more

It writes through the front doors of the rooms, in one transaction: a start that is interrupted leaves nothing, and the
next one tries again. Dates are counted back from now, so that a demonstration is never old. The texts are Markdown
files in `demonstration/`, a folder for each organisation; what is said in its rooms is in `chat.yaml` there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import yaml
from sqlmodel import select

from myapp import accounts, blog, chat
from myapp.accounts import Organization, Visibility
from myapp.kit import repo
from myapp.kit.clock import now
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope

FOLDER = Path(__file__).with_name("demonstration")
SYSTEM = Scope.system("demonstration")

PEOPLE = {
    "ada": "Ada Okafor",
    "jonas": "Jonas Lindqvist",
    "mei": "Mei Tanaka",
    "yusuf": "Yusuf Haddad",
    "clara": "Clara Whitfield",
    "tomas": "Tomás Rivera",
    "priya": "Priya Raman",
    "sam": "Sam Doyle",
}

PASSWORD = "Demonstration1"  # noqa: S105 - everybody's, as README.md says; the demonstration is for development only


@dataclass(frozen=True, slots=True)
class _Place:
    """An organisation of the demonstration; its posts are in the folder called as its slug."""

    slug: str
    name: str
    visibility: Visibility
    members: dict[str, Role]


PLACES = (
    _Place(
        "demo", "The Common Room", Visibility.PUBLIC,
        {
            "ada": Role.OWNER, "jonas": Role.ADMIN, "mei": Role.MODERATOR, "yusuf": Role.MEMBER,
            "tomas": Role.MEMBER, "priya": Role.MEMBER, "sam": Role.MEMBER, "clara": Role.MEMBER,
        },
    ),
    _Place(
        "tidewater", "Tidewater Field Notes", Visibility.PUBLIC,
        {
            "clara": Role.OWNER, "sam": Role.MODERATOR, "tomas": Role.MEMBER, "jonas": Role.MEMBER,
            "yusuf": Role.MEMBER, "mei": Role.MEMBER,
        },
    ),
    _Place(
        "workshop", "The Workshop", Visibility.PRIVATE,
        {"priya": Role.OWNER, "sam": Role.ADMIN, "jonas": Role.MEMBER},
    ),
)  # fmt: skip


async def load() -> bool:
    """Write the demonstration into an empty database; False, and nothing done, if there is an organisation already."""
    with repeats_allowed():
        async with transaction(SYSTEM) as session, repo.advisory_lock("demonstration"):
            if (await session.exec(select(Organization.id).limit(1))).first() is not None:
                return False
            people = {username: await _create_person(username, name) for username, name in PEOPLE.items()}
            for place in PLACES:
                await _fill(place, people)
            connection = await session.connection()
            await connection.execute(_LIVED_IN)
            await connection.execute(_TALKED)
    return True


async def _create_person(username: str, name: str) -> UUID:
    attrs = {"username": username, "name": name, "email": f"{username}@{accounts.DEMO_DOMAIN}"}
    attrs |= {"password": PASSWORD, "password_confirmation": PASSWORD}
    return (await accounts.create_user(SYSTEM, attrs)).id


async def _fill(place: _Place, people: dict[str, UUID]) -> None:
    attrs = {"name": place.name, "slug": place.slug, "visibility": place.visibility}
    organization = await accounts.create_organization(SYSTEM, attrs)
    scopes: dict[str, Scope] = {}
    for username, role in place.members.items():
        await accounts.create_membership(SYSTEM, organization.id, people[username], role)
        scopes[username] = Scope(people[username], organization.id, role)
    system = Scope.system(SYSTEM.reason, organization.id)
    # The oldest first, so that ids sort as dates do.
    for file in sorted((FOLDER / place.slug).glob("*.md"), reverse=True):
        head, body = _read(file)
        post = await blog.create_post(scopes[head["author"]], _post_attrs(head, body, now()))
        if head.get("featured"):
            await blog.feature_post(system, post.id, on=True)
        for comment in head.get("comments", ()):
            await _comment(scopes, post.id, comment)
    for room in yaml.safe_load((FOLDER / place.slug / "chat.yaml").read_text(encoding="utf-8")):
        await _talk(system, scopes, room)


async def _talk(system: Scope, scopes: dict[str, Scope], room: dict[str, Any]) -> None:
    """A room is its attributes, its `members` where it is private, and `messages`: a list of `{author: words}`."""
    attrs = {name: room[name] for name in ("name", "purpose", "visibility") if name in room}
    created = await chat.create_room(system, attrs)
    for username in room.get("members", ()):
        await chat.add_member(system, created.id, _person(scopes[username]))
    for message in room["messages"]:
        ((username, words),) = message.items()
        await chat.create_message(scopes[username], created.id, {"body": words})


def _person(scope: Scope) -> UUID:
    if scope.user_id is None:
        raise ValueError("people of the demonstration have an id")
    return scope.user_id


def _read(file: Path) -> tuple[dict[str, Any], str]:
    """A file's YAML head and the Markdown below it."""
    _, head, body = re.split(r"^---$", file.read_text(encoding="utf-8"), maxsplit=2, flags=re.MULTILINE)
    return yaml.safe_load(head), body.strip() + "\n"


def _post_attrs(head: dict[str, Any], body: str, moment: datetime) -> dict[str, object]:
    attrs: dict[str, object] = {name: head[name] for name in ("title", "excerpt", "tags", "meta") if name in head}
    attrs["body"] = body
    if "days_ago" in head:
        return attrs | {"status": "published", "published_at": moment - timedelta(days=head["days_ago"], hours=3)}
    if "in_days" in head:
        return attrs | {"status": "scheduled", "published_at": moment + timedelta(days=head["in_days"])}
    return attrs


async def _comment(scopes: dict[str, Scope], post_id: UUID, comment: dict[str, Any]) -> None:
    """A comment is `{author: words, replies: [{author: words}]}`."""
    replies = comment.pop("replies", [])
    ((username, words),) = comment.items()
    written = await blog.create_comment(scopes[username], post_id, {"body": words})
    for reply in replies:
        ((username, words),) = reply.items()
        await blog.create_comment(scopes[username], post_id, {"body": words}, parent_id=written.id)


# Readers, likes, and comments some hours apart: what no form may write, and what makes a place look lived in.
_LIVED_IN = sa.text("""
WITH placed AS (
    SELECT comments.id, posts.published_at + interval '5 hours' * row_number() OVER (PARTITION BY post_id
        ORDER BY comments.id) AS at
    FROM comments JOIN posts ON posts.id = post_id
), talked AS (
    UPDATE comments SET inserted_at = least(placed.at, now()), updated_at = least(placed.at, now()),
        like_count = abs(hashtext(body)) % 12
    FROM placed WHERE placed.id = comments.id
)
UPDATE posts SET inserted_at = least(published_at, inserted_at), updated_at = least(published_at, updated_at),
    view_count = 20 + abs(hashtext(title)) % 900
WHERE status = 'published'
""")

# Talk some minutes apart, and after every eighth message a night.
_TALKED = sa.text("""
WITH placed AS (
    SELECT chat_messages.id, now() - interval '1 minute' * (ago * 4 + abs(hashtext(body)) % 3 + ago / 8 * 840) AS at
    FROM chat_messages JOIN chat_rooms ON chat_rooms.id = room_id CROSS JOIN LATERAL (SELECT last_seq - seq + 2) t(ago)
)
UPDATE chat_messages SET inserted_at = placed.at, updated_at = placed.at FROM placed WHERE placed.id = chat_messages.id
""")
