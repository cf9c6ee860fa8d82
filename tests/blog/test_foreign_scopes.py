"""No function of the front doors gives anything to a scope it does not belong to, or lets it change anything.

Each function has one case here. A new function without a case fails: say how it would be called by somebody who has
learned the ids of a private organisation.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from myapp import accounts, blog
from myapp.accounts import Device, Visibility
from myapp.blog import FileKind, PostFilters, PostStatus
from myapp.kit import images, storage
from myapp.kit.clock import now
from myapp.kit.errors import Unauthenticated
from myapp.kit.scope import Scope
from myapp.kit.storage import LocalStorage
from tests.accounts.account_calls import OWN_ACCOUNT, taken_along
from tests.accounts.organization_calls import ORGANIZATIONS
from tests.blog.export_calls import EXPORTS
from tests.factories.files import in_pieces, picture
from tests.factories.world import SECRET, STRANGERS, Call, World, everything_of, make_world, stranger, walk

ANY = PostFilters(status=None)
DRAFTS = PostFilters(status=PostStatus.DRAFT)

BLOG: dict[str, Call] = {
    **EXPORTS,
    "change_comment": lambda scope, _: blog.change_comment(scope, {"body": "words"}),
    "change_post": lambda scope, w: blog.change_post(scope, w.post.id, {"title": "Taken over"}),
    "count_comments": lambda scope, w: counted(blog.count_comments(scope, [w.post.id])),
    "count_hits": lambda scope, _: no_hits(scope),
    "count_featured": lambda scope, _: none_featured(scope),
    "count_posts": lambda scope, _: found_none(scope),
    "create_comment": lambda scope, w: blog.create_comment(scope, w.post.id, {"body": "words"}, parent_id=w.comment.id),
    "create_post": lambda scope, w: blog.create_post(scope, {"title": "Me", "body": SECRET}, author_id=w.owner.user_id),
    "delete_comment": lambda scope, w: blog.delete_comment(scope, w.comment.id),
    "delete_own_posts": lambda scope, _: blog.delete_own_posts(scope),
    "delete_post": lambda scope, w: blog.delete_post(scope, w.post.id),
    "feature_post": lambda scope, w: blog.feature_post(scope, w.post.id, on=True),
    "fetch_card": lambda scope, w: blog.fetch_card(scope, w.post.id),
    "fetch_tags": lambda scope, w: known_tags(scope, w),
    "fetch_cards": lambda scope, w: blog.fetch_cards(scope, [w.post.id, w.draft.id]),
    "fetch_conversation": lambda scope, w: blog.fetch_conversation(scope, [w.comment.id]),
    "fetch_comment": lambda scope, w: blog.fetch_comment(scope, w.comment.id),
    "fetch_hits": lambda scope, w: blog.fetch_hits(scope, SECRET, [w.post.id, w.draft.id]),
    "get_file": lambda scope, w: blog.get_file(scope, w.attachment.key),
    "get_import": lambda scope, w: blog.get_import(scope, w.import_.id),
    "get_post": lambda scope, w: blog.get_post(scope, w.post.slug),
    "get_post_by_id": lambda scope, w: blog.get_post_by_id(scope, w.post.id),
    "get_tag": lambda scope, _: blog.get_tag(scope, f"tag-{SECRET}"),
    "hide_comment": lambda scope, w: blog.hide_comment(scope, w.comment.id),
    "import_file": lambda scope, w: blog.import_file(scope, w.file),
    "index_posts": lambda scope, w: blog.index_posts(scope, w.organization.id),
    "list_author_stats": lambda scope, _: blog.list_author_stats(scope),
    "list_conversation": lambda scope, w: blog.list_conversation(scope, w.post.id),
    "list_comments": lambda scope, w: blog.list_comments(scope, w.post.id),
    "list_imports": lambda scope, _: blog.list_imports(scope),
    "list_pingbacks": lambda scope, w: blog.list_pingbacks(scope, w.post.id),
    "list_posts": lambda scope, _: all_lists(scope),
    "list_tags": lambda scope, _: blog.list_tags(scope),
    "list_tags_by_name": lambda scope, _: blog.list_tags_by_name(scope),
    "own_data": lambda scope, _: taken_along(blog.own_data(scope)),
    "publish_due_posts": lambda scope, _: blog.publish_due_posts(scope),
    "publish_post": lambda scope, w: blog.publish_post(scope, w.draft.id),
    "rank_posts": lambda scope, w: blog.rank_posts(scope, [w.post.id]),
    "resume_import": lambda scope, w: blog.resume_import(scope, w.import_.id),
    "run_import": lambda scope, w: blog.run_import(scope, w.import_.id),
    "queue_lost_imports": lambda scope, _: blog.queue_lost_imports(scope),
    "queue_stale_languages": lambda scope, _: blog.queue_stale_languages(scope),
    "run_queued_import": lambda scope, w: blog.run_queued_import(scope, w.import_.id),
    "save_upload": lambda scope, w: uploaded(scope, w),
    "schedule_post": lambda scope, w: blog.schedule_post(scope, w.post.id, now() + timedelta(days=1)),
    "search_posts": lambda scope, _: blog.search_posts(scope, SECRET),
    "start_import": lambda scope, w: blog.start_import(scope, w.file),
    "subscribe_comments": lambda scope, w: heard(w, blog.subscribe_comments(scope, w.post.id, listener)),
    "subscribe_imports": lambda scope, w: heard(w, blog.subscribe_imports(scope, listener)),
    "subscribe_posts": lambda scope, w: heard(w, blog.subscribe_posts(scope, listener)),
    "sweep_files": lambda scope, _: blog.sweep_files(scope),
    "sweep_uploads": lambda scope, _: blog.sweep_uploads(scope),
    "suggest_tags": lambda scope, _: blog.suggest_tags(scope, "tag"),
    "top_comments": lambda scope, w: emptied(blog.top_comments(scope, [w.post.id])),
    "transfer_post": lambda scope, w: blog.transfer_post(scope, w.post.id, scope.user_id or w.post.id),
    "unpublish_post": lambda scope, w: blog.unpublish_post(scope, w.post.id),
    "warm_caches": lambda scope, _: blog.warm_caches(scope),
    "upload_file": lambda scope, _: blog.upload_file(scope, FileKind.ATTACHMENT, "a.txt", in_pieces(b"words")),
    "update_comment": lambda scope, w: blog.update_comment(scope, w.comment.id, {"body": "other words"}),
    "update_post": lambda scope, w: blog.update_post(scope, w.post.id, {"title": "Taken over", "version": 0}),
}  # fmt: skip
ACCOUNTS: dict[str, Call] = {
    **ORGANIZATIONS,
    "delete_expired_sessions": lambda s, _: accounts.delete_expired_sessions(s),
    "delete_other_sessions": lambda s, _: accounts.delete_other_sessions(s),
    "delete_session": lambda s, w: accounts.delete_session(s, w.post.id),
    "delete_sessions": lambda s, _: accounts.delete_sessions(s),
    "end_sessions_of": lambda s, w: accounts.end_sessions_of(s, w.member.user_id or w.post.id),
    "list_ended_sessions": lambda s, _: accounts.list_ended_sessions(s, []),
    "list_sessions": lambda s, _: accounts.list_sessions(s),
    "log_in_as_demo_user": lambda s, w: accounts.log_in_as_demo_user(s, w.member.user_id or w.post.id, Device()),
    "log_out": lambda s, _: accounts.log_out(s),
    "log_out_elsewhere": lambda s, _: accounts.log_out_elsewhere(s),
    "log_out_everywhere": lambda s, _: accounts.log_out_everywhere(s),
    "note_sudo": lambda s, _: accounts.note_sudo(s),
    "change_email_form": lambda s, _: accounts.change_email_form(s, {"email": "a@b.example"}),
    "change_password": lambda s, _: accounts.change_password(s, {"password": SECRET}),
    "change_registration": lambda s, _: accounts.change_registration(s, {"username": "abc"}),
    "confirm": lambda s, _: accounts.confirm(s, SECRET),
    "confirm_password": lambda s, _: accounts.confirm_password(s, SECRET),
    "delete_old_links": lambda s, _: accounts.delete_old_links(s),
    "log_in": lambda s, _: accounts.log_in(s, {"email": "a@b.example", "password": "x"}, Device()),
    "log_in_with_link": lambda s, _: accounts.log_in_with_link(s, SECRET, Device()),
    "register": lambda s, _: accounts.register(s, {"username": "abc"}),
    "request_email_change": lambda s, _: accounts.request_email_change(s, {"email": "a@b.example"}),
    "request_log_in_link": lambda s, _: accounts.request_log_in_link(s, "a@b.example"),
    "request_reset": lambda s, _: accounts.request_reset(s, "a@b.example"),
    "reset_password": lambda s, _: accounts.reset_password(s, SECRET, {"password": "x"}),
    "require_sudo": lambda s, _: accounts.require_sudo(s),
    "create_user": lambda s, _: accounts.create_user(s, {"email": "a@b", "username": "abc", "name": "Abc"}),
    "delete_avatar": lambda s, _: accounts.delete_avatar(s),
    "ensure_authors": lambda s, w: people(s, w),
    "find_members": lambda s, w: by_username(s, w),
    "get_organization": lambda s, w: accounts.get_organization(s, w.organization.id),
    "get_organization_by_slug": lambda s, w: accounts.get_organization_by_slug(s, w.organization.slug),
    "get_settings": lambda scope, _: accounts.get_settings(scope),
    "update_settings": lambda scope, _: accounts.update_settings(scope, {"wants_mail": False}),
    "get_user": lambda s, w: accounts.get_user(s, w.member.user_id or w.post.id),
    "is_member": lambda s, w: said(accounts.is_member(s, w.member.user_id or w.post.id)),
    "list_activities": lambda s, w: accounts.list_activities(s, w.owner.user_id or w.post.id),
    "list_members": lambda s, _: accounts.list_members(s),
    "list_organizations": lambda s, _: accounts.list_organizations(s),
    "fetch_organizations": lambda s, w: accounts.fetch_organizations(s, [w.organization.id]),
    "list_own_organizations": lambda s, _: accounts.list_own_organizations(s),
    "record_activity": lambda s, w: recorded(s, w),
    "sweep_avatars": lambda s, _: accounts.sweep_avatars(s),
    "update_avatar": lambda s, _: accounts.update_avatar(s, in_pieces(picture())),
    "suggest_members": lambda s, _: accounts.suggest_members(s, SECRET),
    **OWN_ACCOUNT,
}
LISTENING = {"subscribe_posts", "subscribe_comments", "subscribe_imports"}  # the owner does something meanwhile
WITHOUT_SCOPE = {
    "scope_for", "scope_for_session", "scope_for_api_key", "scope_for_program", "rotate_refresh_token",
    "list_demo_users", "preview",
}  # fmt: skip

_heard: list[object] = []


def listener(_topic: str, event: object) -> None:
    _heard.append(event)


async def all_lists(scope: Scope) -> object:
    """Every way a list can be asked for."""
    found: list[object] = [await blog.list_posts(scope, filters, page=1) for filters in (ANY, DRAFTS, PostFilters())]
    found += [await blog.list_posts(scope, ANY, sort=sort) for sort in ("newest", "oldest", "views")]
    found.append(await blog.list_posts(scope, PostFilters(text=SECRET)))
    found.append(await blog.list_posts(scope, PostFilters(meta_key="word", meta_value=SECRET)))
    return found


async def none_featured(scope: Scope) -> None:
    assert await blog.count_featured(scope) == 0


async def found_none(scope: Scope) -> None:
    assert await blog.count_posts(scope, PostFilters(status=None, text=SECRET)) == 0


async def no_hits(scope: Scope) -> None:
    assert await blog.count_hits(scope, SECRET) == blog.HitCount(0, is_all=True)


async def heard(world: World, subscribing: Awaitable[Any]) -> object:
    """What a subscription tells of what then happens in the world."""
    _heard.clear()
    subscription = await subscribing
    await blog.update_post(world.owner, world.draft.id, {"status": "published"})
    await blog.unpublish_post(world.owner, world.draft.id)
    subscription.cancel()
    return list(_heard)


async def counted(counting: Awaitable[dict[Any, int]]) -> int:
    """The caller knows the id it asks for: the number is what must not be told."""
    return sum((await counting).values()) and pytest.fail("comments were counted")


async def emptied(finding: Awaitable[dict[Any, list[Any]]]) -> object:
    return [comment for comments in (await finding).values() for comment in comments]


async def known_tags(scope: Scope, world: World) -> object:
    """The tags of the organisation, by their ids."""
    return await blog.fetch_tags(scope, [tag.id for tag in await blog.list_tags(world.owner)])


async def said(asking: Awaitable[bool]) -> None:
    assert not await asking


async def uploaded(scope: Scope, world: World) -> object:
    """Where an upload of somebody else's lands."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"A text."

    with patch.dict(os.environ, {"MYAPP_DATA_DIR": str(world.file.parent)}):
        return await blog.save_upload(scope, "post.md", chunks())


async def people(scope: Scope, world: World) -> object:
    """Whether an author called as one of its members is taken for that member."""
    member = await accounts.get_user(world.member, world.member.user_id or world.post.id)
    author = accounts.ForeignAuthor(member.username, member.email, "Somebody")
    return list((await accounts.ensure_authors(scope, [author])).values())


async def by_username(scope: Scope, world: World) -> object:
    member = await accounts.get_user(world.member, world.member.user_id or world.post.id)
    return await accounts.find_members(scope, [member.username])


async def recorded(scope: Scope, world: World) -> None:
    """A line about a stranger may only ever be written into one's own organisation."""
    activity = await accounts.record_activity(
        scope, world.owner.user_id or world.post.id, "x", "post", world.post.id, {}
    )
    assert activity.org_id == scope.org_id != world.organization.id


def functions_of(door: object) -> set[str]:
    names: list[str] = getattr(door, "__all__")  # noqa: B009 - modules have no such attribute for a type checker
    things = {name: getattr(door, name) for name in names}
    return {n for n, f in things.items() if inspect.iscoroutinefunction(f) or inspect.isasyncgenfunction(f)}


def test_every_function_of_the_front_doors_has_a_case() -> None:
    assert functions_of(blog) - WITHOUT_SCOPE == BLOG.keys()
    assert functions_of(accounts) - WITHOUT_SCOPE == ACCOUNTS.keys()


@pytest.fixture(scope="module")
def world_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("world") / "post.md"


@pytest.fixture
async def world(db: object, world_file: Path) -> AsyncIterator[World]:
    world = await make_world(world_file)
    await blog.feature_post(world.owner, world.post.id, on=True)
    storage.use(LocalStorage(world_file.parent / "files"))
    async with images.running(workers=1):
        for key in (world.attachment.key, world.export.key or ""):
            await storage.current().put(key, in_pieces(SECRET.encode()))
        yield world
    storage.use(None)


# What the system does wherever it is at the moment.
_OF_THE_SYSTEM = ("create_", "update_", "delete_", "get_", "list_organizations", "fetch_organizations")
SITE_WIDE = {name for name in ACCOUNTS if name.startswith(_OF_THE_SYSTEM)} | {"import_file"}


@pytest.mark.parametrize("who", STRANGERS)
async def test_strangers_learn_and_change_nothing(who: str, world: World) -> None:
    scope = await stranger(who, world)
    skipped = SITE_WIDE if scope.is_system else set[str]()
    calls = {name: call for name, call in {**BLOG, **ACCOUNTS}.items() if name not in skipped}
    await walk(calls, scope, world, who=who, but=LISTENING)


async def test_the_walk_would_notice(world: World) -> None:
    readers = {name: call for name, call in BLOG.items() if name.startswith(("get_", "list_", "search_"))}
    learned = {name for name, call in readers.items() if world.knows(await call(world.owner, world))}
    assert learned == readers.keys() - {"list_pingbacks"}
    before = await everything_of(world.organization.id)
    await BLOG["publish_post"](world.owner, world)
    assert await everything_of(world.organization.id) != before


async def test_visitors_of_a_public_organisation_see_what_is_published_and_no_more(
    db: object, world_file: Path
) -> None:
    world = await make_world(world_file, Visibility.PUBLIC)
    for scope in (Scope.anonymous(), Scope.anonymous(world.organization.id)):
        page = await blog.list_posts(scope, ANY)
        assert [card.id for card in page.entries] == [world.post.id]
        assert await blog.fetch_card(scope, world.draft.id) is None
        for name in ("update_post", "delete_post", "feature_post", "create_comment", "hide_comment"):
            with pytest.raises(Unauthenticated):
                await BLOG[name](scope, world)
