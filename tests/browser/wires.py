"""A page's connection to the channels in a test's hands.

    wire = Wire()
    page = await people.visit("/", wire=wire)
    wire.hold(); …; wire.release()           # what the page says stays on its way, and then arrives in its order
    await wire.cut(); …; wire.mend()         # it is closed, and each new one too, until the line is whole again

Chromium's own `set_offline` does neither of them for certain: it leaves a WebSocket open and holds its frames back.
"""

from __future__ import annotations

import re

from playwright.async_api import Page, WebSocketRoute

SOCKET = re.compile(r"/socket/websocket")
GOING_AWAY = 1001  # RFC 6455, 7.4.1: after this one the page comes back


class Wire:
    """The one connection of one page; to be given to `People.visit`, as it has to be there before the page."""

    def __init__(self) -> None:
        self._is_whole = True
        self._ends: list[WebSocketRoute] = []
        self._held: list[tuple[WebSocketRoute, str | bytes]] | None = None

    async def lead(self, page: Page) -> None:
        """Let the page's connections go through this wire."""
        await page.route_web_socket(SOCKET, self._opened)

    def hold(self) -> None:
        """From now on nothing the page says arrives."""
        self._held = []

    def release(self) -> None:
        """What was held arrives, and all that is said from now on."""
        held, self._held = self._held or [], None
        for server, message in held:
            server.send(message)

    async def cut(self) -> None:
        """Close it on both sides."""
        self._is_whole = False
        for end in self._ends:
            await end.close(code=GOING_AWAY)

    def mend(self) -> None:
        """Let the page come back the next time it tries."""
        self._is_whole = True

    async def _opened(self, page: WebSocketRoute) -> None:
        if not self._is_whole:
            await page.close(code=GOING_AWAY)
            return
        server = page.connect_to_server()
        page.on_message(lambda message: self._say(server, message))
        self._ends = [page, server]

    def _say(self, server: WebSocketRoute, message: str | bytes) -> None:
        if self._held is None:
            server.send(message)
        else:
            self._held.append((server, message))
