"""Whether this process lives, and whether it is to be sent work: for load balancers and those who watch.

    GET /health/live     200 as long as the process answers at all: start it anew when it does not
    GET /health/ready    503 {"status": "error", "reason": "database_unavailable"}: send others what comes
    GET /health          the same, with every check by name

Nobody is asked who they are, and nothing is counted: what is behind it runs once a second, however many ask.
"""

from __future__ import annotations

from fastapi import APIRouter, status
from fastapi.responses import JSONResponse, Response

from myapp.kit import health, routes
from myapp.kit.health import Outcome, Report

_UNAVAILABLE = status.HTTP_503_SERVICE_UNAVAILABLE
_NEVER_KEPT = {"cache-control": "no-store"}


def health_router() -> APIRouter:
    """The endpoints."""
    router = APIRouter()
    for path, endpoint in ((routes.HEALTH, summary), (routes.LIVE, live), (routes.READY, ready)):
        router.api_route(path, methods=["GET", "HEAD"], include_in_schema=False)(endpoint)
    return router


async def live() -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"}, headers=_NEVER_KEPT)


async def ready() -> Response:
    """It can do its work, and goes on doing it."""
    report = await health.report()
    return _answer(report, {})


async def summary() -> Response:
    """What it needs for that, one by one."""
    report = await health.report()
    return _answer(report, {"checks": {outcome.name: _shown(outcome) for outcome in report.outcomes}})


def _answer(report: Report, more: dict[str, object]) -> Response:
    if report.is_ok:
        return JSONResponse({"status": "ok", **more}, headers=_NEVER_KEPT)
    failure = {"status": "error", "reason": report.reason, **more}
    return JSONResponse(failure, _UNAVAILABLE, _NEVER_KEPT)


def _shown(outcome: Outcome) -> dict[str, object]:
    shown: dict[str, object] = {"status": "ok" if outcome.is_ok else "error", "ms": round(outcome.milliseconds, 1)}
    return shown if outcome.is_ok else shown | {"reason": outcome.reason}
