"""Covers of posts. Width and height stand beside each, so that nothing moves when it comes."""

from __future__ import annotations

from typing import Any, cast

import reflex as rx

from myapp.web.blog.files import CoverRow
from myapp.web.components import Item


def cover(post: CoverRow | rx.Var[CoverRow]) -> rx.Component:
    """As wide as the text below it; a tall one is cut."""
    row = cast("Item", post)
    image = _image(
        row,
        sizes="(min-width: 48rem) 44rem, 100vw",
        measures=(row["cover_width"], row["cover_height"]),
        alt=row["cover_alt"],
        class_name="h-auto max-h-[32rem] w-full rounded-box bg-base-200 object-cover",
    )
    return rx.cond(row["cover_src"], image)


def small_cover(post: Item) -> rx.Component:
    """Beside the words of a list, which say what it is about."""
    image = _image(
        post,
        sizes="(min-width: 40rem) 10rem, 6rem",
        measures=(160, 107),
        alt="",
        loading="lazy",
        class_name="mt-1 aspect-3/2 h-auto w-24 shrink-0 rounded-box bg-base-200 object-cover sm:w-40",
    )
    return rx.cond(post["cover_src"], image)


def _image(row: Item, *, measures: tuple[object, object], **props: Any) -> rx.Component:
    """Attributes and not props, which Reflex would write as styles that no class can change."""
    width, height = measures
    attributes = {"width": width, "height": height, "decoding": "async"}
    return rx.el.img(src=row["cover_src"], src_set=row["cover_src_set"], custom_attrs=attributes, **props)
