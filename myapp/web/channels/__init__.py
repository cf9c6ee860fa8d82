"""The channels of the product: which topics there are, who is asking, and where they are served.

A page's socket and any other client's come in at `/socket/websocket`. A page of ours is known by its session cookie, a
program by an API key, an access token, or a token that stands for a session (phoenix.js calls all of them `authToken`).
Whoever shows none is a visitor, who may join what is public. A channel works out the scope for each join, as every page
does: `socket.assigns["who"]` is all that it is given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast
from uuid import UUID

import reflex as rx
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from myapp import accounts
from myapp.accounts import Principal
from myapp.kit.channels import Channel, Endpoint, Handshake, Identity, Refused
from myapp.kit.scope import Scope
from myapp.web import session
from myapp.web.api.access_tokens import access_tokens
from myapp.web.api.auth import is_api_key
from myapp.web.blog.comment_streams import open_comments
from myapp.web.blog.organization_streams import open_organizations
from myapp.web.blog.search.stream import open_search
from myapp.web.blog.streams import open_posts
from myapp.web.blog.tag_streams import open_tags
from myapp.web.channels.ops_channel import OpsChannel
from myapp.web.channels.reading_channel import ReadingChannel
from myapp.web.channels.room_channel import RoomChannel
from myapp.web.channels.rooms_channel import RoomsChannel
from myapp.web.channels.stream_channel import Open, StreamChannel
from myapp.web.channels.user_channel import UserChannel
from myapp.web.chat.member_stream import open_members
from myapp.web.door import EVENT_PATH, event_socket
from myapp.web.notifications.stream import open_notifications
from myapp.web.one_origin import is_same_origin
from myapp.web.ops.boards import BOARDS

PATH = "/socket/websocket"
STREAMS: Mapping[str, Open] = {
    "comments": open_comments,
    "members": open_members,
    "notifications": open_notifications,
    "organizations": open_organizations,
    "posts": open_posts,
    "search": open_search,
    "tags": open_tags,
}
_NOWHERE = "/-/-"
"""What is asked for in place of an address of two lines. Starlette's mounts know none (`.` in their patterns), so its
outermost one would answer by itself: without our page, our headers, and a line in the log."""
VISITORS = 50  # connections from one address: a school's pupils share one


def channels() -> Mapping[str, Channel]:
    """Topic, or the beginning of topics with a `*` after it, and the channel that answers for it."""
    return {
        "ops:*": OpsChannel(BOARDS),
        "reading:*": ReadingChannel(),
        "room:*": RoomChannel(),
        "rooms:*": RoomsChannel(),
        "stream:*": StreamChannel(STREAMS),
        "user:*": UserChannel(),
    }


def endpoint() -> Endpoint:
    """Where clients of this process connect."""
    return Endpoint(channels(), connect=connect, is_our_page=is_same_origin, ended=ended)


async def connect(handshake: Handshake) -> Identity:
    """Who it is that connects. Clients that cannot send `authToken` send it as the parameter `token`.

    Raises Refused or an AppError for a token that is worth nothing: who shows one wants to be somebody.
    """
    token = handshake.params.get("token") if handshake.auth_token is None else handshake.auth_token
    if token is not None:
        return await _bearer(token)
    scope = await accounts.scope_for_session(session.cookie().token_in(handshake.cookies))
    if scope.session_id is None:
        return Identity(f"visitor:{handshake.address}", assigns={"who": Principal()}, max_sockets=VISITORS)
    return _identity(scope, accounts.topic_session(scope.session_id))


async def _bearer(token: str) -> Identity:
    """A program: by a key, by a token that stands for a session, or by one of its own log-in."""
    if is_api_key(token):
        scope = await accounts.scope_for_api_key(token)
        return _identity(scope, accounts.topic_api_key(cast("UUID", scope.api_key_id)))
    session_id = session.cookie().read_token(token)
    if session_id is not None:
        scope = await accounts.scope_for_session(session_id)
        if scope.session_id is not None:
            return _identity(scope, accounts.topic_session(session_id))
    family_id = access_tokens().read(token)
    if family_id is None:
        raise Refused("unauthorized")
    return _identity(await accounts.scope_for_program(family_id), accounts.topic_token_family(family_id))


def _identity(scope: Scope, connection: str) -> Identity:
    return Identity(f"user:{scope.user_id}", connection, {"who": Principal(scope.user_id, scope.grants)})


async def ended(names: Collection[str]) -> Collection[str]:
    """Which of these connections are of what is over, where the news may have been missed."""
    system = Scope.system("news of what has ended may have been missed")
    over: list[str] = []
    for find, topic in (
        (accounts.list_ended_sessions, accounts.topic_session),
        (accounts.list_ended_api_keys, accounts.topic_api_key),
        (accounts.list_ended_programs, accounts.topic_token_family),
    ):
        ids = {UUID(name.partition(":")[2]) for name in names}
        asked = {each for each in ids if topic(each) in names}
        over += [topic(each) for each in (await find(system, asked) if asked else ())]
    return over


class WithChannels:
    """ASGI middleware that stands outside of all others: what wraps `send` would cost every broadcast."""

    def __init__(self, app: ASGIApp, endpoint: Endpoint, tabs: ASGIApp) -> None:
        self._app = app
        self._sockets: dict[str, ASGIApp] = {PATH: endpoint, EVENT_PATH: tabs, f"{EVENT_PATH}/": tabs}

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        app = self._sockets.get(scope["path"], self._app) if scope["type"] == "websocket" else self._app
        if scope["type"] == "http" and "\n" in scope["path"]:
            scope = {**scope, "path": _NOWHERE, "raw_path": _NOWHERE.encode()}
        await app(scope, receive, send)


class App(rx.App):
    """Reflex's application with the channels beside it."""

    endpoint: Endpoint

    def __call__(self) -> ASGIApp:
        return WithChannels(super().__call__(), self.endpoint, event_socket(self))
