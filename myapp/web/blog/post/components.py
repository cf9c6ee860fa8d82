"""The parts of a post's page: what stands above the text, what may be done with it, and what just happened to it."""

from __future__ import annotations

import reflex as rx

from myapp.web.blog.post.readers import readers
from myapp.web.blog.post.state import PUBLISHING, PostState
from myapp.web.blog.post_list import status_badge, tag_links
from myapp.web.components import (
    avatar,
    badge,
    button,
    dialog,
    dialog_link,
    icon,
    link,
    link_button,
    plain_link,
    relative_time,
    safe_html,
)
from myapp.web.i18n import t, tn


def heading() -> rx.Component:
    """Tags, title, the author's own summary, who and when."""
    return rx.el.header(
        rx.el.div(
            tag_links(PostState.tags),
            status_badge(PostState.status),
            rx.cond(PostState.is_featured, badge(t("Featured"), tone="info", icon_name="star")),
            class_name="flex flex-wrap items-center gap-2 empty:hidden",
        ),
        rx.el.h1(PostState.title, dir="auto", class_name="text-xl sm:text-2xl"),
        rx.cond(
            PostState.excerpt,
            rx.el.p(PostState.excerpt, dir="auto", class_name="text-lg text-muted"),
        ),
        _byline(),
        class_name="flex flex-col gap-4",
    )


def _byline() -> rx.Component:
    return rx.el.div(
        avatar(PostState.author, PostState.author_avatar),
        rx.el.div(
            plain_link(PostState.author, to=PostState.author_url, dir="auto", class_name="font-medium hover:underline"),
            rx.el.p(
                relative_time(PostState.at),
                rx.cond(PostState.edited_at, rx.el.span(t("edited"), " ", relative_time(PostState.edited_at))),
                rx.cond(
                    PostState.comment_count > 0,
                    rx.el.a(
                        tn("%(count)s comment", "%(count)s comments", PostState.comment_count),
                        href="#comments",
                        class_name="hover:underline",
                    ),
                ),
                class_name="flex flex-wrap gap-x-3 text-sm text-muted",
            ),
            class_name="min-w-0",
        ),
        readers(),
        class_name="flex items-center gap-3",
    )


def actions() -> rx.Component:
    """What this person may do with this post; nothing for those who only read."""
    return rx.cond(
        PostState.can_edit | PostState.can_feature,
        rx.el.div(
            rx.cond(
                PostState.can_edit,
                link_button(t("Edit"), PostState.edit_url, kind="quiet", size="sm", icon_name="pen-line"),
            ),
            rx.cond(PostState.can_publish, _publishing()),
            rx.cond(
                PostState.can_feature,
                button(
                    rx.cond(PostState.is_featured, t("Stop featuring"), t("Feature")),
                    kind="quiet",
                    size="sm",
                    icon_name="star",
                    on_click=PostState.toggle_featured,
                ),
            ),
            rx.cond(
                PostState.can_transfer,
                link_button(
                    t("Transfer"), dialog_link("transfer"), kind="quiet", size="sm", icon_name="arrow-right-left"
                ),
            ),
            rx.cond(
                PostState.can_delete,
                link_button(
                    t("Delete"), dialog_link("delete"), kind="quiet", size="sm", icon_name="trash-2", replace=True
                ),
            ),
            role="group",
            aria_label=t("This post"),
            class_name="-my-2 flex flex-wrap gap-1 border-y border-line py-1.5 *:-ms-3 *:me-2",
        ),
    )


def _publishing() -> rx.Component:
    return rx.cond(
        PostState.status == "published",
        button(
            t("Unpublish"),
            kind="quiet",
            size="sm",
            icon_name="eye-off",
            id=PUBLISHING,
            on_click=PostState.unpublish,
            busy=PostState.is_busy,
        ),
        button(
            t("Publish now"),
            kind="primary",
            size="sm",
            icon_name="send",
            id=PUBLISHING,
            on_click=PostState.publish,
            busy=PostState.is_busy,
        ),
    )


def body() -> rx.Component:
    """The text, as the blog rendered and cleaned it when it was saved."""
    return safe_html(
        PostState.body_html,
        dir="auto",
        class_name=rx.cond(PostState.is_changed, "written animate-tint", "written"),
    )


def facts() -> rx.Component:
    """Metadata, and where the post stands among others once that is counted."""
    return rx.el.footer(
        rx.cond(
            PostState.meta,
            rx.el.dl(
                rx.foreach(
                    PostState.meta,
                    lambda pair: rx.el.div(
                        rx.el.dt(pair["name"], class_name="text-muted"),
                        rx.el.dd(pair["value"], dir="auto"),
                        class_name="flex gap-2",
                    ),
                ),
                class_name="flex flex-wrap gap-x-6 gap-y-1 text-sm",
            ),
        ),
        rx.cond((PostState.rank_overall > 0) & (PostState.views > 0), _rank()),
        class_name="flex flex-col gap-2",
    )


def _rank() -> rx.Component:
    return rx.el.p(
        tn("Read once", "Read %(count)s times", PostState.views),
        " · ",
        t(
            "number %(overall)s of all posts, number %(own)s of %(author)s’s",
            overall=PostState.rank_overall,
            own=PostState.rank_of_author,
            author=PostState.author,
        ),
        class_name="text-sm text-muted",
    )


def deleted_notice() -> rx.Component:
    """Somebody deleted what is being read: said calmly, the text stays until the reader leaves."""
    return rx.cond(
        PostState.is_deleted,
        rx.el.div(
            icon("trash-2", class_name="mt-0.5 text-muted"),
            rx.el.div(
                rx.el.p(t("This post has just been deleted."), class_name="font-medium"),
                rx.el.p(
                    t("You can finish reading. It is gone when you leave the page."),
                    " ",
                    link(t("Other posts"), PostState.list_url),
                    class_name="text-sm text-muted",
                ),
            ),
            role="status",
            class_name="flex gap-3 rounded-box border border-line bg-base-200 p-4 animate-slide-in",
        ),
    )


def delete_dialog() -> rx.Component:
    """Asks once and names the post. Open while the address ends in #delete."""
    return dialog(
        "delete",
        title=t("Delete this post?"),
        body=rx.el.div(
            rx.el.p(rx.el.strong(PostState.title, dir="auto", class_name="line-clamp-3")),
            rx.el.p(
                rx.cond(
                    PostState.comment_count > 0,
                    tn(
                        "It goes for good, with its comment.",
                        "It goes for good, with its %(count)s comments.",
                        PostState.comment_count,
                    ),
                    t("It goes for good."),
                ),
                class_name="text-muted",
            ),
            class_name="flex flex-col gap-2",
        ),
        actions=[
            button(
                t("Delete post"),
                kind="danger",
                on_click=PostState.delete,
                busy=PostState.is_busy,
                busy_label=t("Deleting"),
            )
        ],
    )
