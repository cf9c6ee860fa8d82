"""What every endpoint asks of a request: who sends it, from where, and whether a page of ours made it.

Forms are small, come from our own pages, and are answered in the reader's language: a script of ours, which asks for
JSON, with JSON; a browser that posted by itself, as it does while a page has not come to life, with a redirect.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from ipaddress import ip_address
from typing import Annotated, Any, Protocol
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request, status
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.background import BackgroundTask
from starlette.requests import cookie_parser
from starlette.responses import Response

from myapp import accounts
from myapp.accounts import Device
from myapp.kit import i18n
from myapp.kit.changeset import Changeset
from myapp.kit.errors import AppError, Invalid, RateLimited, Unavailable
from myapp.kit.i18n import gettext
from myapp.kit.scope import Scope
from myapp.web.api.auth import bearer_in, scope_of_bearer
from myapp.web.one_origin import is_same_origin
from myapp.web.session import LOCALE_COOKIE, cookie, way_back

MAX_FORM = 16 * 1024  # bytes
MAX_FIELDS = 30
MIN_TOKEN = 32  # characters: 128 bits as our script writes them

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def require_same_origin(request: Request) -> None:
    """Refuse a post that another site made a browser send, and one that does not say where it comes from."""
    if not is_same_origin(request.headers.get("origin", ""), request.scope):
        raise HTTPException(status.HTTP_403_FORBIDDEN, gettext("This form belongs to another site."))


def _require_form_token(request: Request, sent: str) -> None:
    """Refuse a post that does not repeat the cookie which our pages' script has set.

    https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
    """
    held = cookie().form_token_in(request.headers.get("cookie", ""))
    if len(held) < MIN_TOKEN or not compare_digest(held.encode(), sent.encode()):
        raise HTTPException(status.HTTP_403_FORBIDDEN, gettext("Load the page again, then repeat this."))
    request.state.is_ours = True


async def scope_of_request(request: Request, org_slug: str | None = None, *, org_id: UUID | None = None) -> Scope:
    """Who sends this request, by `Authorization: Bearer` or the session cookie, in the organisation its address names.

    No browser sends a bearer by itself. A cookie goes with every form and script, so what comes with one and may change
    something is refused unless a page of ours has sent it, by its origin and its token. Raises Unauthenticated for a
    bearer that is worth nothing, and NotFound for an organisation they may not know of.
    """
    shown = request.headers.get("authorization")
    if shown is not None:
        return await scope_of_bearer(bearer_in(shown), org_slug, org_id=org_id)
    if request.method not in _SAFE and not getattr(request.state, "is_ours", False):
        require_same_origin(request)
        _require_form_token(request, request.headers.get("x-csrf-token", ""))
    token = cookie().token_in(request.headers.get("cookie", ""))
    return await accounts.scope_for_session(token, org_slug, org_id=org_id)


def device_of(request: Request) -> Device:
    """Where it comes from. Of what a proxy says the server has believed only those that the settings trust."""
    return Device(_address(request.client.host if request.client else ""), request.headers.get("user-agent", ""))


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a small form; of a repeated name the last."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM:
            raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, gettext("This form is too large."))
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, gettext("This is no form.")) from None


PostedForm = Annotated[dict[str, str], Depends(form_of)]


def _require_token_in(request: Request, form: PostedForm) -> None:
    _require_form_token(request, form.get("csrf_token") or request.headers.get("x-csrf-token", ""))


async def in_their_language(request: Request) -> None:
    """Have what is said and mailed from here on in the language of whoever asks."""
    chosen = cookie_parser(request.headers.get("cookie", "")).get(LOCALE_COOKIE)
    i18n.set_locale(i18n.negotiate(chosen, request.headers.get("accept-language", "")))


def form_endpoints() -> APIRouter:
    """A router for posts of our own pages."""
    checks = (require_same_origin, in_their_language, _require_token_in)  # the first before anything is read
    return APIRouter(dependencies=[Depends(check) for check in checks])


def done(request: Request, to: str) -> Response:
    """It worked: go there."""
    if _is_script(request):
        return JSONResponse({"data": {"to": to}})
    return RedirectResponse(to, status.HTTP_303_SEE_OTHER)


def refused(request: Request, why: AppError | Changeset[Any], back: str) -> Response:
    """It did not: what is wrong, or back to where it was tried."""
    if not _is_script(request):
        mark = "&" if "?" in back else "?"
        return RedirectResponse(f"{back}{mark}failed=1", status.HTTP_303_SEE_OTHER)
    error = why if isinstance(why, AppError) else Invalid(why)
    fields = {name: texts[0] for name, texts in error.errors.items()} if isinstance(error, Invalid) else {}
    headers = (
        {"retry-after": str(math.ceil(error.retry_after))} if isinstance(error, RateLimited | Unavailable) else None
    )
    detail = {
        "detail": str(error),
        "fields": fields,
    }
    return JSONResponse({"errors": detail}, error.status, headers)


class _Request(Protocol):
    """What asks a room for a mail, and returns what sends it."""

    async def __call__(
        self, scope: Scope, email: str, *, ip: str | None, back: str
    ) -> Callable[[], Awaitable[None]]: ...


async def mail_to(ask: _Request, request: Request, form: dict[str, str], page: Callable[..., str]) -> Response:
    """Have a mail sent to an address that was typed on this page.

    It is looked for and written after the answer, which is the same for every address, and comes as soon.
    """
    back = way_back(form.get("back", ""))
    changeset = accounts.change_address(form)
    if not changeset.valid:
        return refused(request, changeset, page(back=back))
    try:
        scope, ip = await scope_of_request(request), device_of(request).ip
        send = await ask(scope, form.get("email", ""), ip=ip, back=back)
    except AppError as error:
        return refused(request, error, page(back=back))
    answer = done(request, page(sent="1", back=back))
    answer.background = BackgroundTask(send)
    return answer


def limited(error: RateLimited) -> Response:
    """Too many files: when another may be sent, as it is said at the field."""
    words = {"file": [str(error)]}
    return JSONResponse({"errors": words}, error.status, {"retry-after": str(math.ceil(error.retry_after))})


def _is_script(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _address(host: str) -> str | None:
    try:
        return str(ip_address(host))
    except ValueError:  # a socket file, or a test
        return None
