"""A person's keys, and the form in which one is made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypedDict, override

import reflex as rx

from myapp import accounts
from myapp.accounts import ApiKeyCard, TooManyKeys
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.clock import now
from myapp.kit.i18n import gettext as _
from myapp.kit.scope import Grant
from myapp.web.events import event, server_event
from myapp.web.ids import as_id
from myapp.web.live.forms import FormState, NotSaved
from myapp.web.live.subscriptions import follow
from myapp.web.session import path_of, scope_of
from myapp.web.shell import flash, push

LASTS = ("30", "90", "365")  # days


class KeyRow(TypedDict):
    """A key in the list."""

    id: str
    name: str
    prefix: str
    may_write: bool
    may_manage: bool
    inserted_at: str
    last_used_at: str
    expires_at: str
    is_expired: bool


class KeysState(rx.State):
    """One's own keys, live; and the one that was made just now, until the page is left."""

    keys: list[KeyRow] = []
    shown_key: str = ""
    chosen_id: str = ""
    chosen_name: str = ""
    path: str = ""

    @server_event
    async def load(self) -> None:
        """Read them, and follow what comes of them."""
        self.shown_key = ""
        await self.read_again()
        scope = await scope_of(self)
        if scope.user_id is not None:
            follow(self, accounts.topic_credentials(scope.user_id), KeysState.on_change)
        self.path = path_of(self)

    @server_event
    async def on_change(self, _events: list[object]) -> None:
        """One was made or revoked, here or elsewhere."""
        await self.read_again()

    @server_event
    async def read_again(self) -> None:
        """The list as it is now."""
        self.keys = [_row(card) for card in await accounts.list_api_keys(await scope_of(self))]

    @event
    def hide(self) -> None:
        """The new key was copied."""
        self.shown_key = ""

    @event
    def choose(self, key_id: str) -> Any:
        """Ask whether this key is to be revoked."""
        chosen = [row for row in self.keys if row["id"] == key_id]
        self.chosen_id = key_id if chosen else ""
        self.chosen_name = chosen[0]["name"] if chosen else ""
        return push("open_dialog", "revoke")

    @event
    async def revoke(self) -> Any:
        """Revoke the key that was asked about."""
        await accounts.delete_api_key(await scope_of(self), as_id(self.chosen_id))
        await self.read_again()
        return [push("close_dialog"), flash(_("The key opens nothing any more."))]


class NewKeyForm(FormState, rx.State):
    """A key that is about to be made."""

    @server_event
    def load(self) -> None:
        """An empty form."""
        self._fill({"lasts": LASTS[1]})

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return accounts.change_api_key(await scope_of(self), _key(attrs))

    @override
    async def _save(self, attrs: Attrs) -> Any:
        try:
            made = await accounts.create_api_key(await scope_of(self), _key(attrs))
        except TooManyKeys as error:
            return NotSaved(flash(str(error), "error"))
        state = await self.get_state(KeysState)
        state.shown_key = made.key
        await state.read_again()
        self._fill({"lasts": LASTS[1]})
        return push("focus", "new-key")


def _key(attrs: Attrs) -> dict[str, object]:
    """What the form's boxes and choices mean."""
    ticked = [grant.value for grant in (Grant.WRITE, Grant.MANAGE) if attrs.get(grant.value) is True]
    lasts = attrs.get("lasts")
    ends = (now() + timedelta(days=int(lasts))).isoformat() if isinstance(lasts, str) and lasts in LASTS else None
    return {"name": attrs.get("name"), "scopes": [Grant.READ.value, *ticked], "expires_at": ends}


def _row(card: ApiKeyCard) -> KeyRow:
    return KeyRow(
        id=str(card.id),
        name=card.name,
        prefix=card.prefix,
        may_write=Grant.WRITE in card.grants,
        may_manage=Grant.MANAGE in card.grants,
        inserted_at=card.inserted_at.isoformat(),
        last_used_at=card.last_used_at.isoformat() if card.last_used_at else "",
        expires_at=card.expires_at.isoformat() if card.expires_at else "",
        is_expired=card.is_expired,
    )
