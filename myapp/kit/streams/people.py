"""Whom the rows of a topic show, as far as they were sent: who is called something else now is told to them alone.

Nothing is said of anybody else, neither to followers who never saw the person nor as a query. A page that was being
read while somebody's name changed may hold the former one, so it is said again once such a page was sent.
"""

from __future__ import annotations

from collections.abc import Iterable

MOST = 10_000  # people of a topic, and changes that a page may have overlooked


class People:
    """The ids in one field of the rows that were sent."""

    def __init__(self) -> None:
        self._shown: dict[str, None] = {}
        self._changed: dict[str, int] = {}
        self._count = 0

    @property
    def moment(self) -> int:
        """How many changes there were, to name when a page began to be read."""
        return self._count

    def change(self, person_id: str) -> bool:
        """Somebody is called something else; whether any row that was sent shows them."""
        self._count += 1
        self._changed.pop(person_id, None)
        self._changed[person_id] = self._count
        _cut(self._changed)
        return person_id in self._shown

    def send(self, ids: Iterable[str], *, since: int) -> list[str]:
        """Rows with these were read since that moment and are sent now; who of them has changed meanwhile."""
        sent = dict.fromkeys(each for each in ids if each)
        self._shown |= sent
        _cut(self._shown)
        return [each for each in sent if self._changed.get(each, 0) > since]


def _cut(kept: dict[str, int] | dict[str, None]) -> None:
    while len(kept) > MOST:
        del kept[next(iter(kept))]
