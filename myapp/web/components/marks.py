"""Small marks: tags, badges, avatars, keys, progress."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx

from myapp.web.components._types import Child, Text, classes, is_given
from myapp.web.components.actions import plain_link
from myapp.web.components.icons import icon
from myapp.web.live.browser import initials

type Tone = Literal["neutral", "info", "success", "warning", "error", "live"]

# The ink says it, the tint underlines it: both keep 4.5:1 on every base.
_TONES: dict[str, str] = {
    "neutral": "text-muted border-line",
    "info": "text-info border-info/40",
    "success": "text-success border-success/40",
    "warning": "text-warning border-warning/40",
    "error": "text-error border-error/40",
    "live": "text-live border-live/40",
}


def tag(label: Text, to: Text = "", **props: Any) -> rx.Component:
    """A topic. With `to` it is a link."""
    look = "inline-flex max-w-full items-center gap-1 rounded-selector bg-base-200 px-2 py-0.5 text-sm text-muted"
    mark = rx.el.span("#", aria_hidden="true", class_name="opacity-70")
    name = rx.el.span(label, dir="auto", class_name="truncate")
    if not is_given(to):
        return rx.el.span(mark, name, class_name=look, **props)
    hover = "hover:bg-base-300 hover:text-base-content"
    return plain_link(mark, name, to=to, class_name=classes(look, hover), **props)


def badge(label: Text, *, tone: Tone = "neutral", icon_name: str = "", **props: Any) -> rx.Component:
    """A state in a word: draft, scheduled, featured."""
    look = "inline-flex items-center gap-1 rounded-selector border px-1.5 text-xs font-medium leading-5"
    mark = [icon(icon_name, size=12)] if icon_name else []
    return rx.el.span(*mark, label, class_name=classes(look, _TONES[tone]), **props)


def avatar(name: Text, image: Text = "", *, size: Literal["sm", "md", "lg"] = "md") -> rx.Component:
    """A person's picture, `image`, or initials. Decoration: the name stands beside it."""
    sizes = {"sm": "size-6 text-xs", "md": "size-8 text-xs", "lg": "size-12 text-base"}
    look = "inline-grid shrink-0 select-none place-items-center rounded-full bg-base-300 font-semibold"
    face: Child = initials(name)
    if is_given(image):  # over the initials, which are seen while it comes, and where it has gone meanwhile
        picture = rx.el.img(src=image, alt="", class_name="size-full rounded-full object-cover")
        face = rx.fragment(rx.el.span(face), rx.cond(image, picture))
        look += " *:col-start-1 *:row-start-1"
    return rx.el.span(face, aria_hidden="true", class_name=classes(look, sizes[size]))


def kbd(key: Text) -> rx.Component:
    """A key to press."""
    look = "rounded-selector border border-line bg-base-200 px-1.5 font-mono text-xs leading-5 text-muted"
    return rx.el.kbd(key, class_name=look)


def progress_bar(value: rx.Var[int] | int, maximum: rx.Var[int] | int, *, label: Text) -> rx.Component:
    """How far a long job is. Browsers read `value` of `maximum`; say the same in words beside it."""
    return rx.el.progress(value=value, max=maximum, aria_label=label, class_name="progress progress-primary h-2 w-full")
