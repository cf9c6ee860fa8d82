"""What a list is to a feed: how it is read, and which events are about which of its rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, runtime_checkable

from myapp.kit.pagination import KeysetPage
from myapp.kit.streams.operations import Key, Row


class All(Enum):
    """Said of an event after which any row may be another."""

    ALL = "all"


ALL = All.ALL


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order of the list, and whether it goes on in the direction that was asked for."""

    rows: Sequence[Row]
    has_more: bool

    @classmethod
    def of[T](cls, found: KeysetPage[T], row: Callable[[T], Row], *, before: Key | None = None) -> Page:
        """A page that a context has found, its entries as rows; `before` is the key that it was asked for."""
        return cls([row(entry) for entry in found.entries], bool(found.after if before is None else found.before))


class Source(Protocol):
    """One list as one audience may read it. It is the same for everybody who follows the topic."""

    @property
    def topics(self) -> Collection[str]:
        """What PubSub tells its changes on."""
        ...

    def touched(self, event: object) -> Collection[str] | All:
        """The ids of the rows that may be others after this event; ALL for any."""
        ...

    async def load(self, ids: Collection[str]) -> Sequence[Row]:
        """Those of these rows that are in the list, as they are now."""
        ...

    async def page(self, *, after: Key | None = None, before: Key | None = None) -> Page:
        """The rows behind or ahead of a key, or the first ones. Raises NotFound for a key that can't be one."""
        ...


@runtime_checkable
class ShowsPeople(Protocol):
    """A source whose rows show people, by the id in `person_field`.

    Where that is the id of the row, the person is the row, and it is loaded anew. Else `portraits` says what the rows
    of a person show of them.
    """

    person_field: str

    def changed_person(self, event: object) -> str | None:
        """Whose name or picture is another after this event."""
        ...

    async def portraits(self, ids: Collection[str]) -> Mapping[str, Row]:
        """What rows show of these people now, by the people's ids."""
        ...
