"""Strangers call every handler that a browser may call, with what there really is, and learn and change nothing.

Every state below ours is walked and every one of its open handlers, on the page it belongs to and with made-up
arguments that name rows of a private organisation. A new page or handler is walked without being named here.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import reflex as rx

from myapp.accounts import Visibility
from myapp.kit.errors import AppError
from myapp.kit.scope import Role, Scope
from myapp.web import door, router
from myapp.web.events import Caller, caller_of
from tests.factories.accounts import make_member, make_organization
from tests.factories.world import SECRET, World, everything_of, make_world
from tests.live import Tab
from tests.web.blog.conftest import Site, site

__all__ = ["site"]

MAY_END_HERE = Exception
"""What a handler raises on arguments that no page of ours would send is no answer to a stranger."""


def states(base: type[rx.State] = rx.State) -> Iterator[type[rx.State]]:
    for state in base.__subclasses__():
        if state.__module__.startswith("myapp."):
            yield state
        yield from states(state)


def handlers() -> dict[str, tuple[type[rx.State], Any]]:
    """Every handler that a browser may call, by its name on the wire."""
    return {
        f"{state.get_full_name()}.{name}": (state, handler.fn)
        for state in states()
        for name, handler in state.event_handlers.items()
        if caller_of(handler.fn) is Caller.BROWSER
    }


def page_of(state: type[rx.State], world: World) -> str:
    """The address that the state's handlers expect, filled in with what is there."""
    room = state.__module__.rpartition(".")[0]
    routes = [page.route for page in router.PAGES if page.content.__module__.startswith(f"{room}.")]
    route = max((route for route in routes if "[org_slug]" in route), key=len, default="/o/[org_slug]")
    values = {
        "org_slug": world.organization.slug, "post_slug": world.post.slug, "room_slug": world.room.slug,
        "user_id": str(world.member.user_id), "tag_slug": f"tag-{SECRET}", "token": "x", "link_token": "x",
    }  # fmt: skip
    return re.sub(r"\[(\w+)\]", lambda found: values.get(found[1], str(world.post.id)), route)


def arguments(function: Any, world: World) -> Iterator[dict[str, object]]:
    """Calls with ids of real rows, and with words and forms full of them."""
    names = [name for name in inspect.signature(function).parameters if name != "self"]
    ids = [
        world.post.id, world.draft.id, world.comment.id, world.room.id, world.private_room.id, world.message.id,
        world.group.id, world.import_.id, world.invitation.id, world.member.user_id, world.organization.id,
    ]  # fmt: skip
    form = dict.fromkeys(("name", "title", "body", "slug", "purpose", "comment"), "Taken over")
    form |= {"email": "stranger@example.com", "role": "owner", "user_id": str(world.owner.user_id)}
    for each in ids if names else ids[:1]:
        yield dict.fromkeys(names, str(each))
    yield dict.fromkeys(names, form)


def has_learned(tab: Tab) -> bool:
    """Whether the tab was sent the word that must not get out, but for the addresses it asked for itself."""
    return re.search(rf"(?<![-/]){SECRET}", repr((tab._state, tab.browser_events))) is not None


@pytest.fixture(autouse=True)
def _at_any_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the door would drop most of what one tab sends here, and nothing would be shown by it."""
    monkeypatch.setattr(door, "BURST", 100_000)


@pytest.fixture
async def world(site: Site, tmp_path: Path) -> World:
    return await make_world(tmp_path / "post.md", Visibility.PRIVATE)


async def _stranger(who: str) -> Scope:
    if who == "a visitor":
        return Scope.anonymous()
    return await make_member(await make_organization(), Role.OWNER)


@pytest.mark.parametrize("who", ["a visitor", "the owner of another organisation"])
async def test_strangers_learn_and_change_nothing_by_any_handler(who: str, site: Site, world: World) -> None:
    cookies = await site.cookies_of(await _stranger(who))
    before, walked = await everything_of(world.organization.id), 0
    pages: dict[str, list[tuple[str, Any]]] = {}
    for name, (state, function) in handlers().items():
        pages.setdefault(page_of(state, world), []).append((name, function))
    for path, found in pages.items():
        tab = await site.live.open("/", cookies=cookies)
        with suppress(AppError):  # a page that is not there for them
            await tab.navigate(path)
        for name, function in found:
            for given in arguments(function, world):
                with suppress(MAY_END_HERE):
                    await tab.send_raw(name, given)
                walked += 1
            assert await everything_of(world.organization.id) == before, name
            assert not has_learned(tab), name
        await tab.close()
    assert walked > 200


async def test_the_walk_would_notice(site: Site, world: World) -> None:
    """The organisation's owner sees its words on most of these pages."""
    cookies = await site.cookies_of(world.owner)
    paths = {page_of(state, world) for state, _ in handlers().values()}
    seen = set[str]()
    for path in paths:
        tab = await site.live.open(path, cookies=cookies)
        if has_learned(tab):
            seen.add(path)
        await tab.close()
    assert len(seen) > len(paths) / 2


async def test_the_walk_does_what_it_calls_for(site: Site, world: World) -> None:
    """On the page of a post, its owner changes it with these very arguments."""
    before, walked = await everything_of(world.organization.id), 0
    path = f"/o/{world.organization.slug}/posts/{world.post.slug}"
    tab = await site.live.open(path, cookies=await site.cookies_of(world.owner))
    for name, (state, function) in handlers().items():
        if page_of(state, world) == path:
            for given in arguments(function, world):
                with suppress(MAY_END_HERE):
                    await tab.send_raw(name, given)
                walked += 1
    assert walked > 10
    assert await everything_of(world.organization.id) != before
