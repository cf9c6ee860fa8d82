"""The comments under a post as a stream, in the order in which they are read.

`stream:comments:<post>` is what everybody may read, `stream:comments:<post>:<audience>` what an organisation's members
or moderators may, who see what is hidden, or the author of a draft: the audiences of `web/blog/streams.py`.

    create {body, tags, parent_id, client_id}    answered with {id}; with the same id, if sent again under a client_id
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from myapp import accounts, blog
from myapp.accounts import Principal
from myapp.blog import CommentCard
from myapp.kit.channels import Payload, Refused
from myapp.kit.errors import NotFound
from myapp.kit.pagination import cursor_at
from myapp.kit.scope import Role, Scope
from myapp.kit.streams import ALL, All, Key, Page, Row, sort_value
from myapp.web.blog.audience import audience_of, place_of_post
from myapp.web.blog.portraits import ShowsAuthors
from myapp.web.blog.post.comment_rows import comment_row
from myapp.web.ids import as_id

PAGE = 50
COMMENTS = "stream:comments"
_ORDER = "thread_at asc,thread_id asc,depth asc,inserted_at asc,id asc"


@dataclass(frozen=True)
class Conversation(ShowsAuthors):
    """What an audience may read under a post."""

    audience: Scope
    org_id: UUID
    post_id: UUID

    @property
    def topics(self) -> Collection[str]:
        return [blog.topic_comments(self.post_id), blog.topic_posts(self.org_id), accounts.FACES]

    def touched(self, event: object) -> Collection[str] | All:
        match event:
            case blog.CommentEvent():
                # The place of a hidden or deleted comment is there as long as its replies are.
                return [str(each) for each in (event.comment_id, event.parent_id) if each]
            case blog.PostPublished() | blog.PostUnpublished() | blog.PostDeleted() if event.post_id == self.post_id:
                return ALL
            case blog.PostsImported():
                return ALL
            case _:
                return ()

    async def load(self, ids: Collection[str]) -> Sequence[Row]:
        return [_row(card) for card in await blog.fetch_conversation(self.audience, [UUID(each) for each in ids])]

    async def page(self, *, after: Key | None = None, before: Key | None = None) -> Page:
        page = await blog.list_conversation(
            self.audience,
            self.post_id,
            after=cursor_at(_ORDER, after),
            before=cursor_at(_ORDER, before),
            limit=PAGE,
        )
        return Page.of(page, _row, before=before)

    async def handle(self, event: str, payload: Mapping[str, Any], who: Principal) -> Payload:
        """Comment as the person who sends it, whatever the audience of the topic."""
        if event != "create":
            raise Refused("unknown event")
        scope = await accounts.scope_for(who, org_id=self.org_id)
        attrs = {name: payload[name] for name in ("body", "tags") if isinstance(payload.get(name), str)}
        parent_id = as_id(payload["parent_id"]) if payload.get("parent_id") else None
        client_id = as_id(payload.get("client_id"))
        comment = await blog.create_comment(scope, self.post_id, attrs, parent_id=parent_id, client_id=client_id)
        return {"id": str(comment.id)}


def _row(card: CommentCard) -> Row:
    path = (card.thread_at, card.parent_id or card.id, int(card.parent_id is not None), card.inserted_at)
    version = int(card.updated_at.timestamp() * 1_000_000)
    return {**comment_row(card), "sort": [sort_value(each) for each in path], "version": version}


def conversation_topic(scope: Scope, post_id: UUID, *, is_published: bool) -> str:
    """What a page of this reader follows: the topic that most others follow, too."""
    topic = f"{COMMENTS}:{post_id}"
    if not scope.at_least(Role.MEMBER):
        return topic
    return f"{topic}:{'moderators' if scope.at_least(Role.MODERATOR) else 'members' if is_published else scope.user_id}"


async def open_comments(who: Principal, arguments: Sequence[str], query: str) -> Conversation:
    """See `Open`: a post that the audience may read, which the person is part of."""
    if not 0 < len(arguments) < 3 or query:
        raise Refused("unmatched topic")
    post, scope = await place_of_post(who, arguments[0])
    audience = audience_of(scope, *arguments[1:])
    if await blog.fetch_card(audience, post.id) is None:
        raise NotFound
    return Conversation(audience, post.org_id, post.id)
