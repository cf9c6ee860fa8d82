"""Publishing now, later and not any more; featuring; a new author; and what is on record of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import col, select

from myapp import accounts, blog
from myapp.accounts import Organization, Visibility
from myapp.blog import (
    Post,
    PostCreated,
    PostDeleted,
    PostEvent,
    PostPublished,
    PostStatus,
    PostUnpublished,
    PostUpdated,
)
from myapp.kit.audit import AuditLog
from myapp.kit.clock import now
from myapp.kit.errors import Forbidden, Invalid, NotFound
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post, set_columns

SYSTEM = Scope.system("a test")


@pytest.fixture
async def author(organization: Organization) -> Scope:
    return await make_member(organization)


@pytest.fixture
async def chief(organization: Organization) -> Scope:
    return await make_member(organization, Role.ADMIN)


async def actions() -> list[str]:
    async with transaction(SYSTEM) as session:
        return list((await session.exec(select(AuditLog.action).order_by(col(AuditLog.inserted_at)))).all())


async def make_due(author: Scope) -> Post:
    post = await make_post(author, status="scheduled", published_at=now() + timedelta(hours=1))
    await set_columns(post, published_at=now() - timedelta(minutes=1))
    return post


async def test_publishing_and_taking_back_keeps_the_first_date(author: Scope) -> None:
    draft = await make_post(author, status="draft")
    published = await blog.publish_post(author, draft.id)
    assert published.published_at is not None
    taken_back = await blog.unpublish_post(author, draft.id)
    assert (taken_back.status, taken_back.published_at) == (PostStatus.DRAFT, published.published_at)
    again = await blog.publish_post(author, draft.id)
    assert again.published_at == published.published_at
    assert await actions() == ["blog.post.published", "blog.post.unpublished", "blog.post.published"]


async def test_a_schedule_must_be_in_the_future(author: Scope) -> None:
    post = await make_post(author, status="draft")
    with pytest.raises(Invalid) as refusal:
        await blog.schedule_post(author, post.id, now() - timedelta(seconds=1))
    assert refusal.value.errors == {"published_at": ["must be in the future"]}
    at = now() + timedelta(hours=1)
    assert (await blog.schedule_post(author, post.id, at.isoformat())).published_at == at


async def test_a_scheduled_post_may_be_published_at_once_or_go_back_to_a_draft(author: Scope) -> None:
    later = now() + timedelta(days=1)
    first = await make_post(author, status="scheduled", published_at=later)
    second = await make_post(author, status="scheduled", published_at=later)
    at_once = await blog.publish_post(author, first.id)
    assert at_once.published_at is not None
    assert at_once.published_at <= now()
    assert (await blog.unpublish_post(author, second.id)).published_at is None


async def test_what_is_due_is_published_once_with_its_own_date(author: Scope) -> None:
    due = await make_due(author)
    later = await make_post(author, status="scheduled", published_at=now() + timedelta(hours=1))
    assert await blog.publish_due_posts(SYSTEM) == 1
    assert await blog.publish_due_posts(SYSTEM) == 0
    found = await blog.get_post_by_id(author, due.id)
    assert (found.status, found.version) == (PostStatus.PUBLISHED, 2)
    assert found.published_at is not None
    assert found.published_at < now() - timedelta(seconds=30)
    assert (await blog.get_post_by_id(author, later.id)).status == PostStatus.SCHEDULED


async def test_many_processes_publish_each_due_post_once(real_db: str) -> None:
    author = await make_member(await make_organization())
    for _ in range(6):
        await make_due(author)
    published = await asyncio.gather(*(blog.publish_due_posts(SYSTEM) for _ in range(4)))
    assert sum(published) == 6
    assert (await actions()).count("blog.post.published") == 6


async def test_only_the_system_publishes_what_is_due(chief: Scope) -> None:
    with pytest.raises(Forbidden):
        await blog.publish_due_posts(chief)


async def test_admins_feature_posts_and_authors_do_not(author: Scope, chief: Scope) -> None:
    post = await make_post(author)
    with pytest.raises(Forbidden):
        await blog.feature_post(author, post.id, on=True)
    assert (await blog.feature_post(chief, post.id, on=True)).is_featured
    assert not (await blog.feature_post(chief, post.id, on=False)).is_featured
    assert await actions() == ["blog.post.featured", "blog.post.unfeatured"]


async def test_a_post_passes_to_another_author_with_a_line_in_the_history_of_each(
    organization: Organization, author: Scope, chief: Scope
) -> None:
    post, heir = await make_post(author), await make_member(organization)
    assert heir.user_id is not None
    assert author.user_id is not None
    assert (await blog.transfer_post(chief, post.id, heir.user_id)).author_id == heir.user_id
    verbs = [
        [activity.verb for activity in await accounts.list_activities(scope, user_id)]
        for scope, user_id in ((author, author.user_id), (heir, heir.user_id))
    ]
    assert verbs == [["post.given"], ["post.received"]]
    assert await actions() == ["blog.post.transferred"]


async def test_what_is_so_already_is_not_done_again(author: Scope, chief: Scope) -> None:
    post = await make_post(author)
    await blog.feature_post(chief, post.id, on=False)
    assert author.user_id is not None
    await blog.transfer_post(chief, post.id, author.user_id)
    await blog.publish_post(author, post.id)
    assert await actions() == []
    assert (await blog.get_post_by_id(author, post.id)).version == post.version


async def test_a_transfer_to_a_stranger_changes_nothing(author: Scope, chief: Scope) -> None:
    post, stranger = await make_post(author), await make_member(await make_organization())
    assert stranger.user_id is not None
    with pytest.raises(Invalid) as refusal:
        await blog.transfer_post(chief, post.id, stranger.user_id)
    assert refusal.value.errors == {"author_id": ["does not exist"]}
    assert (await blog.get_post_by_id(chief, post.id)).author_id == author.user_id
    assert await actions() == []


async def test_authors_do_not_give_their_posts_away_themselves(author: Scope, chief: Scope) -> None:
    post = await make_post(author)
    assert chief.user_id is not None
    with pytest.raises(Forbidden):
        await blog.transfer_post(author, post.id, chief.user_id)


async def test_what_one_does_to_others_posts_is_on_record(author: Scope, chief: Scope) -> None:
    post = await make_post(author)
    await blog.update_post(author, post.id, {"title": "By its author"})
    await blog.update_post(chief, post.id, {"title": "By an admin"})
    await blog.delete_post(chief, post.id)
    assert await actions() == ["blog.post.updated", "blog.post.deleted"]


async def test_other_members_see_a_post_but_do_not_touch_it(organization: Organization, author: Scope) -> None:
    post, other = await make_post(author), await make_member(organization)
    draft = await make_post(author, status="draft")
    for call in (blog.delete_post, blog.publish_post, blog.unpublish_post):
        with pytest.raises(Forbidden):
            await call(other, post.id)
        with pytest.raises(NotFound):
            await call(other, draft.id)


async def test_listeners_hear_what_is_committed_and_nothing_else(author: Scope, chief: Scope) -> None:
    heard: list[object] = []
    subscription = await blog.subscribe_posts(author, lambda _, event: heard.append(event))
    with pytest.raises(ZeroDivisionError):
        async with transaction(SYSTEM):
            await make_post(author)
            _ = 1 / 0
    assert heard == []
    post = await make_post(author, status="draft")
    await blog.update_post(author, post.id, {"title": "Changed"})
    await blog.update_post(author, post.id, {"title": "Changed"})
    await blog.publish_post(author, post.id)
    await blog.feature_post(chief, post.id, on=True)
    await blog.unpublish_post(author, post.id)
    await blog.delete_post(author, post.id)
    due = await make_due(author)
    await blog.publish_due_posts(SYSTEM)
    subscription.cancel()
    kinds = [PostCreated, PostUpdated, PostPublished, PostUpdated, PostUnpublished, PostDeleted]
    assert [type(event) for event in heard] == [*kinds, PostCreated, PostPublished]
    last = heard[-1]
    assert isinstance(last, PostEvent)
    assert (last.post_id, last.status, last.version) == (due.id, "published", 2)


async def test_beyond_the_organisation_only_published_posts_of_public_ones_are_heard_of(db: object) -> None:
    heard: list[object] = []
    subscription = await blog.subscribe_posts(Scope.anonymous(), lambda _, event: heard.append(event))
    for visibility in Visibility:
        member = await make_member(await make_organization(visibility))
        await make_post(member, status="draft")
        await make_post(member)
    subscription.cancel()
    assert [type(event) for event in heard] == [PostCreated]
