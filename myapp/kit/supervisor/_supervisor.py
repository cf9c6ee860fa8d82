"""Carries out what the rules say, one thing after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from myapp.kit.clock import now
from myapp.kit.supervisor._child import Child, node_of, said
from myapp.kit.supervisor._rules import Actions, Rules
from myapp.kit.supervisor._run import Run
from myapp.kit.supervisor._spec import (
    AlreadyThere,
    ChildSpec,
    GaveUp,
    Node,
    NoSuchChild,
    Strategy,
    TooManyChildren,
)

log = logging.getLogger(__name__)

type _Event = Callable[[], Awaitable[None]]


class Supervisor:
    """A running supervisor; `supervised` makes one. `ended` fails with GaveUp when it does."""

    def __init__(
        self, name: str, children: Iterable[ChildSpec], rules: Rules, *, most: int | None = None, forgets: bool = False
    ) -> None:
        """With `most` no more children are taken; `forgets` those that have ended for good."""
        loop = asyncio.get_running_loop()
        self.name = name
        self.ended: asyncio.Future[None] = loop.create_future()
        self._rules = rules
        self._most = most
        self._forgets = forgets
        self._children = {spec.id: Child(spec) for spec in children}
        self._events: asyncio.Queue[_Event] = asyncio.Queue()
        self._timers: set[asyncio.TimerHandle] = set()
        self._loop = loop
        self._server: asyncio.Task[None] | None = None

    # What others may ask of it.

    @property
    def strategy(self) -> Strategy:
        return self._rules.strategy

    def tree(self, above: str = "") -> tuple[Node, ...]:
        """Its children, in the order in which they were started, and what is beneath them."""
        return tuple(
            node_of(child, above, self._is_restarting(name), Supervisor) for name, child in self._children.items()
        )

    def kill(self, path: str) -> None:
        """Let the child at `path` (`"live/pubsub"`) crash at once. Raises NoSuchChild when none runs there.

        It is restarted like any that crashes, and not counted: nobody gives up because somebody means it.
        """
        name, _, rest = path.partition("/")
        run = self._running(name)
        if rest:
            if not isinstance(run.what, Supervisor):
                raise NoSuchChild(path)
            run.what.kill(rest)
        else:
            run.kill()

    def child(self, path: str) -> object:
        """What the context manager of the child at `path` has yielded. Raises NoSuchChild when none runs there."""
        name, _, rest = path.partition("/")
        what = self._running(name).what
        if not rest:
            return what
        if not isinstance(what, Supervisor):
            raise NoSuchChild(path)
        return what.child(rest)

    async def start_child(self, spec: ChildSpec) -> object:
        """One more child, after the others; what it yields. Raises AlreadyThere, or what its start raises.

        Like what follows it waits for its turn, so a child must not ask for it while it starts or stops.
        """
        await self._in_turn(partial(self._add, spec))
        return self.child(spec.id)

    async def terminate_child(self, name: str) -> None:
        """Stop it; it stays known, unless it is temporary, and is started again with others as its strategy says."""
        await self._in_turn(partial(self._terminate, name))

    async def restart_child(self, name: str) -> None:
        """Start one again that does not run. Raises NoSuchChild, AlreadyThere, or what its start raises."""
        await self._in_turn(partial(self._start_again, name))

    async def delete_child(self, name: str) -> None:
        """Forget one that does not run. Raises NoSuchChild, or AlreadyThere when it runs."""
        await self._in_turn(partial(self._delete, name))

    # Its life.

    async def open(self) -> None:
        """Start the children in order. When one does not start those before it are stopped, and its error is raised."""
        try:
            for name in self._rules.names:
                await self._start(name)
        except BaseException:
            await self._stop_all()
            raise
        self._server = self._loop.create_task(self._serve(), name=f"{self.name} (supervisor)")

    async def close(self) -> None:
        """Stop the children in reverse order."""
        if self._server is not None:
            self._server.cancel()
            await asyncio.wait({self._server})
        await self._stop_all()
        if not self.ended.done():
            self.ended.set_result(None)

    async def _serve(self) -> None:
        """One event after the other, until it gives up."""
        try:
            while True:
                await (await self._events.get())()
        except GaveUp as error:
            log.critical("%s", error)
            await self._stop_all()
            self.ended.set_exception(error)
            self.ended.exception()  # whoever runs it decides what to do; nobody has to
        except Exception as error:
            log.exception("the supervisor %s failed", self.name)
            await self._stop_all()
            self.ended.set_exception(error)

    async def _in_turn(self, work: Callable[[], Awaitable[None]]) -> None:
        if self.ended.done() or self._server is None:
            raise NoSuchChild(f"the supervisor {self.name} has ended")
        answer: asyncio.Future[None] = self._loop.create_future()

        async def event() -> None:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - it is the asker's
                if not answer.done():
                    answer.set_exception(error)
            else:
                if not answer.done():
                    answer.set_result(None)

        self._events.put_nowait(event)
        await asyncio.wait({answer, self._server}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise NoSuchChild(f"the supervisor {self.name} has ended")
        answer.result()

    async def _on_exit(self, run: Run) -> None:
        name, error = run.spec.id, run.error
        child = self._children.get(name)
        if child is None or child.run is not run:
            return
        child.since = run.since
        if error is not None:
            child.last_error = said(error)
            log.error("%s/%s crashed: %s", self.name, name, child.last_error, exc_info=error)
        exited = self._rules.exited(name, normally=error is None, counts=not run.is_killed, now=self._loop.time())
        await self._act(name, exited)

    async def _on_due(self, name: str) -> None:
        await self._act(name, self._rules.due(name, self._loop.time()))

    async def _act(self, name: str, actions: Actions) -> None:
        if actions.gives_up:
            error = self._children[name].last_error
            raise GaveUp(f"{self.name} gives up: {name} was restarted too often; the last time: {error}")
        for each in actions.stop:
            await self._stop(each)
        for each in actions.start:
            try:
                await self._start(each)
            except Exception as error:
                self._children[each].last_error = said(error)
                log.exception("%s/%s does not start again", self.name, each)
                self._plan(self._rules.failed(each))
                break
        self._plan(actions)
        self._forget_what_is_over(name)

    def _plan(self, actions: Actions) -> None:
        """Come back for what is to be tried later."""
        if actions.retry is None:
            return

        def come_back(name: str = actions.retry) -> None:
            self._timers.discard(timer)
            self._events.put_nowait(partial(self._on_due, name))

        timer = self._loop.call_later(actions.delay, come_back)
        self._timers.add(timer)

    async def _start(self, name: str) -> None:
        child = self._children[name]
        run = child.run = Run(child.spec, f"{self.name}/{name}", self._announce_end)
        await run.up()
        child.lives += 1
        self._rules.started(name, self._loop.time())

    def _announce_end(self, run: Run) -> None:
        self._events.put_nowait(partial(self._on_exit, run))

    async def _stop(self, name: str) -> None:
        child = self._children[name]
        if child.run is not None:
            await child.run.stop()
            child.run, child.since = None, now()

    async def _stop_all(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for name in reversed(self._children):
            await self._stop(name)

    def _forget_what_is_over(self, name: str) -> None:
        if self._forgets and name in self._rules and self._rules.status(name) == "stopped":
            self._rules.remove(name)
        for each in [each for each in self._children if each not in self._rules]:
            del self._children[each]

    async def _add(self, spec: ChildSpec) -> None:
        if spec.id in self._children:
            raise AlreadyThere(spec.id)
        if self._most is not None and len(self._children) >= self._most:
            raise TooManyChildren(f"{self.name} has {self._most} already")
        self._children[spec.id] = Child(spec)
        self._rules.add(spec.id, spec.restart)
        try:
            await self._start(spec.id)
        except BaseException:
            del self._children[spec.id]
            self._rules.remove(spec.id)
            raise

    async def _terminate(self, name: str) -> None:
        if name not in self._children:
            raise NoSuchChild(name)
        await self._stop(name)
        self._rules.stopped(name)
        self._forget_what_is_over(name)

    async def _start_again(self, name: str) -> None:
        self._require_stopped(name)
        await self._start(name)

    async def _delete(self, name: str) -> None:
        self._require_stopped(name)
        self._rules.remove(name)
        self._forget_what_is_over(name)

    def _require_stopped(self, name: str) -> None:
        if name not in self._children:
            raise NoSuchChild(name)
        if self._rules.status(name) != "stopped":
            raise AlreadyThere(f"{name} is {self._rules.status(name)}")

    def _is_restarting(self, name: str) -> bool:
        return name in self._rules and self._rules.status(name) == "restarting"

    def _running(self, name: str) -> Run:
        child = self._children.get(name)
        if child is None or child.run is None or child.run.task.done():
            raise NoSuchChild(name)
        return child.run
