"""What notifications are about, read where it is and with the person's own rights, at the moment it is shown.

Nothing of it is kept with the notification: what was deleted or hidden, and what the person may no longer read, is
simply not there, and the notification is not shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from myapp import blog, chat
from myapp.blog import PostFilters
from myapp.kit import routes
from myapp.kit.mentions import mentioned_in
from myapp.kit.query_log import repeats_allowed
from myapp.kit.scope import Role, Scope
from myapp.kit.selects import Values
from myapp.notifications.cards import NotificationCard, excerpt_of
from myapp.notifications.schemas import Kind

_IMPORTS = {Kind.IMPORT_DONE, Kind.IMPORT_FAILED}
_EXPORTS = {Kind.EXPORT_DONE, Kind.EXPORT_FAILED}
_NO_COMMENTS = {Kind.CHAT_MENTION, *_IMPORTS, *_EXPORTS}


@dataclass(frozen=True, slots=True)
class _Subject:
    place_name: str
    excerpt: str
    path: str


async def with_subjects(person: Scope, rows: Iterable[Values]) -> list[NotificationCard]:
    """The cards of those of these rows whose subject the person may see, in their order. Where the person acts by a
    key, that is what the key is good for.

    It takes at most three queries for each organisation, whatever the number of rows.
    """
    rows = list(rows)
    by_org: dict[UUID, list[Values]] = defaultdict(list)
    for row in rows:
        by_org[row["org_id"]].append(row)
    subjects: dict[UUID, _Subject] = {}
    with repeats_allowed():  # of as many organisations as somebody is told from
        for org_id, own in by_org.items():
            role = own[0]["role"]
            scope = Scope(person.user_id, org_id, Role(role) if role else None)
            if person.grants is not None:
                scope = scope.limited_to(person.grants)
            subjects |= await _messages(scope, own) | await _comments(scope, own)
            subjects |= _imports(scope, own) | _exports(scope, own)
    return [_card(row, subjects[row["subject_id"]]) for row in rows if row["subject_id"] in subjects]


async def _messages(scope: Scope, rows: list[Values]) -> dict[UUID, _Subject]:
    wanted = {row["subject_id"]: row["org_slug"] for row in rows if row["kind"] == Kind.CHAT_MENTION}
    found = await chat.fetch_messages(scope, wanted.keys()) if wanted else []
    return {
        each.id: _Subject(each.room_name, excerpt_of(each.body_html), routes.room(wanted[each.id], each.room_slug))
        for each in found
        if scope.user_id in each.mentions  # the words may be others by now
    }


async def _comments(scope: Scope, rows: list[Values]) -> dict[UUID, _Subject]:
    wanted = {row["subject_id"]: row["org_slug"] for row in rows if row["kind"] not in _NO_COMMENTS}
    if not wanted:
        return {}
    naming = {row["subject_id"] for row in rows if row["kind"] == Kind.COMMENT_MENTION}
    comments = [
        each
        for each in await blog.fetch_conversation(scope, wanted.keys())
        if each.body and (each.id not in naming or scope.user_id in mentioned_in(each.body_html))
    ]
    posts = await blog.fetch_cards(scope, {each.post_id for each in comments}, PostFilters(status=None))
    by_id = {post.id: post for post in posts}
    return {
        each.id: _Subject(
            by_id[each.post_id].title,
            excerpt_of(each.body_html),
            routes.comment(wanted[each.id], by_id[each.post_id].slug, str(each.id)),
        )
        for each in comments
        if each.post_id in by_id
    }


def _imports(scope: Scope, rows: list[Values]) -> dict[UUID, _Subject]:
    if not blog.can(scope, "import"):
        return {}
    return {
        row["subject_id"]: _Subject(row["details"].get("filename", ""), "", routes.import_posts(row["org_slug"]))
        for row in rows
        if row["kind"] in _IMPORTS
    }


def _exports(scope: Scope, rows: list[Values]) -> dict[UUID, _Subject]:
    """Those that are forgotten have taken their notifications along."""
    if not blog.can(scope, "export"):
        return {}
    return {
        row["subject_id"]: _Subject(row["org_name"], "", routes.import_posts(row["org_slug"]))
        for row in rows
        if row["kind"] in _EXPORTS
    }


def _card(row: Values, subject: _Subject) -> NotificationCard:
    return NotificationCard(
        id=row["id"],
        org_id=row["org_id"],
        org_slug=row["org_slug"],
        org_name=row["org_name"],
        kind=Kind(row["kind"]),
        actor_name=row["actor_name"],
        place_id=row["place_id"],
        place_name=subject.place_name,
        excerpt=subject.excerpt,
        path=subject.path,
        inserted_at=row["inserted_at"],
        is_read=row["is_read"],
    )
