"""Which metrics the address asks for."""

from __future__ import annotations

import reflex as rx

from myapp import ops
from myapp.web.events import server_event
from myapp.web.session import query, scope_of


class MetricsState(rx.State):
    """A group of the metrics, by the first word of their names, of all processes together or of one."""

    group: str = ""
    groups: list[str] = []
    process: str = ""

    @server_event
    async def load(self) -> None:
        """The group that the address names, or the first, and its process."""
        self.groups = await ops.list_metric_groups(await scope_of(self))
        asked, self.process = query(self).get("group", ""), query(self).get("process", "")
        self.group = asked if asked in self.groups else self.groups[0]
