"""What is pressed."""

from __future__ import annotations

from typing import Any

import pytest
import reflex as rx

from myapp.web.components import button, icon_button
from myapp.web.components.actions import DOUBLE_PRESS
from myapp.web.live.browser import STREAMS, browser_event
from myapp.web.shell import ShellState


def actions_of(component: rx.Component) -> list[Any]:
    return [each.event_actions for each in component.event_triggers["on_click"].events]  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("does", [ShellState.enter_again, ShellState.dismiss_flash(1)], ids=["plain", "with arguments"])
def test_of_a_double_press_the_server_hears_once(does: Any) -> None:
    for made in (button("Go", on_click=does), button("Go", on_click=does, busy=ShellState.is_loading)):
        assert actions_of(made) == [{"throttle": DOUBLE_PRESS}]
    assert actions_of(icon_button("x", "Go", on_click=does)) == [{"throttle": DOUBLE_PRESS}]


def test_what_the_browser_does_by_itself_it_does_at_every_press() -> None:
    assert actions_of(button("Go", on_click=browser_event(STREAMS, "showHead", "topic"))) == [{}]
