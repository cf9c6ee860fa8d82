"""The child of a process's supervision tree that the address names."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp import ops
from myapp.kit.i18n import gettext as _
from myapp.web.events import event, server_event
from myapp.web.session import query, scope_of
from myapp.web.shell import flash, push


class ChildState(rx.State):
    """One child."""

    process: str = ""
    child: str = ""
    is_supervisor: bool = False
    last_error: str = ""

    @server_event
    async def load(self) -> None:
        """Read the one that the address names."""
        self.process = query(self).get("of", "")
        path = query(self).get("child", "")
        running = (await ops.get_running(await scope_of(self), self.process)).found if path else None
        found = next((each for each in running.children if each.path == path), None) if running else None
        self.child = found.path if found else ""
        self.is_supervisor = bool(found and found.is_supervisor)
        self.last_error = found.last_error if found else ""

    @event
    async def kill(self) -> Any:
        """Let it crash: its supervisor starts it anew."""
        await ops.kill_child(await scope_of(self), self.child, self.process)
        return [push("close_dialog"), flash(_("%(name)s is killed, and started anew.") % {"name": self.child})]
