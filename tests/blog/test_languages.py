"""The words of posts are looked up in their organisation's language, whenever that became what it is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import col, select

from myapp import accounts, blog
from myapp.accounts import Organization
from myapp.blog import Post
from myapp.blog.importing import sources
from myapp.blog.importing.load import Loader
from myapp.blog.importing.prepare import ReadyPost
from myapp.blog.importing.report import Summary
from myapp.blog.posts import languages
from myapp.kit.errors import Forbidden
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post, set_columns
from tests.overlaps import blocked
from tests.queue import drain


@pytest.fixture(autouse=True)
def _installed(hub: object) -> None:
    blog.install()


async def found(scope: Scope, words: str) -> list[str]:
    return [hit.slug for hit in (await blog.search_posts(scope, words)).entries]


async def stored(*posts: Post) -> set[tuple[UUID, str, int, datetime]]:
    wanted = select(Post.id, Post.language, Post.version, Post.updated_at)
    async with transaction(SYSTEM) as session:
        return set((await session.exec(wanted.where(col(Post.id).in_([post.id for post in posts])))).all())


async def languages_of(organization: Organization) -> set[str]:
    async with transaction(SYSTEM) as session:
        return set((await session.exec(select(Post.language).where(col(Post.org_id) == organization.id))).all())


async def test_posts_are_found_by_their_words_after_the_language_has_changed(
    db: object, queue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(languages, "BATCH", 2)
    boss = await make_member(organization := await make_organization(), Role.OWNER)
    posts = [await make_post(boss, title=f"The running of foxes {number}") for number in range(5)]
    other = await make_post(await make_member(await make_organization()), title="Running elsewhere")
    await accounts.update_organization(boss, organization.id, {"language": "german"})
    assert (await drain())["completed"] == 1
    assert sorted(await found(boss, "running foxes")) == sorted(post.slug for post in posts)
    assert await languages_of(organization) == {"german"}
    assert await stored(*posts) == {(post.id, "german", post.version, post.updated_at) for post in posts}
    assert await stored(other) == {(other.id, "english", other.version, other.updated_at)}


async def test_what_was_left_in_another_language_is_found_at_night(db: object, queue: None) -> None:
    boss = await make_member(organization := await make_organization(language="german"), Role.OWNER)
    await set_columns(await make_post(boss, title="The running of foxes"), language="english")
    assert await blog.queue_stale_languages(Scope.system("a test")) == 1
    assert (await drain())["completed"] == 1
    assert await languages_of(organization) == {"german"}
    assert await blog.queue_stale_languages(Scope.system("a test")) == 0


async def test_only_the_system_does_it(db: object) -> None:
    boss = await make_member(organization := await make_organization(), Role.OWNER)
    with pytest.raises(Forbidden):
        await blog.index_posts(boss, organization.id)
    with pytest.raises(Forbidden):
        await blog.queue_stale_languages(boss)


async def test_a_post_that_is_being_written_while_the_language_changes_gets_the_new_one(real_db: str) -> None:
    boss = await make_member(organization := await make_organization(), Role.OWNER)
    async with transaction(SYSTEM):
        await make_post(boss)
        change = accounts.update_organization(boss, organization.id, {"language": "german"})
        await asyncio.create_task(change)
        indexing = asyncio.create_task(blog.index_posts(Scope.system("a test"), organization.id))
        await blocked(real_db)
    assert await indexing == 1
    assert await languages_of(organization) == {"german"}


async def test_an_import_takes_the_language_as_it_is_when_it_writes(
    names_held: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MAX_POSTS", 1)
    boss = await make_member(organization := await make_organization(), Role.OWNER)
    for number in range(3):
        (tmp_path / f"{number}.md").write_text(f"---\ntitle: Post {number}\n---\n\nSome words of a body.\n")
    write = Loader.write

    async def written(self: Loader, posts: Sequence[ReadyPost], summary: Summary) -> int:
        count = await write(self, posts, summary)
        if posts[0].label == "Post 0":
            change = accounts.update_organization(boss, organization.id, {"language": "german"})
            await asyncio.create_task(change)
        return count

    monkeypatch.setattr(Loader, "write", written)
    await blog.import_file(Scope.system("a test", organization.id), tmp_path)
    async with transaction(SYSTEM) as session:
        found = (await session.exec(select(Post.title, Post.language))).all()
    assert set(found) == {("Post 0", "english"), ("Post 1", "german"), ("Post 2", "german")}
