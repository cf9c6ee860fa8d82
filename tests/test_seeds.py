"""The demonstration fills an empty database once, and shows every kind of post."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import func, select

from myapp import accounts, blog, chat, seeds
from myapp.blog import Comment, Post, PostFilters, PostStatus
from myapp.kit import pubsub
from myapp.kit.pubsub import PubSub
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from tests.database import sandbox
from tests.factories import SYSTEM


@pytest.fixture(scope="module")
async def demonstration(engine: AsyncEngine) -> AsyncGenerator[None]:
    """Loaded once for all tests that only look at it."""
    pubsub.use(PubSub())
    async with sandbox(engine):
        assert await seeds.load()
        yield


async def counted() -> tuple[int, int]:
    async with transaction(SYSTEM) as session:
        posts = (await session.exec(select(func.count()).select_from(Post))).one()
        comments = (await session.exec(select(func.count()).select_from(Comment))).one()
    return posts, comments


async def test_a_second_load_changes_nothing(demonstration: None) -> None:
    before = await counted()
    assert not await seeds.load()
    assert await counted() == before
    assert before[0] == 40


async def test_the_people_can_be_acted_as_in_the_place_where_they_mean_most(demonstration: None) -> None:
    people = {person.username: (person.org_slug, person.role) for person in await accounts.list_demo_users()}
    assert len(people) == 8
    assert (people["ada"], people["priya"]) == (("demo", "owner"), ("workshop", "owner"))


async def test_visitors_see_the_public_posts_and_not_the_private_organisation(demonstration: None) -> None:
    slugs = {card.org_slug for card in (await blog.list_posts(Scope.anonymous(), page=1, limit=100)).entries}
    assert slugs == {"demo", "tidewater"}


async def test_there_are_drafts_scheduled_featured_right_to_left_and_threaded_ones(demonstration: None) -> None:
    owner = next(person for person in await accounts.list_demo_users() if person.username == "ada")
    scope = await accounts.scope_for(owner.id, "demo")
    for status in PostStatus:
        assert (await blog.list_posts(scope, PostFilters(status=status))).entries
    assert (await blog.list_posts(scope, PostFilters(featured=True))).entries
    assert (await blog.search_posts(scope, "المقاهي")).entries
    post = await blog.get_post(scope, "in-praise-of-slow-software")
    assert any(comment.replies for comment in (await blog.list_comments(scope, post.id)).entries)
    assert post.view_count > 0


async def test_there_is_talk_in_public_and_private_rooms_of_which_some_is_unread(demonstration: None) -> None:
    people = {person.username: person.id for person in await accounts.list_demo_users()}
    scopes = {username: await accounts.scope_for(people[username], "demo") for username in ("ada", "sam")}
    rooms = {who: {room.name: room for room in await chat.list_rooms(scope)} for who, scope in scopes.items()}
    assert rooms["ada"].keys() - rooms["sam"].keys() == {"Moderators"}
    assert rooms["ada"]["General"].unread_count > 0
    assert all(room.last_seq > 3 for room in rooms["ada"].values())
    messages = (await chat.list_messages(scopes["ada"], rooms["ada"]["General"].id)).entries
    assert [message.inserted_at for message in messages] == sorted(message.inserted_at for message in messages)
    assert any(message.mentions for message in messages)
