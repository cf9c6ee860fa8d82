"""Giving a post to another author: a dialog with one question. Open while the address ends in #transfer."""

from __future__ import annotations

from typing import Any, override

import reflex as rx

from myapp import accounts, blog
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.i18n import gettext as _
from myapp.web.blog.post.state import PostState
from myapp.web.components import button, dialog, select_field
from myapp.web.events import server_event
from myapp.web.i18n import t
from myapp.web.ids import as_id
from myapp.web.live.forms import FormState, live_form
from myapp.web.session import scope_of
from myapp.web.shell import flash, push

_FORM = "transfer"


class TransferForm(FormState, rx.State):
    """Who is to have the post."""

    people: list[tuple[str, str]] = []  # ids and names

    @server_event
    async def load(self) -> None:
        """Whom it can go to: asked only for those who may give it away, once the post is shown."""
        post = await self.get_state(PostState)
        members = await accounts.list_members(await scope_of(self)) if post.can_transfer else []
        self.people = [(str(each.user_id), each.name) for each in members if not post.is_by(each.user_id)]
        self._fill({})

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        post = await self.get_state(PostState)
        return await blog.change_post(await scope_of(self), post.require_post(), {})

    @override
    async def _save(self, attrs: Attrs) -> Any:
        post = await self.get_state(PostState)
        await blog.transfer_post(await scope_of(self), post.require_post(), as_id(attrs.get("author_id")))
        await post.read_again()
        return [push("close_dialog"), flash(_("The post is %(name)s’s now.") % {"name": post.author})]


def transfer_dialog() -> rx.Component:
    """The question, and the list of people."""
    people = select_field(
        t("New author"),
        "author_id",
        TransferForm.people,
        form=_FORM,
        error=TransferForm.errors["author_id"],
        required=True,
    )
    give = button(
        t("Give away"),
        type="submit",
        form=f"{_FORM}-form",
        kind="primary",
        busy=TransferForm.is_saving,
        busy_label=t("Giving away"),
    )
    return dialog(
        "transfer",
        title=t("Give this post to another author"),
        body=live_form(
            TransferForm,
            people,
            name=_FORM,
        ),
        actions=[give],
    )
