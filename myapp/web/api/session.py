"""Log in and out: form posts that set and clear the session cookie. And a token in its place.

    POST /session           email, password, is_remembered, back      log in
    POST /session/link      email, back                               have a link sent that logs in
    POST /session/link/use  link, is_remembered, back                 log in with it
    POST /session/delete    back                                      log out
    POST /session/token                                               {token, expires_in} for the channels
    POST /session/demo      user_id, back                             in development: be one of the demo people

Every log-in begins a session of its own, and ends the one that the browser had. A script of ours, which asks for JSON,
gets `{"data": {"to": …}}` or `{"errors": {"detail": …, "fields": …}}`; a browser by itself is sent on, or back.
"""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, status
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from myapp import accounts
from myapp.accounts import StartedSession
from myapp.config import Settings
from myapp.kit import routes
from myapp.kit.errors import AppError, NotFound
from myapp.kit.i18n import gettext
from myapp.web.api.requests import (
    PostedForm,
    device_of,
    done,
    form_endpoints,
    mail_to,
    refused,
    scope_of_request,
)
from myapp.web.ids import as_id
from myapp.web.session import TOKEN_LIFETIME, back_to, cookie, way_back


def session_router(settings: Settings) -> APIRouter:
    """The endpoints; the demonstration's one is left out in production."""
    router = form_endpoints()
    router.post(routes.SESSION, include_in_schema=False)(log_in)
    router.post(routes.SESSION_LINK, include_in_schema=False)(send_link)
    router.post(routes.SESSION_LINK_USE, include_in_schema=False)(use_link)
    router.post(routes.SESSION_DELETE, include_in_schema=False)(leave)
    router.post(routes.SESSION_TOKEN, include_in_schema=False)(token)
    if settings.env != "production":
        router.post(routes.SESSION_DEMO, include_in_schema=False)(become)
    return router


async def log_in(request: Request, form: PostedForm) -> Response:
    """With an address and a password."""
    back = form.get("back", "")
    try:
        started = await accounts.log_in(await scope_of_request(request), form, device_of(request))
    except AppError as error:
        return refused(request, error, routes.log_in(back=way_back(back)))
    return _with_cookie(request, started, back_to(back))


async def send_link(request: Request, form: PostedForm) -> Response:
    """The same answer, and as soon, whether or not there is somebody with this address."""
    return await mail_to(accounts.request_log_in_link, request, form, routes.log_in)


async def use_link(request: Request, form: PostedForm) -> Response:
    """What the button does that a mail leads to."""
    is_remembered, back = form.get("is_remembered") == "on", form.get("back", "")
    try:
        started = await accounts.log_in_with_link(
            await scope_of_request(request), form.get("link", ""), device_of(request), is_remembered=is_remembered
        )
    except AppError as error:
        return refused(request, error, routes.log_in(back=way_back(back)))
    return _with_cookie(request, started, back_to(back))


async def become(request: Request, form: PostedForm) -> RedirectResponse:
    """Act as a person of the demonstration; nobody else."""
    try:
        user_id = as_id(form.get("user_id", ""))
        started = await accounts.log_in_as_demo_user(await scope_of_request(request), user_id, device_of(request))
    except NotFound:
        raise HTTPException(status.HTTP_404_NOT_FOUND, gettext("There is no such person.")) from None
    answer = RedirectResponse(back_to(form.get("back", "")), status.HTTP_303_SEE_OTHER)
    cookie().set(answer, started)
    return answer


async def leave(request: Request, form: PostedForm) -> RedirectResponse:
    """Be a visitor again."""
    await accounts.log_out(await scope_of_request(request))
    answer = RedirectResponse(back_to(form.get("back", "")), status.HTTP_303_SEE_OTHER)
    cookie().clear(answer)
    return answer


async def token(request: Request) -> dict[str, str | int]:
    """A token with which a program of the person's may connect to the channels: `{token, expires_in}`, in seconds."""
    scope = await scope_of_request(request)
    if scope.session_id is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, gettext("Nobody is logged in."))
    return {"token": cookie().write_token(scope.session_id), "expires_in": TOKEN_LIFETIME}


def _with_cookie(request: Request, started: StartedSession, to: str) -> Response:
    answer = done(request, to)
    cookie().set(answer, started)
    return answer
