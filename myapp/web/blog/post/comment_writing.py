"""Writing in a conversation: the form under it, the one for a reply, and the one for other words."""

from __future__ import annotations

from typing import Any, cast

import reflex as rx

from myapp.web.blog.post.comment_forms import CommentForm
from myapp.web.blog.post.comments_state import CommentsState
from myapp.web.components import button, text_field, textarea_field
from myapp.web.i18n import t
from myapp.web.live.arrival import arrived
from myapp.web.live.browser import function_call
from myapp.web.live.forms import FieldsState, FormState, live_form
from myapp.web.live.scripts import linked_scripts
from myapp.web.shell import ShellState

_COMMENTS = linked_scripts(__file__)["comments"]


def topic() -> rx.Var[str]:
    """Nothing until it is known for this address: the state may still hold that of the post before."""
    return cast("rx.Var[str]", rx.cond(arrived(CommentsState.path), CommentsState.topic, ""))


def sender(parent_id: rx.Var[str] | str) -> rx.Var[Any]:
    """What puts a comment on its way: see `comments.js`."""
    arguments = (topic(), ShellState.person_name, ShellState.person_avatar, CommentsState.me, parent_id)
    return function_call(_COMMENTS, "commentSender", *arguments)


def comment_form(
    state: type[FieldsState],
    name: str,
    label: rx.Var[str],
    action: rx.Var[str],
    *,
    draft: rx.Var[str] | str = "",
    **sending: Any,
) -> rx.Component:
    """`draft` is given where the form was opened for one comment: it has the focus then, and can be left."""
    is_inline = isinstance(draft, rx.Var)
    leave = [button(t("Cancel"), kind="quiet", size="sm", on_click=CommentsState.leave)] if is_inline else []
    busy: dict[str, Any] = {"busy": state.is_saving, "busy_label": t("Saving")} if issubclass(state, FormState) else {}
    save = button(action, type="submit", kind="primary", size="sm", **busy)
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
        **sending,
    )


def form_or_invitation() -> rx.Component:
    return rx.cond(
        CommentsState.can_comment,
        comment_form(CommentForm, "comment", t("Your comment"), t("Comment"), send=sender("")),
        rx.cond(arrived(CommentsState.path), rx.el.p(t("Only members can comment here."), class_name="text-muted")),
    )
