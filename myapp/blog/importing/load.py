"""Writes a batch of prepared posts with their tags, authors, former slugs and comments: all of it or nothing.

What always holds: a post or comment whose import key is there already is left exactly as it is, so importing again, or
going on after a crash, changes nothing that is there. A post that has changed in the source since is kept as it is here
and reported: nobody's work in this house is overwritten. New comments under a post that is there do come in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from myapp import accounts
from myapp.accounts import ForeignAuthor, MatchedAuthor
from myapp.blog import queries
from myapp.blog.importing.prepare import MAX_SLUG, ReadyComment, ReadyPost
from myapp.blog.importing.report import Note, Reason, Summary
from myapp.blog.importing.sources import Source
from myapp.blog.posts.languages import language_of
from myapp.blog.schemas import Comment, Post, PostSlug, PostStatus, PostTag, Tag
from myapp.kit.bulk import insert_all
from myapp.kit.clock import new_id
from myapp.kit.repo import current_session
from myapp.kit.scope import Scope
from myapp.kit.selects import fetch
from myapp.kit.slugs import numbered

OWN_KEY = "post:"
"""Begins the key of a post that our own export named by its id."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A post that is there."""

    id: UUID
    made_from: str
    fingerprint: str


@dataclass(slots=True)
class Loader:
    """Loads one source into the organisation of `scope`, and keeps what it learns of authors for the next batch."""

    scope: Scope
    org_id: UUID
    fallback_author: UUID
    source: Source
    _authors: dict[str, MatchedAuthor] = field(default_factory=dict[str, MatchedAuthor])
    _numbers: Counter[str] = field(default_factory=Counter[str])

    async def write(self, posts: Sequence[ReadyPost], summary: Summary) -> int:
        """Write the posts within the caller's transaction, account for them in `summary`; how many are new."""
        known = await self._known(posts)
        comment_ids = await self._known_comments([found.id for found in known.values()])
        fresh = [post for post in posts if post.key not in known]
        new = [(post, comment) for post in posts for comment in post.comments if comment.key not in comment_ids]
        await self._find_authors({post.author for post in fresh} | {comment.author for _, comment in new}, summary)
        ids = {key: found.id for key, found in known.items()} | {post.key: new_id() for post in fresh}
        await self._write_posts(fresh, ids, summary)
        await self._write_tags(fresh, ids, summary)
        await self._write_comments(new, ids, comment_ids, summary)
        self._account(posts, known, summary)
        return len(fresh)

    def forget(self) -> None:
        """After a rollback: what was learned in it is not so."""
        self._authors.clear()

    async def _known(self, posts: Sequence[ReadyPost]) -> dict[str, _Known]:
        """Those that are there, by key: imported before, or written here and named by our own export."""
        keys = [post.key for post in posts]
        own = {key: found for key in keys if (found := _own_id(key))}
        origin = col(Post.meta)["import"]
        query = select(Post.import_key, Post.id, origin["from"].astext, origin["fingerprint"].astext).where(
            Post.org_id == self.org_id, sa.or_(col(Post.import_key).in_(keys), col(Post.id).in_(list(own.values())))
        )
        rows = (await current_session().exec(query)).all()
        by_id = {post_id: _Known(post_id, made_from or "", print_ or "") for _, post_id, made_from, print_ in rows}
        found = {key: by_id[post_id] for key, post_id in own.items() if post_id in by_id}
        return found | {key: by_id[post_id] for key, post_id, *_ in rows if key is not None}

    async def _find_authors(self, logins: set[str | None], summary: Summary) -> None:
        unknown = sorted(login for login in logins if login and login not in self._authors)
        if not unknown:
            return
        people = [self.source.authors.get(login) or ForeignAuthor(login) for login in unknown]
        found = await accounts.ensure_authors(self.scope, people)
        self._authors |= found
        summary.counts["authors"] += sum(author.is_new for author in found.values())
        for login, author in found.items():
            if author.is_doubtful:
                summary.warn(Note(login, Reason.AUTHOR_BY_NAME, login))

    def _author(self, login: str | None) -> UUID | None:
        found = self._authors.get(login) if login else None
        return found.user_id if found else None

    async def _write_posts(self, fresh: Sequence[ReadyPost], ids: dict[str, UUID], summary: Summary) -> None:
        if not fresh:
            return
        language = await language_of(self.org_id)
        slugs = await self._free_slugs([post.slug for post in fresh])
        rows: list[dict[str, Any]] = []
        for post, slug in zip(fresh, slugs, strict=True):
            if slug != post.slug and post.slug in post.old_slugs:
                summary.warn(Note(post.label, Reason.SLUG_TAKEN, post.slug))
            owned = {"id": ids[post.key], "org_id": self.org_id, "language": language, "slug": slug}
            rows.append({**post.row, **owned, "author_id": self._author(post.author) or self.fallback_author})
        await insert_all(Post, rows)
        await self._write_old_slugs(fresh, ids, set(slugs))

    async def _free_slugs(self, wished: Sequence[str]) -> list[str]:
        """The wished ones where nothing has or had them, else with the next number, else with a few random letters."""
        chosen: dict[int, str] = {}
        tried = dict(enumerate(wished))
        for attempt in range(3):
            taken = await self._taken(set(tried.values())) | set(chosen.values())
            for place, slug in list(tried.items()):
                if slug not in taken:
                    taken.add(slug)
                    chosen[place] = slug
                    del tried[place]
                else:
                    tried[place] = self._another(wished[place], is_last=attempt == 1)
            if not tried:
                break
        return [chosen[place] for place in range(len(wished))]

    def _another(self, slug: str, *, is_last: bool) -> str:
        if is_last:
            return f"{slug[: MAX_SLUG - 9].rstrip('-')}-{token_hex(4)}"
        self._numbers[slug] += 1
        return numbered(slug, self._numbers[slug] + 1, max_length=MAX_SLUG)

    async def _taken(self, slugs: set[str]) -> set[str]:
        query = queries.taken_slugs(self.org_id, slugs, but=new_id())
        return {row["slug"] for row in await fetch(query)}

    async def _write_tags(self, fresh: Sequence[ReadyPost], ids: dict[str, UUID], summary: Summary) -> None:
        names = {tag.slug: tag.name for post in fresh for tag in post.tags}
        if not names:
            return
        # Sorted, so that two imports with the same new tags wait for each other instead of locking each other out.
        rows = [{"org_id": self.org_id, "slug": slug, "name": name} for slug, name in sorted(names.items())]
        summary.counts["tags"] += await insert_all(Tag, rows, on_conflict="nothing", conflict_target=["org_id", "slug"])
        query = select(Tag.slug, Tag.id).where(Tag.org_id == self.org_id, col(Tag.slug).in_(list(names)))
        tag_ids = dict((await current_session().exec(query)).all())
        pairs = [{"post_id": ids[post.key], "tag_id": tag_ids[tag.slug]} for post in fresh for tag in post.tags]
        await insert_all(PostTag, pairs)

    async def _write_old_slugs(self, fresh: Sequence[ReadyPost], ids: dict[str, UUID], slugs: set[str]) -> None:
        """Former addresses lead to the post, unless another post has them now."""
        former = {slug: ids[post.key] for post in fresh for slug in post.old_slugs if slug not in slugs}
        if not former:
            return
        taken = await self._taken(set(former))
        rows = [
            {"org_id": self.org_id, "slug": slug, "post_id": to} for slug, to in former.items() if slug not in taken
        ]
        await insert_all(PostSlug, rows, on_conflict="nothing")

    async def _write_comments(
        self,
        new: Sequence[tuple[ReadyPost, ReadyComment]],
        post_ids: dict[str, UUID],
        known: dict[str, UUID],
        summary: Summary,
    ) -> None:
        ids = known | {comment.key: new_id() for _, comment in new}
        ordered = sorted(
            new, key=lambda pair: pair[1].parent is not None
        )  # a chunk is checked alone: threads come first
        await insert_all(Comment, [self._comment_row(post_ids[post.key], comment, ids) for post, comment in ordered])
        summary.counts.update(f"{comment.row['kind']}s" for _, comment in new)

    async def _known_comments(self, post_ids: Sequence[UUID]) -> dict[str, UUID]:
        if not post_ids:
            return {}
        query = select(Comment.import_key, Comment.id).where(
            col(Comment.post_id).in_(post_ids), col(Comment.import_key).is_not(None)
        )
        return {key: comment_id for key, comment_id in (await current_session().exec(query)).all() if key}

    def _comment_row(self, post_id: UUID, comment: ReadyComment, ids: dict[str, UUID]) -> dict[str, Any]:
        parent = ids.get(comment.parent) if comment.parent else None
        owned = {"id": ids[comment.key], "org_id": self.org_id, "post_id": post_id, "parent_id": parent}
        return {**comment.row, **owned, "author_id": self._author(comment.author)}

    def _account(self, posts: Sequence[ReadyPost], known: dict[str, _Known], summary: Summary) -> None:
        for post in posts:
            found = known.get(post.key)
            if found is None:
                summary.counts["pages" if post.is_page else "posts"] += 1
                if post.row["status"] != PostStatus.PUBLISHED:
                    summary.counts["drafts" if post.row["status"] == PostStatus.DRAFT else "scheduled"] += 1
                summary.leave_out_comments(post.comments_skipped)
                for note in post.warnings:
                    summary.warn(note)
            elif found.fingerprint != post.fingerprint and found.made_from == post.made_from:
                summary.counts["changed"] += 1
                summary.warn(Note(post.label, Reason.CHANGED))
            else:
                summary.counts["unchanged"] += 1


def _own_id(key: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(key.removeprefix(OWN_KEY)) if key.startswith(OWN_KEY) else None
