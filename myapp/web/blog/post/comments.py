"""The conversation under a post: threads two deep, each comment with what this person may do with it."""

from __future__ import annotations

import reflex as rx

from myapp.web.blog.post.comment_forms import CommentForm, EditForm, ReplyForm
from myapp.web.blog.post.comment_rows import CommentRow, ReplyRow
from myapp.web.blog.post.comments_state import CommentsState
from myapp.web.components import (
    Item,
    as_item,
    avatar,
    badge,
    button,
    icon,
    load_more,
    relative_time,
    safe_html,
    tag,
    text_field,
    textarea_field,
)
from myapp.web.i18n import t, tn
from myapp.web.live.forms import FormState, live_form


def conversation() -> rx.Component:
    """Heading, threads, what other sites said, and the form."""
    return rx.el.section(
        rx.el.h2(
            rx.cond(
                CommentsState.count > 0,
                tn("%(count)s comment", "%(count)s comments", CommentsState.count),
                t("Comments"),
            ),
            class_name="text-lg",
        ),
        rx.cond(
            CommentsState.threads,
            rx.el.ol(
                rx.foreach(CommentsState.threads, lambda row: _thread(comment=row, key=row["key"])),
                class_name="flex flex-col gap-8",
            ),
            rx.cond(CommentsState.is_loaded, _nobody_yet()),
        ),
        load_more(
            has_more=CommentsState.has_more,
            busy=False,
            on_click=CommentsState.show_more,
            label=t("Show more comments"),
        ),
        _mentions(),
        _form_or_invitation(),
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


@rx.memo
def _thread(rest: rx.RestProp, *, comment: rx.Var[CommentRow]) -> rx.Component:
    return _shown_thread(as_item(comment), rest)


def _shown_thread(comment: Item, rest: rx.RestProp) -> rx.Component:
    return rx.el.li(
        _comment(comment),
        rx.cond(
            comment["replies"],
            rx.el.ol(
                rx.foreach(comment["replies"], lambda row: _reply(comment=row, key=row["key"])),
                aria_label=t("Replies"),
                class_name="mt-5 flex flex-col gap-5 border-s-2 border-line ps-4 sm:ms-4 sm:ps-6",
            ),
        ),
        rx.cond(
            CommentsState.answering == comment["id"],
            rx.el.div(
                _form(ReplyForm, "reply", t("Your reply"), t("Reply"), draft=comment["id"]),
                class_name="mt-5 sm:ms-4 sm:ps-6",
            ),
        ),
        rest,
    )


@rx.memo
def _reply(rest: rx.RestProp, *, comment: rx.Var[ReplyRow]) -> rx.Component:
    return rx.el.li(_comment(as_item(comment), is_reply=True), rest)


def _comment(comment: Item, *, is_reply: bool = False) -> rx.Component:
    return rx.el.article(
        rx.cond(
            comment["standing"] == "deleted",
            rx.el.p(t("This comment was deleted."), class_name="italic text-muted"),
            rx.fragment(
                _head(comment),
                rx.cond(
                    CommentsState.editing == comment["id"],
                    _form(EditForm, "edit", t("Your comment"), t("Save"), draft=comment["key"]),
                    _words(comment, is_reply=is_reply),
                ),
            ),
        ),
        id=f"comment-{comment['id']}",
        tab_index=-1,
        class_name=rx.cond(
            comment["is_changed"], "flex flex-col gap-2 rounded-box animate-tint", "flex flex-col gap-2 rounded-box"
        ),
    )


def _head(comment: Item) -> rx.Component:
    return rx.el.header(
        avatar(comment["author"], size="sm"),
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


def _words(comment: Item, *, is_reply: bool) -> rx.Component:
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
            _comment_actions(comment, is_reply=is_reply),
        ),
    )


def _comment_actions(comment: Item, *, is_reply: bool) -> rx.Component:
    answer = (
        []
        if is_reply
        else [rx.cond(CommentsState.can_comment, _act(t("Reply"), "reply", CommentsState.answer(comment["id"])))]
    )
    return rx.el.div(
        *answer,
        rx.cond(comment["can_edit"], _act(t("Edit"), "pen-line", EditForm.open(comment["id"]))),
        rx.cond(
            comment["can_hide"],
            _act(
                rx.cond(comment["standing"] == "hidden", t("Show again"), t("Hide")),
                "eye-off",
                CommentsState.toggle_hidden(comment["id"]),
            ),
        ),
        rx.cond(comment["can_delete"], _act(t("Delete"), "trash-2", CommentsState.ask_delete(comment["id"]))),
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


def _form(
    state: type[FormState], name: str, label: rx.Var[str], action: rx.Var[str], *, draft: rx.Var[str] | str = ""
) -> rx.Component:
    """`draft` is given where the form was opened for one comment: it has the focus then, and can be left."""
    is_inline = isinstance(draft, rx.Var)
    leave = [button(t("Cancel"), kind="quiet", size="sm", on_click=CommentsState.leave)] if is_inline else []
    save = button(action, type="submit", kind="primary", size="sm", busy=state.is_saving, busy_label=t("Saving"))
    return live_form(
        state,
        textarea_field(
            label,
            "body",
            form=name,
            rows=3,
            value=state.values["body"],
            error=state.errors["body"],
            required=True,
            auto_focus=is_inline,
            dir="auto",
        ),
        rx.el.details(
            rx.el.summary(t("Tags"), class_name="w-fit cursor-pointer text-sm text-muted"),
            text_field(
                t("Tags"),
                "tags",
                form=name,
                value=state.values["tags"],
                error=state.errors["tags"],
                help=t("Separated by commas."),
                auto_complete="off",
                dir="auto",
                class_name="mt-2",
            ),
            open=rx.cond(state.values["tags"], True, rx.cond(state.errors["tags"], True, False)),
        ),
        rx.el.div(save, *leave, class_name="flex gap-2"),
        name=name,
        draft=draft,
        class_name="flex flex-col gap-3",
    )


def _form_or_invitation() -> rx.Component:
    return rx.cond(
        CommentsState.can_comment,
        _form(CommentForm, "comment", t("Your comment"), t("Comment")),
        rx.cond(CommentsState.is_loaded, rx.el.p(t("Only members can comment here."), class_name="text-muted")),
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
