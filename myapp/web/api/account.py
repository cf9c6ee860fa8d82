"""Become a person here, confirm the address, choose another password: form posts, as those of `session.py`."""

from __future__ import annotations

import time
from asyncio import sleep

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import Response

from myapp import accounts
from myapp.kit import routes
from myapp.kit.errors import AppError
from myapp.web.api.requests import PostedForm, device_of, done, form_endpoints, refused, scope_of_request

EVEN = 0.4
"""Seconds after which whoever registers is answered at the earliest: the writing takes longer where it is all new."""


def account_router() -> APIRouter:
    """The endpoints."""
    router = form_endpoints()
    router.post(routes.ACCOUNT_REGISTER, include_in_schema=False)(register)
    router.post(routes.ACCOUNT_CONFIRM, include_in_schema=False)(confirm)
    router.post(routes.ACCOUNT_RESET, include_in_schema=False)(send_reset)
    router.post(routes.ACCOUNT_RESET_USE, include_in_schema=False)(use_reset)
    return router


async def register(request: Request, form: PostedForm) -> Response:
    """The same answer, and as soon, whether or not there is an account with this address."""
    began = time.monotonic()
    try:
        await accounts.register(await scope_of_request(request), form, ip=device_of(request).ip)
    except AppError as error:
        return refused(request, error, routes.register())
    await sleep(max(0.0, began + EVEN - time.monotonic()))
    return done(request, routes.register(sent="1"))


async def confirm(request: Request, form: PostedForm) -> Response:
    """What the button does that a mail leads to."""
    try:
        await accounts.confirm(await scope_of_request(request), form.get("link", ""))
    except AppError as error:
        return refused(request, error, routes.home())
    scope = await scope_of_request(request)
    return done(request, routes.home() if scope.user_id else routes.log_in(confirmed="1"))


async def send_reset(request: Request, form: PostedForm) -> Response:
    """The same answer, and as soon, whether or not there is somebody with this address."""
    changeset = accounts.change_address(form)
    if not changeset.valid:
        return refused(request, changeset, routes.reset())
    try:
        send = await accounts.request_reset(
            await scope_of_request(request), form.get("email", ""), ip=device_of(request).ip
        )
    except AppError as error:
        return refused(request, error, routes.reset())
    answer = done(request, routes.reset(sent="1"))
    answer.background = BackgroundTask(send)
    return answer


async def use_reset(request: Request, form: PostedForm) -> Response:
    """What the form does that a mail leads to."""
    try:
        await accounts.reset_password(await scope_of_request(request), form.get("link", ""), form)
    except AppError as error:
        return refused(request, error, routes.reset())
    return done(request, routes.log_in(changed="1"))
