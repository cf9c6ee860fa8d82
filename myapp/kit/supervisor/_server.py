"""State that one task owns, and that others ask it about: one message after the other, so nothing needs a lock.

    class Counter(Server[int]):
        async def init(self) -> int:
            return 0

        async def handle_call(self, request: object, state: int) -> Reply[int]:
            match request:
                case "next":
                    return Reply(state + 1, state + 1)      # the answer, and the state from now on
                case _:
                    return await super().handle_call(request, state)

        async def handle_cast(self, request: object, state: int) -> int:
            return 0 if request == "reset" else state

    ChildSpec("counter", Counter.running)                   # a child of a supervisor
    await counter.call("next")                              # 1
    counter.cast("reset")

Erlang's `gen_server`. A callback that raises is a crash; `Stop` is an end in good order; both run `terminate`.
"""

from __future__ import annotations

import asyncio
import logging
import reprlib
from collections import deque
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Self, cast

from myapp.kit.clock import now
from myapp.kit.supervisor._actors import enlist
from myapp.kit.supervisor._blocking import watched
from myapp.kit.supervisor._outcome import CallTimeout, Continue, Kind, Message, NotAlive, Outcome, Reply, Stop, Unborn
from myapp.kit.supervisor._spec import Killed
from myapp.kit.supervisor._standing import current_child, stands_at

log = logging.getLogger(__name__)

CALL_TIMEOUT = 5.0


class Server[S]:
    """Subclasses say what happens with each message; others `call`, `cast` and `send`."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = loop.create_future()
        self._mailbox: deque[Message] = deque()
        self._news = asyncio.Event()
        self._callback: tuple[str, object] = ("", None)
        self._state: S | Unborn = Unborn()
        self.number = 0
        self.child = current_child.get()
        self.since: datetime = now()
        self._error: BaseException | None = None
        self._task: asyncio.Task[None] | None = None

    # What a subclass defines.

    async def init(self) -> Outcome[S]:
        """The first state. While it runs the supervisor waits: what takes long belongs into `handle_continue`."""
        raise NotImplementedError

    async def handle_continue(self, what: object, state: S) -> Outcome[S]:
        """What a callback wanted to be done next."""
        return self._unexpected("continue", what, state)

    async def handle_call(self, request: object, state: S) -> Reply[S]:  # noqa: ARG002 - a subclass needs it
        """Answer."""
        raise ValueError(f"{type(self).__name__} does not know the request {reprlib.repr(request)}")

    async def handle_cast(self, request: object, state: S) -> Outcome[S]:
        """Do something that nobody waits for."""
        return self._unexpected("cast", request, state)

    async def handle_info(self, message: object, state: S) -> Outcome[S]:
        """Take in whatever else was sent, such as `Down`."""
        return self._unexpected("info", message, state)

    async def terminate(self, reason: BaseException | None, state: S) -> None:
        """Put away what there is, at the end: `reason` is what it crashed of, or None."""

    # What others do with it.

    @classmethod
    @asynccontextmanager
    async def running(cls, *arguments: Any) -> AsyncGenerator[Self]:
        """Run one until the end of the block, or until it ends by itself: see `ended`."""
        server = cls(*arguments)
        first = await server._do("init", server.init())
        # It begins at once: one that is left at once, too, is still told to put things away.
        loop = asyncio.get_running_loop()
        server._task = asyncio.Task(server._live(first), loop=loop, name=cls.__name__, eager_start=True)
        server.number, server.since = enlist(server), now()
        try:
            yield server
        except asyncio.CancelledError:  # whoever watches it is to know that this was no end in good order
            server._error = server._error or Killed(f"{cls.__name__} was killed")
            raise
        finally:
            server._task.cancel()
            await asyncio.wait({server._task})

    async def call(self, request: object, *, timeout: float | None = CALL_TIMEOUT) -> Any:  # noqa: ASYNC109 - as OTP has it
        """What `handle_call` answers. Raises CallTimeout, NotAlive, and ValueError for a request it does not know."""
        if self.ended.done():
            raise NotAlive(type(self).__name__)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        self._put(Message("call", request, answer))
        late = None if timeout is None else loop.call_later(timeout, self._is_late, answer, timeout)
        try:
            return await answer
        finally:
            if late is not None:
                late.cancel()

    def cast(self, request: object) -> None:
        """Have `handle_cast` called with it, sooner or later; nothing happens when it has ended."""
        self._put(Message("cast", request))

    def send(self, message: object) -> None:
        """Have `handle_info` called with it."""
        self._put(Message("info", message))

    def crash(self, error: BaseException) -> None:
        """Let it crash of this error, as a link does."""
        if self._task is not None and not self.ended.done():
            self._error = error
            self._task.cancel()

    def details(self) -> Mapping[str, str]:
        """What operators are shown of it."""
        return {
            "state": reprlib.repr(self.state),
            "mailbox": str(len(self._mailbox)),
            "callback": self.callback or "waits",
        }

    @property
    def is_alive(self) -> bool:
        return not self.ended.done()

    @property
    def state(self) -> S | None:
        """As its last callback left it; None before the first has."""
        return None if isinstance(self._state, Unborn) else self._state

    @property
    def callback(self) -> str:
        """The name of the one that runs, or "" while it waits for a message."""
        return self._callback[0]

    @property
    def stands_at(self) -> str:
        """The line at which its callback waits; "" while it waits for a message."""
        return stands_at(self._callback[1]) if self._callback[0] else ""

    def messages(self) -> list[object]:
        """What is in its mailbox, the next one first."""
        return [each.body for each in self._mailbox]

    # Its life.

    def _is_late(self, answer: asyncio.Future[Any], timeout: float) -> None:
        if not answer.done():
            answer.set_exception(CallTimeout(f"{type(self).__name__} did not answer within {timeout} s"))

    def _leave(self, answer: asyncio.Future[Any] | None) -> None:
        if answer is not None and not answer.done():
            answer.set_exception(NotAlive(type(self).__name__))

    def _put(self, message: Message) -> None:
        if not self.ended.done():
            self._mailbox.append(message)
            self._news.set()

    async def _live(self, first: Outcome[S]) -> None:
        error: BaseException | None = None
        try:
            await self._serve(first)
        except asyncio.CancelledError:
            error = self._error
        except Exception as raised:  # noqa: BLE001 - its supervisor is told
            error = raised
        if not isinstance(self._state, Unborn):
            try:
                await self._do("terminate", self.terminate(error, self._state))
            except Exception:
                log.exception("%s failed when it was to put things away", type(self).__name__)
        for message in self._mailbox:
            self._leave(message.answer)
        self._mailbox.clear()
        if error is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(error)
            self.ended.exception()  # whoever runs it hears of it; a test need not

    async def _serve(self, outcome: Outcome[S]) -> None:
        while True:
            match outcome:
                case Stop():
                    self._state = cast("Stop[S]", outcome).state
                    return
                case Continue():
                    wanted = cast("Continue[S]", outcome)
                    self._state = wanted.state
                    work = self.handle_continue(wanted.what, wanted.state)
                    outcome = await self._do("handle_continue", work)
                case _:
                    state = self._state = cast("S", outcome)
                    while not self._mailbox:
                        self._news.clear()
                        await self._news.wait()
                    outcome = await self._take(self._mailbox.popleft(), state)

    async def _take(self, message: Message, state: S) -> Outcome[S]:
        match message.kind:
            case "cast":
                return await self._do("handle_cast", self.handle_cast(message.body, state))
            case "call":
                return await self._answer(message, state)
            case _:
                return await self._do("handle_info", self.handle_info(message.body, state))

    async def _answer(self, message: Message, state: S) -> Outcome[S]:
        answer = message.answer
        if answer is None or answer.done():  # nobody waits for it any more
            return state
        try:
            reply = await self._do("handle_call", self.handle_call(message.body, state))
        except ValueError as error:  # the asker's mistake
            if not answer.done():
                answer.set_exception(error)
            return state
        except BaseException:
            self._leave(answer)
            raise
        if not answer.done():
            answer.set_result(reply.value)
        return reply.then

    async def _do[T](self, name: str, work: Coroutine[Any, Any, T]) -> T:
        def report(seconds: float) -> None:
            log.warning("%s.%s held up everything for %.0f ms", type(self).__name__, name, seconds * 1000)

        self._callback = (name, work)
        try:
            return await watched(work, report)
        finally:
            self._callback = ("", None)

    def _unexpected(self, kind: Kind, message: object, state: S) -> S:
        log.warning("%s does not expect this %s: %s", type(self).__name__, kind, reprlib.repr(message))
        return state
