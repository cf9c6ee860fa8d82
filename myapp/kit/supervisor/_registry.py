"""Who is known under which name in this process: Elixir's `Registry`.

rooms = Registry[Room]()
rooms.register("room:1", room, owner=room)
rooms.lookup("room:1")          # [room]
rooms.whereis("room:1")         # room
"""

from __future__ import annotations

from collections.abc import Callable

from myapp.kit.supervisor._process import Down, Process, monitor
from myapp.kit.supervisor._spec import AlreadyThere


class Registry[T]:
    """Values by key, several of each key unless `unique`; those whose owner has ended are gone."""

    def __init__(self, *, unique: bool = False) -> None:
        self._unique = unique
        self._values: dict[str, dict[object, T]] = {}

    def register(self, key: str, value: T, *, owner: Process | None = None) -> Callable[[], None]:
        """Let it be found until its owner ends, or what comes back is called. Raises AlreadyThere for a taken name."""
        values = self._values.setdefault(key, {})
        if self._unique and values:
            raise AlreadyThere(key)
        place = object()
        values[place] = value

        def forget(_down: Down | None = None) -> None:
            values.pop(place, None)
            if not values and self._values.get(key) is values:
                del self._values[key]

        if owner is not None:
            monitor(owner, forget)
        return forget

    def lookup(self, key: str) -> list[T]:
        """All values of a key, in the order in which they came."""
        return list(self._values.get(key, {}).values())

    def whereis(self, key: str) -> T | None:
        """The first value of a key, or None."""
        return next(iter(self._values.get(key, {}).values()), None)

    def keys(self) -> list[str]:
        """All names that something is known under."""
        return list(self._values)
