"""Tags are what people call them: different names are different tags, and a name finds the tag that has it."""

from __future__ import annotations

import pytest

from myapp import blog
from myapp.blog import Post, Tag
from myapp.blog.schemas import PostTag
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.web.blog.post_form.fields import attrs_of, fields_of
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post


@pytest.fixture
async def author(db: object) -> Scope:
    return await make_member(await make_organization())


async def tags_of(scope: Scope, post: Post) -> list[tuple[str, str]]:
    return [(tag.name, tag.slug) for tag in (await blog.get_post_by_id(scope, post.id)).tags]


async def imported(scope: Scope, post: Post, name: str, slug: str) -> None:
    """A tag whose slug was chosen elsewhere, as WordPress lets people do."""
    async with transaction(SYSTEM) as session:
        tag = Tag(org_id=post.org_id, name=name, slug=slug)
        session.add(tag)
        await session.flush()
        session.add(PostTag(post_id=post.id, tag_id=tag.id))


async def test_names_that_leave_nothing_for_a_slug_are_tags_of_their_own(author: Scope) -> None:
    both = await make_post(author, tags=["🎉", "🔥"])
    one = await make_post(author, tags=["🔥"])
    assert [name for name, _ in await tags_of(author, both)] == ["🎉", "🔥"]
    assert await tags_of(author, one) == (await tags_of(author, both))[1:]


async def test_a_tag_that_stands_under_another_slug_than_that_of_its_name_is_kept(author: Scope) -> None:
    post = await make_post(author, tags=["C"])
    await imported(author, post, "C++", "c-plus-plus")
    was = await tags_of(author, post)
    assert was == [("C", "c"), ("C++", "c-plus-plus")]
    saved = await blog.update_post(author, post.id, {"tags": "C, C++"})
    assert (await tags_of(author, post), saved.version) == (was, post.version)
    await blog.update_post(author, post.id, {"tags": "C, C++, Rust"})
    assert await tags_of(author, post) == [*was, ("Rust", "rust")]


async def test_a_form_keeps_a_tag_whose_name_has_what_parts_tags_there(author: Scope) -> None:
    post = await make_post(author)
    await imported(author, post, "Food, drink", "food-drink")
    fields = fields_of(await blog.get_post_by_id(author, post.id))
    saved = await blog.update_post(author, post.id, attrs_of(fields, 0))
    assert (await tags_of(author, post), saved.version) == ([("Food, drink", "food-drink")], post.version)


async def test_a_tag_in_another_spelling_is_no_change(author: Scope) -> None:
    post = await make_post(author, tags=["Open source"])
    saved = await blog.update_post(author, post.id, {"tags": ["open-SOURCE"]})
    assert (await tags_of(author, post), saved.version) == ([("Open source", "open-source")], post.version)
