"""Writing, changing and deleting posts."""

from __future__ import annotations

import asyncio
from uuid import UUID

from sqlmodel import col

from myapp import accounts
from myapp.blog import policy, queries
from myapp.blog.events import PostCreated, PostDeleted
from myapp.blog.files.claiming import files_of, forget, with_new_files, write_files
from myapp.blog.markup import Rendered, render
from myapp.blog.posts.errors import PostConflict
from myapp.blog.posts.languages import language_of
from myapp.blog.posts.reading import get_post_by_id
from myapp.blog.posts.slugs import insert_with_slug, remember_slug, update_with_slug
from myapp.blog.posts.telling import kind_of_change, tell
from myapp.blog.schemas import BodyFormat, Post, PostStatus
from myapp.blog.schemas.changesets import MAX_BODY, post_changeset
from myapp.blog.tags import ensure_tags, set_post_tags, tag_ids_of, tell_tags
from myapp.kit import audit, jobs, repo
from myapp.kit.changeset import Attrs, Changeset, cast, change, messages
from myapp.kit.clock import now
from myapp.kit.errors import Conflict, Invalid, NotFound
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope

_LONG = 20_000
_WORDS = {"title", "body", "excerpt"}


async def change_post(scope: Scope, post_id: UUID | None, attrs: Attrs) -> Changeset[Post]:
    """The changeset of a form, for a new post or one to be changed, with the same complaints as on save.

    Raises NotFound and Forbidden as the write would.
    """
    if post_id is None:
        policy.authorise(scope, "write")
        return post_changeset(_blank(scope, scope.user_id), attrs).with_action("validate")
    async with transaction(scope) as session:
        found = queries.posts(scope).where(col(Post.id) == post_id)
        post = (await session.exec(found)).one_or_none()
        if post is None:
            raise NotFound
        policy.authorise(scope, "update_post", post)
        return post_changeset(post, attrs).with_action("validate")


async def create_post(scope: Scope, attrs: Attrs, *, author_id: UUID | None = None) -> Post:
    """Write a post, as a draft unless `status` says otherwise. Raises Invalid.

    Only who may transfer posts writes in another member's name; the system always has to.
    """
    policy.authorise(scope, "write")
    async with transaction(scope):
        post = _blank(scope, author_id or scope.user_id)
        if post.author_id != scope.user_id:
            policy.authorise(scope, "transfer_post")
            if not await accounts.is_member(scope, post.author_id):
                raise Invalid(change(post).add_error("author_id", messages.MISSING))
        post.language = await language_of(post.org_id)
        changeset = post_changeset(post, attrs).foreign_key_constraint("author_id").prepare(_with_html)
        changeset, files = await with_new_files(scope, changeset)
        post = await insert_with_slug(changeset)
        await write_files(scope, post, changeset, files)
        if names := changeset.get_change("tags"):
            await set_post_tags(post, names)
            tell_tags(post, await _counted(post))
        await _plan(post)
        await tell(scope, PostCreated, post)
    return post


async def update_post(scope: Scope, post_id: UUID, attrs: Attrs) -> Post:
    """Change what `attrs` names. With a `version` in it, nothing that was written since that version is overwritten.

    Raises Invalid, and PostConflict with the stored post when somebody else was first.
    """
    async with transaction(scope):
        post = await locked(scope, post_id, "update_post")
        changeset = cast(post_changeset(post, attrs), attrs, ["version"]).optimistic_lock()
        if {"status", "published_at"} & changeset.changes.keys():
            policy.authorise(scope, "publish_post", post)
        try:
            return await write(scope, changeset)
        except Conflict:
            raise PostConflict(await get_post_by_id(scope, post_id)) from None


async def delete_post(scope: Scope, post_id: UUID) -> None:
    """Delete a post with its comments and files."""
    async with transaction(scope):
        post = await locked(scope, post_id, "delete_post")
        tags = await _counted(post)
        forget(await files_of(post))
        await repo.delete(post)
        tell_tags(post, tags)
        before = {"title": post.title, "slug": post.slug, "status": post.status, "author_id": post.author_id}
        await audit.record(scope, "blog.post.deleted", "post", post.id, before=before)
        await tell(scope, PostDeleted, post)


async def preview(body: str, body_format: BodyFormat = BodyFormat.MARKDOWN) -> str:
    """The HTML that this text would be shown as."""
    return (await _rendered(body[:MAX_BODY], body_format)).html


async def locked(scope: Scope, post_id: UUID, action: policy.ThingAction) -> Post:
    """The row, nobody else's to change until the transaction ends. Raises NotFound and Forbidden."""
    async with transaction(scope) as session:
        found = queries.posts(scope).where(col(Post.id) == post_id).with_for_update(of=Post)
        post = (await session.exec(found, execution_options={"populate_existing": True})).one_or_none()
    if post is None:  # or it can be read, but not locked: the database lets nobody write without an organisation
        policy.authorise(scope, action, await get_post_by_id(scope, post_id))
        raise NotFound
    policy.authorise(scope, action, post)
    return post


async def write(scope: Scope, changeset: Changeset[Post]) -> Post:
    """Write a locked post's changes, its slug, tags and files, the audit row of a privileged change, and tell of it."""
    post, was, slug = changeset.data, changeset.data.status, changeset.data.slug
    changeset, files = await with_new_files(scope, await _with_new_tags(changeset))
    if (
        changeset.valid
        and not changeset.changes.keys() - {"version"}
        and post.version == changeset.get_field("version")
    ):
        return post
    changeset = _marked(changeset)
    before = {name: getattr(post, name) for name in ("status", "published_at", "title")}
    may_count = bool({"status", "tags"} & changeset.changes.keys())
    counted = await _counted(post) if may_count else set[UUID]()
    post = await update_with_slug(changeset.prepare(_with_html))
    if {"status", "published_at"} & changeset.changes.keys():
        await _plan(post)
    await remember_slug(post, slug)
    await write_files(scope, post, changeset, files)
    if "tags" in changeset.changes:
        await set_post_tags(post, changeset.get_change("tags"))
    if may_count:
        tell_tags(post, counted ^ await _counted(post))
    if post.status != was or post.author_id != scope.user_id:
        after = {name: getattr(post, name) for name in before}
        kind = kind_of_change(was, post.status).__name__.removeprefix("Post").lower()
        await audit.record(scope, f"blog.post.{kind}", "post", post.id, before=before, after=after)
    await tell(scope, kind_of_change(was, post.status), post, was=was)
    return post


def _marked(changeset: Changeset[Post]) -> Changeset[Post]:
    """Other words than readers have seen are edited ones; what is to appear in time to come is new again."""
    post = changeset.data
    if changeset.get_field("status") == PostStatus.SCHEDULED:
        return changeset.put_change("edited_at", None)
    was_public = post.status == PostStatus.PUBLISHED or (post.status == PostStatus.DRAFT and post.published_at)
    return changeset.put_change("edited_at", now()) if was_public and _WORDS & changeset.changes.keys() else changeset


async def _plan(post: Post) -> None:
    """Have one that is scheduled published when its time has come."""
    if post.status == PostStatus.SCHEDULED:
        args = {"id": post.id, "at": post.published_at}
        await jobs.enqueue("myapp.blog.jobs.PublishDuePosts", args, scheduled_at=post.published_at)


async def _counted(post: Post) -> set[UUID]:
    """The tags that the post counts for."""
    return await tag_ids_of(post) if post.status == PostStatus.PUBLISHED else set()


def _blank(scope: Scope, author_id: UUID | None) -> Post:
    if scope.org_id is None or author_id is None:
        raise NotFound
    return Post(org_id=scope.org_id, author_id=author_id)


async def _with_new_tags(changeset: Changeset[Post]) -> Changeset[Post]:
    """Tags that are the post's already are no change."""
    names = changeset.get_change("tags")
    if names is None or not changeset.valid:
        return changeset
    post = changeset.data
    is_change = await ensure_tags(post.org_id, names) != await tag_ids_of(post)
    return changeset if is_change else changeset.delete_change("tags")


async def _with_html(changeset: Changeset[Post]) -> Changeset[Post]:
    """What is derived from the body is derived when the body is written."""
    if "body" not in changeset.changes:
        return changeset
    rendered = await _rendered(changeset.get_field("body"), changeset.get_field("body_format"))
    return changeset.put_change("body_html", rendered.html).put_change("body_text", rendered.text)


async def _rendered(body: str, body_format: BodyFormat) -> Rendered:
    """A long text is rendered in a thread, so that others do not wait for it."""
    if len(body) < _LONG:
        return render(body, body_format)
    return await asyncio.to_thread(render, body, body_format)
