"""Where a post stands in URLs: a slug of its title that no other post has or had, kept once readers may know it."""

from __future__ import annotations

from secrets import token_hex

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from myapp.blog import queries
from myapp.blog.schemas import Post, PostSlug
from myapp.kit import repo
from myapp.kit.changeset import Changeset, messages
from myapp.kit.clock import now
from myapp.kit.errors import Invalid
from myapp.kit.repo import savepoint
from myapp.kit.selects import fetch
from myapp.kit.slugs import numbered, slugify

_TRIES = 5


async def insert_with_slug(changeset: Changeset[Post]) -> Post:
    """Write a new post under a free slug. A slug the author asked for is not replaced: it is complained about."""
    if "slug" in changeset.changes or not changeset.valid:
        return await repo.insert(await _checked(changeset))
    base = slugify(changeset.get_field("title"))
    for attempt in range(_TRIES):
        slugged = changeset.put_change("slug", await _free(changeset.data, base, shaken=attempt > 1))
        try:
            async with savepoint():
                return await repo.insert(slugged)
        except Invalid as refusal:  # somebody else took it between the look and the write
            if attempt == _TRIES - 1 or not refusal.changeset.has_error("slug"):
                raise
    raise AssertionError("the last attempt returns or raises")


async def update_with_slug(changeset: Changeset[Post]) -> Post:
    """Write a post's changes. The slug follows the title until the post is first published; after that only its author
    changes it, and such a slug is complained about where it is taken.
    """
    base = _of_new_title(changeset)
    if base is None:
        return await repo.update(await _checked(changeset))
    for attempt in range(_TRIES):
        slugged = changeset.put_change("slug", await _free(changeset.data, base, shaken=attempt > 1))
        try:
            async with savepoint():
                return await repo.update(slugged)
        except Invalid as refusal:  # somebody else took it between the look and the write
            if attempt == _TRIES - 1 or not refusal.changeset.has_error("slug"):
                raise
    raise AssertionError("the last attempt returns or raises")


def _of_new_title(changeset: Changeset[Post]) -> str | None:
    """The slug that a new title asks for, where it may."""
    post = changeset.data
    was_public = post.published_at is not None and post.published_at <= now()
    if not changeset.valid or was_public or "title" not in changeset.changes or "slug" in changeset.changes:
        return None
    base = slugify(changeset.get_field("title"))
    return None if base == slugify(post.title) else base


async def remember_slug(post: Post, former: str) -> None:
    """Let the former slug lead to the post, and free the one it has now from leading anywhere."""
    if former in {"", post.slug}:
        return
    session = repo.current_session()
    now_present = sa.delete(PostSlug).where(col(PostSlug.post_id) == post.id, col(PostSlug.slug) == post.slug)
    await session.exec(now_present)
    row = {"org_id": post.org_id, "slug": former, "post_id": post.id}
    await session.exec(insert(PostSlug).values(row).on_conflict_do_nothing())


async def _checked(changeset: Changeset[Post]) -> Changeset[Post]:
    """A slug somebody asked for must be neither another post's nor lead to one."""
    slug = changeset.get_change("slug")
    if not isinstance(slug, str) or not changeset.valid:
        return changeset
    query = queries.taken_slugs(changeset.data.org_id, [slug], but=changeset.data.id)
    taken = await fetch(query)
    return changeset.add_error("slug", messages.TAKEN) if taken else changeset


async def _free(post: Post, base: str, *, shaken: bool = False) -> str:
    """The slug itself, one with a number, or, where many race for the same ones, one with a few random letters."""
    unlikely = f"{base[:70].rstrip('-')}-{token_hex(4)}"
    candidates = [unlikely] if shaken else [base, *(numbered(base, number) for number in range(2, 21)), unlikely]
    query = queries.taken_slugs(post.org_id, candidates, but=post.id)
    taken = {row["slug"] for row in await fetch(query)}
    return next((slug for slug in candidates if slug not in taken), unlikely)
