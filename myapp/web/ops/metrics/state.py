"""Which metrics the address asks for."""

from __future__ import annotations

import reflex as rx

from myapp import ops
from myapp.web.events import server_event
from myapp.web.session import query, scope_of


class MetricsState(rx.State):
    """A group of the metrics, by the first word of their names."""

    group: str = ""
    groups: list[str] = []

    @server_event
    async def load(self) -> None:
        """The group that the address names, or the first."""
        self.groups = await ops.list_metric_groups(await scope_of(self))
        asked = query(self).get("group", "")
        self.group = asked if asked in self.groups else self.groups[0]
