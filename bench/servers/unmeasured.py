"""The application as it is served, but that nothing is measured: what telemetry costs is the difference."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import Any

from bench.servers.product import serve
from myapp import application, myapp
from myapp.web import door
from myapp.web.measured import MeasuredRequests


async def pass_on(self: Any, scope: Any, receive: Any, send: Any) -> None:
    """In place of measuring a request."""
    await self.app(scope, receive, send)


if __name__ == "__main__":
    application._telemetry = nullcontext  # noqa: SLF001
    door.measure_until_the_task_ends = lambda _handler: None
    MeasuredRequests.__call__ = pass_on
    myapp.wing[:] = [child for child in myapp.wing if child.name != "figures of the web"]
    serve(int(sys.argv[1]))
