"""The conversation under a post: threads two deep, each comment with what this person may do with it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp.web.blog.post.comment_forms import EditForm, ReplyForm
from myapp.web.blog.post.comment_rows import CommentRow
from myapp.web.blog.post.comment_writing import comment_form, form_or_invitation, sender, topic
from myapp.web.blog.post.comments_state import CommentsState
from myapp.web.blog.post.state import PostState
from myapp.web.components import (
    Item,
    as_item,
    avatar,
    badge,
    button,
    icon,
    relative_time,
    safe_html,
    skeleton_lines,
    tag,
)
from myapp.web.i18n import t, tn
from myapp.web.live.stream import StreamRow, stream


class StreamedComment(CommentRow, StreamRow):
    """A comment as the stream draws it."""


def conversation() -> rx.Component:
    """Heading, comments, what other sites said, and the form."""
    return rx.el.section(
        rx.el.h2(
            rx.cond(
                PostState.comment_count > 0,
                tn("%(count)s comment", "%(count)s comments", PostState.comment_count),
                t("Comments"),
            ),
            class_name="text-lg",
        ),
        stream(
            topic(),
            item=lambda comment: _row(comment=comment),
            rows=list[StreamedComment],
            loading=skeleton_lines(4),
            empty=_nobody_yet(),
            news=_news,
            descending=False,
            row_ids="comment-",
            id="conversation",
            class_name="",
        ),
        _mentions(),
        form_or_invitation(),
        id="comments",
        tab_index=-1,
        class_name="flex flex-col gap-8 border-t border-line pt-8",
    )


def _nobody_yet() -> rx.Component:
    return rx.el.p(
        rx.cond(
            CommentsState.can_comment,
            t("Nobody has said anything yet. Begin: your words appear here for everybody at once."),
            t("Nobody has said anything yet."),
        ),
        class_name="text-muted",
    )


def _news(kind: rx.Var[str], comment: Item) -> Any:
    return rx.match(
        kind,
        ("added", t("New comment by %(name)s", name=comment["author"])),
        ("changed", t("Changed: the comment by %(name)s", name=comment["author"])),
        "",
    )


@rx.memo
def _row(*, comment: rx.Var[StreamedComment]) -> rx.Component:
    return _shown_row(as_item(comment))


def _shown_row(comment: Item) -> rx.Component:
    """A reply stands beside a line that leads on from the comment above."""
    answering = rx.el.div(
        comment_form(
            ReplyForm,
            "reply",
            t("Your reply"),
            t("Reply"),
            draft=comment["id"],
            send=sender(comment["id"]),
            on_sent=CommentsState.answered,
        ),
        class_name="border-s-2 border-line ps-4 pt-5 sm:ms-4 sm:ps-6",
    )
    return rx.fragment(
        rx.el.div(
            _comment(comment),
            class_name=rx.cond(
                comment["is_reply"],
                "border-s-2 border-line ps-4 pt-5 sm:ms-4 sm:ps-6",
                "pt-8 in-[li:first-child]:pt-0",
            ),
        ),
        rx.cond(CommentsState.answering == comment["id"], answering),
    )


def _comment(comment: Item) -> rx.Component:
    return rx.el.article(
        rx.cond(
            comment["standing"] == "deleted",
            rx.el.p(t("This comment was deleted."), class_name="italic text-muted"),
            rx.fragment(
                _head(comment),
                rx.cond(
                    CommentsState.editing == comment["id"],
                    comment_form(
                        EditForm,
                        "edit",
                        t("Your comment"),
                        t("Save"),
                        draft=rx.Var.create(f"{comment['id']}-{comment['version']}"),
                    ),
                    _words(comment),
                ),
            ),
        ),
        id=f"comment-{comment['id']}",
        tab_index=-1,
        class_name="flex flex-col gap-2 rounded-box",
    )


def _head(comment: Item) -> rx.Component:
    return rx.el.header(
        avatar(comment["author"], comment["author_avatar"], size="sm"),
        rx.cond(
            comment["author_url"],
            rx.el.a(
                comment["author"],
                href=comment["author_url"],
                rel="nofollow noopener ugc",
                dir="auto",
                class_name="min-w-0 truncate font-medium hover:underline",
            ),
            rx.el.span(comment["author"], dir="auto", class_name="min-w-0 truncate font-medium"),
        ),
        relative_time(comment["at"], class_name="text-sm text-muted"),
        rx.cond(comment["is_edited"], rx.el.span(t("edited"), class_name="text-sm text-muted")),
        rx.cond(comment["standing"] == "hidden", badge(t("Hidden"), tone="warning", icon_name="eye-off")),
        class_name="flex flex-wrap items-center gap-x-2.5 gap-y-1",
    )


def _words(comment: Item) -> rx.Component:
    return rx.fragment(
        rx.cond(
            (comment["standing"] == "hidden") & (comment["body_html"] == ""),
            rx.el.p(t("A moderator has hidden this comment."), class_name="italic text-muted"),
            safe_html(comment["body_html"], dir="auto", class_name="written written-small"),
        ),
        rx.cond(
            comment["tags"],
            rx.el.ul(
                rx.foreach(comment["tags"], lambda name: rx.el.li(tag(name), class_name="min-w-0 max-w-full")),
                aria_label=t("Tags"),
                class_name="flex min-w-0 max-w-full flex-wrap gap-1.5",
            ),
        ),
        rx.cond(
            CommentsState.confirming == comment["id"],
            _confirmation(comment),
            rx.cond(comment["is_pending"] | comment["is_failed"], rx.fragment(), _comment_actions(comment)),
        ),
    )


def _comment_actions(comment: Item) -> rx.Component:
    """The server asks its policy again; here is only what would be refused left out."""
    is_mine = (CommentsState.me != "") & (comment["author_id"] == CommentsState.me)
    return rx.el.div(
        rx.cond(
            CommentsState.can_comment & ~comment["is_reply"].bool(),
            _act(t("Reply"), "reply", CommentsState.answer(comment["id"])),
        ),
        rx.cond(is_mine, _act(t("Edit"), "pen-line", EditForm.open(comment["id"]))),
        rx.cond(
            CommentsState.can_moderate,
            _act(
                rx.cond(comment["standing"] == "hidden", t("Show again"), t("Hide")),
                "eye-off",
                CommentsState.toggle_hidden(comment["id"]),
            ),
        ),
        rx.cond(
            is_mine | CommentsState.can_moderate, _act(t("Delete"), "trash-2", CommentsState.ask_delete(comment["id"]))
        ),
        class_name="-ms-2 flex flex-wrap gap-1",
    )


def _act(label: rx.Var[str], icon_name: str, on_click: object) -> rx.Component:
    return button(label, kind="quiet", size="sm", icon_name=icon_name, on_click=on_click, class_name="px-2 text-muted")


def _confirmation(comment: Item) -> rx.Component:
    return rx.el.div(
        rx.el.p(t("Delete this comment?"), class_name="text-sm font-medium"),
        button(t("Delete"), kind="danger", size="sm", on_click=CommentsState.delete(comment["id"]), auto_focus=True),
        button(t("Keep"), kind="quiet", size="sm", on_click=CommentsState.leave),
        role="group",
        aria_label=t("Delete this comment?"),
        class_name="flex flex-wrap items-center gap-2",
    )


def _mentions() -> rx.Component:
    """Pingbacks and trackbacks: other sites that linked here, apart from what people said."""
    return rx.cond(
        CommentsState.mentions,
        rx.el.details(
            rx.el.summary(
                tn("%(count)s mention elsewhere", "%(count)s mentions elsewhere", CommentsState.mention_count),
                class_name="cursor-pointer text-sm font-medium text-muted",
            ),
            rx.el.ul(rx.foreach(CommentsState.mentions, _mention), class_name="mt-3 flex flex-col gap-2 text-sm"),
        ),
    )


def _mention(row: Item) -> rx.Component:
    return rx.el.li(
        icon("link", size=14, class_name="mt-1 text-muted"),
        rx.el.a(row["author"], href=row["author_url"], rel="nofollow noopener ugc", dir="auto", class_name="underline"),
        relative_time(row["at"], class_name="text-muted"),
        class_name="flex flex-wrap items-start gap-2",
    )
