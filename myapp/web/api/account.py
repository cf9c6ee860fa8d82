"""Become a person here, confirm the address, choose another password: form posts, as those of `session.py`.

Each takes `back`, a path of ours that the person wanted in the first place: it goes along through pages and mails, and
once they are in they get there.
"""

from __future__ import annotations

import time
from asyncio import sleep

from fastapi import APIRouter, Request
from starlette.responses import Response

from myapp import accounts
from myapp.kit import routes
from myapp.kit.errors import AppError
from myapp.web.api.requests import PostedForm, device_of, done, form_endpoints, mail_to, refused, scope_of_request
from myapp.web.session import back_to, way_back

EVEN = 0.4
"""Seconds of which whoever registers waits a whole number: the writing takes longer where it is all new, and where
many wait for a hash it takes longer than these for everybody.
"""


def account_router() -> APIRouter:
    """The endpoints."""
    router = form_endpoints()
    router.post(routes.ACCOUNT_REGISTER, include_in_schema=False)(register)
    router.post(routes.ACCOUNT_CONFIRM, include_in_schema=False)(confirm)
    router.post(routes.ACCOUNT_CONFIRM_AGAIN, include_in_schema=False)(confirm_again)
    router.post(routes.ACCOUNT_RESET, include_in_schema=False)(send_reset)
    router.post(routes.ACCOUNT_RESET_USE, include_in_schema=False)(use_reset)
    return router


async def register(request: Request, form: PostedForm) -> Response:
    """The same answer, and as soon, whether or not there is an account with this address."""
    began, back = time.monotonic(), way_back(form.get("back", ""))
    try:
        await accounts.register(await scope_of_request(request), form, ip=device_of(request).ip, back=back)
    except AppError as error:
        return refused(request, error, routes.register(back=back))
    await sleep(EVEN - (time.monotonic() - began) % EVEN)
    return done(request, routes.register(sent="1", back=back))


async def confirm(request: Request, form: PostedForm) -> Response:
    """What the button does that a mail leads to."""
    back = way_back(form.get("back", ""))
    try:
        await accounts.confirm(await scope_of_request(request), form.get("link", ""))
    except AppError as error:
        return refused(request, error, routes.confirm_again(back=back))
    scope = await scope_of_request(request)
    return done(request, back_to(back) if scope.user_id else routes.log_in(confirmed="1", back=back))


async def confirm_again(request: Request, form: PostedForm) -> Response:
    """The same answer, and as soon, whether or not there is somebody with this address, and whatever is confirmed."""
    return await mail_to(accounts.request_confirmation_to, request, form, routes.confirm_again)


async def send_reset(request: Request, form: PostedForm) -> Response:
    """The same answer, and as soon, whether or not there is somebody with this address."""
    return await mail_to(accounts.request_reset, request, form, routes.reset)


async def use_reset(request: Request, form: PostedForm) -> Response:
    """What the form does that a mail leads to."""
    back = way_back(form.get("back", ""))
    try:
        await accounts.reset_password(await scope_of_request(request), form.get("link", ""), form)
    except AppError as error:
        return refused(request, error, routes.reset(back=back))
    return done(request, routes.log_in(changed="1", back=back))
