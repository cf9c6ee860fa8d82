"""One post, with the conversation under it."""

from __future__ import annotations

import reflex as rx

from myapp.web.blog.covers import cover
from myapp.web.blog.post.attachments import attachments
from myapp.web.blog.post.comments import conversation
from myapp.web.blog.post.components import actions, body, delete_dialog, deleted_notice, facts, heading
from myapp.web.blog.post.state import PostState
from myapp.web.blog.post.transfer import transfer_dialog
from myapp.web.components import skeleton_lines
from myapp.web.i18n import t
from myapp.web.live.arrival import arrived


def post_page() -> rx.Component:
    """Reading width, nothing beside the text."""
    return rx.cond(
        arrived(PostState.path),
        rx.el.div(
            deleted_notice(),
            rx.el.article(
                heading(),
                actions(),
                cover(PostState.cover),
                body(),
                attachments(),
                facts(),
                class_name="flex flex-col gap-8",
            ),
            rx.cond(
                PostState.is_changed,
                rx.el.p(t("This post has just been changed."), role="status", class_name="sr-only"),
            ),
            rx.cond(~PostState.is_deleted, conversation()),
            delete_dialog(),
            rx.cond(PostState.can_transfer, transfer_dialog()),
            class_name="mx-auto flex max-w-reading flex-col gap-10",
        ),
        rx.el.div(skeleton_lines(9), class_name="mx-auto max-w-reading"),
    )
