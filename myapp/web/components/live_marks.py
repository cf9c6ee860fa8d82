"""Times that keep themselves up to date in the browser."""

from __future__ import annotations

from typing import Literal

import reflex as rx

from myapp.web.components._types import Text
from myapp.web.live.browser import RelativeTime


def relative_time(at: Text, *, style: Literal["long", "short"] = "long", class_name: str = "") -> rx.Component:
    """ "3 minutes ago", up to date by itself, the exact time on hover. `at` is an ISO time with its offset.

    relative_time(post["published_at"])
    """
    return RelativeTime.create(at=at, style_name=style, class_name=class_name)
