"""One icon set (Lucide). An icon beside a text is decoration; one that stands alone says what it means."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp.web.components._types import Text, is_given


def icon(name: str, *, label: Text = "", size: int = 18, class_name: str = "") -> rx.Component:
    """The icon `name` of lucide.dev. Give `label` only where no text stands beside it: it becomes its accessible name.

    icon("search", label=t("Search"))
    """
    spoken: dict[str, Any] = {"role": "img", "aria_label": label} if is_given(label) else {"aria_hidden": "true"}
    return rx.icon(name, size=size, stroke_width=1.75, class_name=f"shrink-0 {class_name}".strip(), **spoken)
