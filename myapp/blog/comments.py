"""Comments: two levels deep, written by members under what they can read, edited by their author alone.

A reply to a reply is filed under the first comment, so a thread stays readable on a phone. Deleting a comment that has
replies leaves its place, without words and name. A moderator hides and shows again; nobody rewrites another's words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from myapp import accounts
from myapp.blog import policy, queries
from myapp.blog.cards import CommentCard, to_comment
from myapp.blog.events import CommentCreated, CommentDeleted, CommentEvent, CommentUpdated, topic_comments
from myapp.blog.posts.reading import get_post_by_id
from myapp.blog.schemas import Comment, CommentKind, Post
from myapp.blog.schemas.changesets import comment_changeset
from myapp.blog.tags import set_comment_tags
from myapp.kit import audit, repo
from myapp.kit.changeset import Attrs, Changeset, change
from myapp.kit.clock import now
from myapp.kit.errors import Invalid, NotFound
from myapp.kit.markup import render_note
from myapp.kit.mentions import usernames_in, with_mentions
from myapp.kit.pagination import KeysetPage, keyset_page
from myapp.kit.pubsub import Callback, Subscription, broadcast, subscribe
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Role, Scope
from myapp.kit.selects import Values, fetch, named, pick

# By time and not by id alone: imported comments are older than their rows.
_BY_TIME = (col(Comment.inserted_at), col(Comment.id))


async def list_comments(
    scope: Scope, post_id: UUID, *, after: str | None = None, limit: int = 100
) -> KeysetPage[CommentCard]:
    """The threads under a post, oldest first, each with all its replies. Nothing under a post the scope can't read.

    What is hidden is left out; only where replies stand under it, its empty place is shown. Moderators read it all.
    """
    everything = scope.at_least(Role.MODERATOR)
    statement = queries.comment_cards(scope).where(
        col(Comment.post_id) == post_id,
        col(Comment.kind) == CommentKind.COMMENT,
    )
    roots = statement.where(col(Comment.parent_id).is_(None))
    async with reading(scope):
        page = await keyset_page(roots, order=[(column, "asc") for column in _BY_TIME], after=after, limit=limit)
        rows = named(page.entries)
        parents = sa.cast([row["id"] for row in rows], sa.ARRAY(sa.Uuid()))
        answers = statement.where(col(Comment.parent_id) == sa.any_(parents)).order_by(
            col(Comment.inserted_at), col(Comment.id)
        )
        replies = await fetch(answers) if rows else []
    return KeysetPage(_threads(rows, replies, everything=everything), page.before, page.after)


def _threads(roots: Iterable[Values], replies: Iterable[Values], *, everything: bool) -> list[CommentCard]:
    below: dict[UUID, list[CommentCard]] = {}
    for row in replies:
        if everything or not (row["is_hidden"] or row["is_deleted"]):
            below.setdefault(row["parent_id"], []).append(to_comment(row, unveiled=everything))
    cards = [to_comment(row, replies=tuple(below.get(row["id"], ())), unveiled=everything) for row in roots]
    return [card for card in cards if card.replies or not (card.is_deleted or (card.is_hidden and not everything))]


async def list_conversation(
    scope: Scope, post_id: UUID, *, after: str | None = None, before: str | None = None, limit: int = 50
) -> KeysetPage[CommentCard]:
    """The comments under a post one after the other as they are read: replies stand behind what they answer.

    Of what is hidden or deleted as much is there as in `list_comments`. Raises InvalidCursor.
    """
    statement = queries.conversation(scope).where(col(Comment.post_id) == post_id)
    async with reading(scope):
        page = await keyset_page(statement, order=queries.in_threads(), after=after, before=before, limit=limit)
    unveiled = scope.at_least(Role.MODERATOR)
    cards = [to_comment(row, unveiled=unveiled) for row in named(page.entries)]
    return KeysetPage(cards, page.before, page.after)


async def fetch_conversation(scope: Scope, comment_ids: Collection[UUID]) -> list[CommentCard]:
    """Those of these comments that `list_conversation` would show, in no order."""
    async with reading(scope):
        rows = await fetch(queries.conversation(scope).where(col(Comment.id).in_(comment_ids)))
    return [to_comment(row, unveiled=scope.at_least(Role.MODERATOR)) for row in rows]


async def list_pingbacks(scope: Scope, post_id: UUID, *, limit: int = 100) -> list[CommentCard]:
    """Other sites' notices that they link to a post: pingbacks and trackbacks, oldest first."""
    found = queries.comment_cards(scope).where(
        col(Comment.post_id) == post_id,
        col(Comment.kind) != CommentKind.COMMENT,
        col(Comment.hidden_at).is_(None),
    )
    async with reading(scope):
        rows = await fetch(found.order_by(*_BY_TIME).limit(limit))
    return [to_comment(row) for row in rows]


async def top_comments(scope: Scope, post_ids: Collection[UUID], *, limit: int = 5) -> dict[UUID, list[CommentCard]]:
    """For each post the comments that most people like, in one query for all the posts."""
    best = (
        sa.select(col(Comment.id))
        .where(col(Comment.post_id) == col(Post.id), queries.is_shown())
        .order_by(col(Comment.like_count).desc(), col(Comment.id))
        .limit(limit)
        .lateral("best")
    )
    ids = sa.select(best.c.id).select_from(Post).join(best, sa.true()).where(queries.among(post_ids))
    found = queries.comment_cards(scope).where(col(Comment.id).in_(ids))
    ordered = found.order_by(col(Comment.like_count).desc(), col(Comment.id))
    async with reading(scope):
        rows = await fetch(ordered) if post_ids else []
    top: dict[UUID, list[CommentCard]] = {post_id: [] for post_id in post_ids}
    for row in rows:
        top[row["post_id"]].append(to_comment(row))
    return top


async def count_comments(scope: Scope, post_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many comments everybody can read under each post, in one query."""
    statement = (
        pick(col(Comment.post_id), sa.func.count().label("count"))
        .join(Post, col(Post.id) == col(Comment.post_id))
        .where(queries.readable(scope), queries.among(post_ids), queries.is_shown())
        .group_by(col(Comment.post_id))
    )
    async with reading(scope):
        rows = await fetch(statement) if post_ids else []
    return dict.fromkeys(post_ids, 0) | {row["post_id"]: row["count"] for row in rows}


async def fetch_comment(scope: Scope, comment_id: UUID) -> CommentCard | None:
    """One comment without its replies, for a page that was told of a change; None when there is nothing to read."""
    async with reading(scope):
        rows = await fetch(queries.comment_cards(scope).where(col(Comment.id) == comment_id))
    card = to_comment(rows[0], unveiled=scope.at_least(Role.MODERATOR)) if rows else None
    return card if card is not None and (card.body or card.is_deleted) else None


async def change_comment(scope: Scope, attrs: Attrs) -> Changeset[Comment]:
    """The changeset of a comment's form, with the same complaints as on save."""
    policy.authorise(scope, "comment")
    blank = Comment(org_id=_org(scope), post_id=_org(scope), author_id=scope.user_id)
    return comment_changeset(blank, attrs).with_action("validate")


async def create_comment(
    scope: Scope, post_id: UUID, attrs: Attrs, *, parent_id: UUID | None = None, client_id: UUID | None = None
) -> Comment:
    """Comment on a post, or answer a comment of it. Raises Invalid, NotFound and Forbidden.

    What the same person has sent to this post under the same `client_id` is given back, and nothing happens.
    """
    async with transaction(scope):
        post = await get_post_by_id(scope, post_id)
        policy.authorise(scope, "comment", post)
        root = await _thread_of(scope, post_id, parent_id) if parent_id else None
        comment = Comment(
            org_id=post.org_id, post_id=post_id, parent_id=root, author_id=scope.user_id, client_id=client_id
        )
        if (earlier := await _sent_before(comment)) is not None:
            return earlier
        try:
            changeset = comment_changeset(comment, attrs)
            async with transaction(scope):
                comment = await _inserted(changeset.prepare(partial(_with_html, scope)))
        except Invalid:
            if (earlier := await _sent_before(comment)) is not None:  # by another process, at the same time
                return earlier
            raise
        if names := changeset.get_change("tags"):
            await set_comment_tags(comment.org_id, comment.id, names)
        created = CommentCreated(comment.org_id, post_id, comment.id, comment.parent_id, answered_id=parent_id)
        broadcast(topic_comments(post_id), created)
    return comment


async def update_comment(scope: Scope, comment_id: UUID, attrs: Attrs) -> Comment:
    """Change the words of one's own comment, or its tags."""
    async with transaction(scope):
        comment = await _locked(scope, comment_id, "update_comment")
        changeset = comment_changeset(comment, attrs).prepare(partial(_with_html, scope))
        if "body" in changeset.changes:
            changeset = changeset.put_change("edited_at", now())
        comment = await repo.update(changeset)
        if "tags" in changeset.changes:
            await set_comment_tags(comment.org_id, comment.id, changeset.get_change("tags"))
        _tell(CommentUpdated, comment)
    return comment


async def delete_comment(scope: Scope, comment_id: UUID) -> None:
    """Delete a comment; where others have replied, its place stays, empty."""
    async with transaction(scope):
        comment = await _locked(scope, comment_id, "delete_comment")
        replied = sa.select(sa.exists().where(col(Comment.parent_id) == comment.id))
        if (await fetch(replied))[0].popitem()[1]:
            empty = {"body": "", "body_html": "", "author_url": None, "deleted_at": now()}
            await repo.update(change(comment, **empty))
            await set_comment_tags(comment.org_id, comment.id, [])
        else:
            await repo.delete(comment)
        if comment.author_id != scope.user_id:
            before = {"post_id": comment.post_id, "author_id": comment.author_id}
            await audit.record(scope, "blog.comment.deleted", "comment", comment.id, before=before)
        _tell(CommentDeleted, comment)


async def hide_comment(scope: Scope, comment_id: UUID, *, hidden: bool = True) -> Comment:
    """Take a comment out of everybody's sight but the moderators', or bring it back."""
    async with transaction(scope):
        comment = await _locked(scope, comment_id, "hide_comment")
        if (comment.hidden_at is not None) == hidden:
            return comment
        comment = await repo.update(change(comment, hidden_at=now() if hidden else None))
        await audit.record(scope, f"blog.comment.{'hidden' if hidden else 'shown'}", "comment", comment.id)
        _tell(CommentUpdated, comment)
    return comment


async def subscribe_comments(scope: Scope, post_id: UUID, callback: Callback) -> Subscription:
    """Hear of the comments of a post. Raises NotFound for one that the scope can't read."""
    await get_post_by_id(scope, post_id)
    return subscribe(topic_comments(post_id), callback)


async def _sent_before(new: Comment) -> Comment | None:
    if new.client_id is None or new.author_id is None:
        return None
    same = (
        col(Comment.post_id) == new.post_id,
        col(Comment.author_id) == new.author_id,
        col(Comment.client_id) == new.client_id,
    )
    return (await repo.current_session().exec(select(Comment).where(*same))).one_or_none()


async def _inserted(changeset: Changeset[Comment]) -> Comment:
    """What it refers to was there a moment ago; if somebody has deleted it since, it is not found."""
    try:
        return await repo.insert(changeset)
    except Invalid as refusal:
        if refusal.changeset.has_error("post_id") or refusal.changeset.has_error("parent_id"):
            raise NotFound from None
        raise


async def _thread_of(scope: Scope, post_id: UUID, parent_id: UUID) -> UUID:
    """The comment that a reply is filed under: the one that is answered, or the one that that one answers."""
    async with transaction(scope) as session:
        found = queries.comments(scope).where(
            col(Comment.id) == parent_id, col(Comment.post_id) == post_id, queries.is_shown()
        )
        parent = (await session.exec(found)).one_or_none()
    if parent is None:
        raise NotFound
    return parent.parent_id or parent.id


async def _locked(scope: Scope, comment_id: UUID, action: policy.ThingAction) -> Comment:
    async with transaction(scope) as session:
        found = queries.comments(scope).where(col(Comment.id) == comment_id, col(Comment.deleted_at).is_(None))
        locked = found.with_for_update(of=Comment)
        comment = (await session.exec(locked, execution_options={"populate_existing": True})).one_or_none()
    if comment is None:  # or it can be read, but not locked, as with posts
        if (card := await fetch_comment(scope, comment_id)) is not None and not card.is_deleted:
            policy.authorise(scope, action, card)
        raise NotFound
    policy.authorise(scope, action, comment)
    return comment


async def _with_html(scope: Scope, changeset: Changeset[Comment]) -> Changeset[Comment]:
    """With the HTML of the words, in which members are marked whom they name."""
    body = changeset.get_change("body")
    if not body:
        return changeset
    html = render_note(body)
    names = usernames_in(html)
    members = await accounts.find_members(scope, names) if names else {}
    people = {name: member.user_id for name, member in members.items()}
    return changeset.put_change("body_html", with_mentions(html, people))


def _tell(kind: type[CommentEvent], comment: Comment) -> None:
    broadcast(topic_comments(comment.post_id), kind(comment.org_id, comment.post_id, comment.id, comment.parent_id))


def _org(scope: Scope) -> UUID:
    if scope.org_id is None:
        raise NotFound
    return scope.org_id
