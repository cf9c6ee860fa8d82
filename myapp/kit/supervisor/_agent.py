"""State alone, without messages of its own: Elixir's `Agent`.

ChildSpec("seen", partial(Agent[set[str]].running, set))
await seen.get(len)
await seen.update(lambda names: names | {"ada"})
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast, override

from myapp.kit.supervisor._outcome import Reply
from myapp.kit.supervisor._server import CALL_TIMEOUT, Server


class Agent[S](Server[S]):
    """`first` makes the first state. The functions run in the agent's task: they must not wait, nor take long."""

    def __init__(self, first: Callable[[], S]) -> None:
        super().__init__()
        self._first = first

    async def get[T](self, read: Callable[[S], T], *, timeout: float = CALL_TIMEOUT) -> T:  # noqa: ASYNC109
        """What `read` makes of the state."""
        return await self.get_and_update(lambda state: (read(state), state), timeout=timeout)

    async def update(self, change: Callable[[S], S], *, timeout: float = CALL_TIMEOUT) -> None:  # noqa: ASYNC109
        """Let the state be what `change` makes of it."""
        await self.get_and_update(lambda state: (None, change(state)), timeout=timeout)

    async def get_and_update[T](self, change: Callable[[S], tuple[T, S]], *, timeout: float = CALL_TIMEOUT) -> T:  # noqa: ASYNC109
        """The first of what `change` gives; the second is the state from now on."""
        return cast("T", await self.call(change, timeout=timeout))

    @override
    async def init(self) -> S:
        return self._first()

    @override
    async def handle_call(self, request: object, state: S) -> Reply[S]:
        change = cast("Callable[[S], tuple[Any, S]]", request)
        value, after = change(state)
        return Reply(value, after)
