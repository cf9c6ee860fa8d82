"""Giving a post to another author: a dialog with one question. Open while the address ends in #transfer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, override

import reflex as rx

from myapp import accounts, blog
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.i18n import gettext as _
from myapp.web.blog.post.state import PostState
from myapp.web.components import button, dialog
from myapp.web.events import server_event
from myapp.web.i18n import t
from myapp.web.live.combobox import Suggestion, SuggestState, choice_field, chosen_id, people
from myapp.web.live.forms import FormState, live_form
from myapp.web.session import scope_of
from myapp.web.shell import flash, push

_FORM = "transfer"


class TransferForm(SuggestState, FormState, rx.State):
    """Who is to have the post."""

    @server_event
    def load(self) -> None:
        """The field is empty as the page is drawn. It is not emptied here: its reader may be typing already."""
        self._forget_suggestions()
        self.errors = {}

    @override
    async def _suggest(self, words: str) -> Sequence[Suggestion]:
        """Whom it can go to, for those who may give it away."""
        post = await self.get_state(PostState)
        if not post.can_transfer:
            return []
        return people(await accounts.suggest_members(await scope_of(self), words, but=post.authors()))

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        post = await self.get_state(PostState)
        return await blog.change_post(await scope_of(self), post.require_post(), {})

    @override
    async def _save(self, attrs: Attrs) -> Any:
        post = await self.get_state(PostState)
        author_id = chosen_id(attrs.get("author_id"), "author_id", await self._change(attrs))
        await blog.transfer_post(await scope_of(self), post.require_post(), author_id)
        await post.read_again()
        return [push("close_dialog"), flash(_("The post is %(name)s’s now.") % {"name": post.author})]


def transfer_dialog() -> rx.Component:
    """The question, and a field that finds people."""
    author = choice_field(
        t("New author"),
        "author_id",
        TransferForm,
        form=_FORM,
        error=TransferForm.errors["author_id"],
        nothing=t("Nobody is called so"),
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
        body=live_form(TransferForm, author, name=_FORM),
        actions=[give],
    )
