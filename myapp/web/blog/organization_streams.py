"""The directory of organisations as a stream, by name: the same rows for all.

`stream:organizations` are those that everybody may look into; `stream:organizations:all` is for operators.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from myapp import accounts
from myapp.accounts import OrganizationCard, Principal, Visibility
from myapp.kit import routes
from myapp.kit.channels import Refused
from myapp.kit.errors import Forbidden
from myapp.kit.pagination import cursor_at
from myapp.kit.scope import Scope
from myapp.kit.streams import All, Key, Page, Row

PAGE = 20
ORGANIZATIONS = "stream:organizations"
_ORDER = "sort_name asc,id asc"


class PlaceRow(TypedDict):
    """An organisation in the directory."""

    id: str
    name: str
    url: str
    is_private: bool


@dataclass(frozen=True)
class Directory:
    """The organisations that an audience may look into: everybody, or operators."""

    audience: Scope

    @property
    def topics(self) -> Collection[str]:
        return [accounts.MEMBERSHIPS]

    def touched(self, event: object) -> Collection[str] | All:
        match event:
            case accounts.OrganizationCreated() | accounts.OrganizationUpdated():
                return [str(event.org_id)] if event.concerns_all or self.audience.is_operator else ()
            case _:
                return ()

    async def load(self, ids: Collection[str]) -> Sequence[Row]:
        cards = await accounts.fetch_organizations(self.audience, [UUID(each) for each in ids])
        return [_row(card) for card in cards]

    async def page(self, *, after: Key | None = None, before: Key | None = None) -> Page:
        page = await accounts.list_organizations(
            self.audience,
            after=cursor_at(_ORDER, after),
            before=cursor_at(_ORDER, before),
            limit=PAGE,
        )
        return Page.of(page, _row, before=before)


def place_row(card: OrganizationCard) -> PlaceRow:
    """The card as a row."""
    is_private = card.visibility == Visibility.PRIVATE
    return PlaceRow(id=str(card.id), name=card.name, url=routes.organization(card.slug), is_private=is_private)


def _row(card: OrganizationCard) -> Row:
    # Without a version of its own: what was looked up last comes last.
    return {**place_row(card), "sort": [card.sort_name], "version": 0}


def organizations_topic(scope: Scope) -> str:
    """What a page of this reader follows."""
    return f"{ORGANIZATIONS}:all" if scope.is_operator else ORGANIZATIONS


async def open_organizations(who: Principal, arguments: Sequence[str], query: str) -> Directory:
    """See `Open`: everybody opens the public one."""
    match list(arguments):
        case [] if not query:
            return Directory(Scope.anonymous())
        case ["all"] if not query:
            if not (await accounts.scope_for(who)).is_operator:
                raise Forbidden
            return Directory(Scope(is_operator=True))
        case _:
            raise Refused("unmatched topic")
