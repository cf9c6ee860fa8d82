"""Who is asking: the session cookie, and the scope, arguments and query of the page a state belongs to.

The cookie is HttpOnly and SameSite=Lax, so scripts cannot read it and other sites cannot send it with a form; it is
signed and says who the person is and since when. It is set by an ordinary form post (`session_api.py`) and read from
the headers of the connection, which stay the same while the connection lasts.

    scope = await scope_of(self)                # in any handler: never kept in the state, always asked again
    slug = argument(self, "post_slug")          # of the address /o/[org_slug]/posts/[post_slug]
    page = query(self).get("page", "1")

Phoenix has `conn.assigns.current_scope` and `live_session` hooks for this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import reflex as rx
from starlette.requests import cookie_parser

from myapp import accounts
from myapp.config import Settings
from myapp.kit import routes
from myapp.kit.errors import NotFound
from myapp.kit.i18n import negotiate
from myapp.kit.scope import Scope
from myapp.kit.signing import Signer

COOKIE = "session"
LOCALE_COOKIE = "locale"  # written by the browser
LIFETIME = 30 * 24 * 3600  # seconds
TOKEN_LIFETIME = 3600  # seconds
MAX_QUERY = 4000  # characters


@dataclass(frozen=True, slots=True)
class Session:
    """What the cookie says, once its signature has been checked."""

    user_id: UUID
    issued_at: int

    @property
    def id(self) -> str:
        """What `channels.disconnect` calls the connections of this session, and of no other one of the person."""
        return f"session:{self.user_id}:{self.issued_at}"


class SessionCookie:
    """Writes and reads the signed cookie, and tokens that stand for it where there is no cookie."""

    def __init__(self, settings: Settings) -> None:
        self._cookies = Signer(settings.secret_key, "session cookie", max_age=LIFETIME)
        self._tokens = Signer(settings.secret_key, "session token", max_age=TOKEN_LIFETIME)
        self.is_secure = settings.public_url.startswith("https://")

    def write(self, user_id: UUID) -> str:
        """The cookie's value for a person who has just shown who they are."""
        return self._cookies.sign(user_id.bytes)

    def read(self, value: str) -> Session | None:
        """The session in a cookie's value; None when it is forged, damaged or too old."""
        signed = self._cookies.verify(value)
        return Session(UUID(bytes=signed.content), signed.at) if signed else None

    def of(self, cookies: str) -> Session | None:
        """The session in a request's Cookie header."""
        return self.read(cookie_parser(cookies).get(COOKIE, ""))

    def write_token(self, session: Session) -> str:
        """A token with which a client without cookies may connect as this session for `TOKEN_LIFETIME`."""
        return self._tokens.sign(session.user_id.bytes + session.issued_at.to_bytes(8))

    def read_token(self, token: str) -> Session | None:
        """The session that a token stands for; None when it is forged, damaged or too old."""
        signed = self._tokens.verify(token)
        return Session(UUID(bytes=signed.content[:16]), int.from_bytes(signed.content[16:])) if signed else None


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


def session_of(state: rx.State) -> Session | None:
    """The session the tab's connection came with."""
    return cookie().of(state.router.headers.cookie)


async def scope_of(state: rx.State) -> Scope:
    """Who is asking, in the organisation of the tab's address. Raises NotFound for one they may not know of."""
    session = session_of(state)
    return await accounts.scope_for(session.user_id if session else None, routes.organization_of(path_of(state)))


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
    """Where to go after a log-in: the wanted path when it is one of ours, else the front page."""
    return path if routes.is_internal(urlsplit(path).path) and routes.is_internal(path) else routes.home()
