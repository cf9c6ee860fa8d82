"""Who is asking: the session cookie, and the scope, arguments and query of the page a state belongs to.

The cookie is HttpOnly and SameSite=Lax, so scripts cannot read it and other sites cannot send it with a form; it holds
a random token and nothing else (`accounts/sessions.py`). It is set by an ordinary form post (`api/session.py`) and read
from the headers of the connection, which stay the same while the connection lasts: what they are worth is looked up
at every event.

    scope = await scope_of(self)                # in any handler: never kept in the state, always asked again
    slug = argument(self, "post_slug")          # of the address /o/[org_slug]/posts/[post_slug]
    page = query(self).get("page", "1")

Phoenix has `conn.assigns.current_scope` and `live_session` hooks for this.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import reflex as rx
from starlette.requests import cookie_parser
from starlette.responses import Response

from myapp import accounts
from myapp.accounts import StartedSession
from myapp.config import Settings
from myapp.kit import routes
from myapp.kit.errors import NotFound, Unauthenticated
from myapp.kit.i18n import gettext_noop, negotiate
from myapp.kit.scope import Scope
from myapp.kit.signing import Signer

LOCALE_COOKIE = "locale"  # written by the browser
TOKEN_LIFETIME = 3600  # seconds
MAX_QUERY = 4000  # characters
MAX_BACK = 1000


class SessionEnded(Unauthenticated):
    """The tab was somebody's, whose session is over."""

    message = gettext_noop("Your session has ended. Log in again.")


class SessionCookie:
    """The cookie that holds a session's token, and tokens that stand for the session where there is no cookie."""

    def __init__(self, settings: Settings) -> None:
        self._tokens = Signer(settings.secret_key, "channel token", max_age=TOKEN_LIFETIME)
        self.is_secure = settings.public_url.startswith("https://")
        # Browsers take a cookie with this prefix from this very host only: no neighbour in the domain sets it.
        self.name = "__Host-session" if self.is_secure else "session"

    def token_in(self, cookies: str) -> str | None:
        """The session's token in a request's Cookie header."""
        return cookie_parser(cookies).get(self.name) or None

    def form_token_in(self, cookies: str) -> str:
        """What a form of ours repeats (`layout/form_token.js`): no other site can read or set it. "" is none."""
        found = cookie_parser(cookies)
        return found.get("__Host-csrf") or ("" if self.is_secure else found.get("csrf", ""))

    def set(self, response: Response, started: StartedSession) -> None:
        """Have the browser keep a session that has just begun."""
        response.set_cookie(
            self.name, started.token, max_age=started.max_age, httponly=True, samesite="lax", secure=self.is_secure
        )

    def clear(self, response: Response) -> None:
        """Have the browser forget its session."""
        response.delete_cookie(self.name, httponly=True, samesite="lax", secure=self.is_secure)

    def write_token(self, session_id: UUID) -> str:
        """A token with which a client without cookies may connect as this session for `TOKEN_LIFETIME`."""
        return self._tokens.sign(session_id.bytes)

    def read_token(self, token: str) -> UUID | None:
        """The session that a token stands for; None when it is forged, damaged or too old."""
        signed = self._tokens.verify(token)
        return UUID(bytes=signed.content) if signed else None


_cookie: SessionCookie | None = None


def use(cookie: SessionCookie | None) -> None:
    """Name the cookie of this process; `myapp.py` does at start, and a test for itself."""
    global _cookie  # noqa: PLW0603 - the one place a process keeps it
    _cookie = cookie


def cookie() -> SessionCookie:
    """The cookie of this process."""
    if _cookie is None:
        raise RuntimeError("the session cookie is not set up: myapp.py does it when the app is made")
    return _cookie


class TabState(rx.State):
    """Whose tab it is: the session it was last loaded for. What the tab's states hold was read for that one."""

    _session_id: str = ""


def token_of(state: rx.State) -> str | None:
    """The token that the tab's connection came with, whatever it is worth."""
    return cookie().token_in(state.rx_router_headers.cookie)


async def scope_of(state: rx.State) -> Scope:
    """Who is asking, in the organisation of the tab's address.

    Raises SessionEnded where the tab was somebody's whose session is over, and NotFound for an organisation they may
    not know of.
    """
    token = token_of(state)
    try:
        scope = await accounts.scope_for_session(token, routes.organization_of(path_of(state)))
    except NotFound:
        await require_session(state)
        raise
    if scope.session_id is None:
        await require_session(state)
    return scope


async def require_session(state: rx.State) -> None:
    """Raises SessionEnded where the tab was somebody's whose session is over."""
    if await whose(state) and (await accounts.scope_for_session(token_of(state))).session_id is None:
        raise SessionEnded


async def whose(state: rx.State) -> str:
    """The session that the tab was last loaded for; nothing for a visitor."""
    return (await state.get_state(TabState))._session_id  # noqa: SLF001 - private, so that no browser is sent it


async def give_to(state: rx.State, session_id: str) -> None:
    """The tab is this session's from now on."""
    (await state.get_state(TabState))._session_id = session_id  # noqa: SLF001


async def forget_everything(state: rx.State) -> None:
    """Empty all states of the tab: what they hold was read for somebody who is not here any more."""
    for each in rx.State.get_substates():
        (await state.get_state(each)).reset()


def path_of(state: rx.State) -> str:
    """The path of the tab's address, still quoted, such as "/o/demo/posts".

    Raises NotFound for one with a NUL in it: nothing has such a name, and the database takes none.
    """
    path = state.router.url.path or "/"
    return path if "%00" not in path else _missing()


def here(state: rx.State) -> str:
    """The tab's address with its query: where to come back to."""
    query = state.router.url.query
    return f"{path_of(state)}?{query}" if query else path_of(state)


def argument(state: rx.State, name: str) -> str:
    """The part of the tab's address that the page's route calls `[name]`. Raises NotFound when there is none.

    The browser says which address it shows, so this is as untrusted as any other argument.
    """
    return arguments(state.router.route_id, path_of(state)).get(name) or _missing()


def locale_of(state: rx.State) -> str:
    """The person's own choice of language, else the browser's."""
    headers = state.rx_router_headers  # `state.router` would copy the whole address too, for each event
    return _locale_in(headers.cookie, headers.accept_language)


@lru_cache(maxsize=1024)
def _locale_in(cookies: str, accept_language: str) -> str:
    return negotiate(cookie_parser(cookies).get(LOCALE_COOKIE), accept_language)


def _missing() -> str:
    raise NotFound


def arguments(route: str, path: str) -> dict[str, str]:
    """What the `[names]` of a route stand for in a path.

    >>> arguments("/o/[org_slug]/tags/[tag_slug]", "/o/demo/tags/caf%C3%A9")
    {'org_slug': 'demo', 'tag_slug': 'café'}
    """
    names = [part[1:-1] if part.startswith("[") else "" for part in route.split("/")]
    return {name: unquote(part) for name, part in zip(names, path.split("/"), strict=False) if name}


def query(state: rx.State) -> Mapping[str, str]:
    """The query of the tab's address; of a repeated key the last value."""
    return {name: values[-1] for name, values in query_lists(state).items()}


def query_lists(state: rx.State) -> dict[str, list[str]]:
    """The query of the tab's address with every value of a repeated key, such as `?tag=a&tag=b`."""
    return parse_qs(query_of(state))


def query_of(state: rx.State) -> str:
    """The query of the tab's address as it stands there, without what no page of ours puts into one."""
    return state.router.url.query.replace("%00", "")[:MAX_QUERY]


def back_to(path: str) -> str:
    """Where to go after a log-in: the wanted path when it is one of ours, and not a way in itself; else the front page.

    >>> back_to("/o/demo/posts?q=tea"), back_to("//evil.example"), back_to("/register?sent=1")
    ('/o/demo/posts?q=tea', '/', '/')
    """
    is_ours = len(path) <= MAX_BACK and routes.is_internal(path) and routes.is_internal(urlsplit(path).path)
    return path if is_ours and not routes.is_entrance(path) else routes.home()


def way_back(path: str) -> str:
    """The same, as an address's query carries it on: nothing for the front page, where one comes to anyway.

    >>> way_back("/o/demo/write"), way_back("/"), way_back("//evil.example")
    ('/o/demo/write', '', '')
    """
    wanted = back_to(path)
    return "" if wanted == routes.home() else wanted
