"""HTML that a room has made safe, put into a page. Never for anything else."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.el import Div, Span

type SafeHtml = str | rx.Var[str]  # the text of a Var, or what stands for it to the type checker


class _SafeDiv(Div):
    """A block with HTML in it."""

    dangerouslySetInnerHTML: rx.Var[dict[str, str]]  # noqa: N815 - React's name


class _SafeSpan(Span):
    """HTML within a line."""

    dangerouslySetInnerHTML: rx.Var[dict[str, str]]  # noqa: N815


def safe_html(html: SafeHtml, *, class_name: str | rx.Var[str] = "", **props: Any) -> rx.Component:
    """Blocks of HTML that has passed a room's allow-list, such as a post's `body_html`."""
    return _SafeDiv.create(dangerouslySetInnerHTML=_inner(html), class_name=class_name, **props)


def safe_inline_html(html: SafeHtml, *, class_name: str | rx.Var[str] = "", **props: Any) -> rx.Component:
    """The same within a line, such as a title with its search hits marked."""
    return _SafeSpan.create(dangerouslySetInnerHTML=_inner(html), class_name=class_name, **props)


def _inner(html: SafeHtml) -> rx.Var[Any]:
    return rx.Var.create({"__html": html})
