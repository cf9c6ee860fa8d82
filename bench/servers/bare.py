"""Reflex alone, with one state and one handler: what a live event costs without us."""

from __future__ import annotations

import sys

import reflex as rx
import uvicorn


class BareState(rx.State):
    """Does what `ShellState.dismiss_flash` does."""

    rows: list[int] = []  # noqa: RUF012 - Reflex copies it for each session

    @rx.event
    def drop(self, row: int) -> None:
        """Take a row away."""
        self.rows = [each for each in self.rows if each != row]


def page() -> rx.Component:
    """A page that uses the handler, so that Reflex keeps it."""
    return rx.el.main(rx.el.button("Drop", on_click=BareState.drop(1)))


def serve(app: rx.App, port: int) -> None:
    """Serve an app's sockets with the server the product uses."""
    uvicorn.run(app(), port=port, loop="uvloop", http="httptools", ws="websockets-sansio", log_level="error")


if __name__ == "__main__":
    bare = rx.App()
    bare.add_page(page, route="/")
    serve(bare, int(sys.argv[1]))
