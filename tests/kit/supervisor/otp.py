"""`supervisor.erl` of OTP 27, function by function, as the model that ours is compared with.

Children stand in reverse order of their start, as they do there. A child's `pid` is a number while it runs,
"restarting" when its start failed, None when it does not run. What the model does is written to `log`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from myapp.kit.supervisor import Restart, Strategy


@dataclass(frozen=True)
class Child:
    id: str
    restart: Restart
    pid: int | str | None = None


class Shutdown(Exception):
    """The supervisor ends itself."""


class Otp:
    def __init__(self, children: list[tuple[str, Restart]], strategy: Strategy, intensity: int, period: float) -> None:
        self.strategy: Strategy = strategy
        self.intensity = intensity
        self.period = period
        self.log: list[str] = []
        self.broken: Collection[str] = ()
        self.restarts: list[float] = []
        self.tries: list[str] = []
        self.pids = 0
        self.children = [Child(name, restart) for name, restart in reversed(children)]
        self.children, _ = self.start_children(self.children)

    def statuses(self) -> dict[str, str]:
        known = {None: "stopped", "restarting": "restarting"}
        return {each.id: known.get(each.pid, "running") for each in reversed(self.children)}  # type: ignore[arg-type]

    def do_start_child(self, child: Child) -> Child:
        if child.id in self.broken:
            self.log.append(f"fail {child.id}")
            raise ZeroDivisionError
        self.log.append(f"start {child.id}")
        self.pids += 1
        return replace(child, pid=self.pids)

    def start_children(self, children: list[Child]) -> tuple[list[Child], str | None]:
        done = list(children)
        for index in reversed(range(len(done))):
            try:
                done[index] = self.do_start_child(done[index])
            except ZeroDivisionError:
                return done, done[index].id
        return done, None

    def terminate_children(self, children: list[Child]) -> list[Child]:
        """In the order of the list, so the last started ends first; temporary ones are not kept."""
        left: list[Child] = []
        for each in children:
            if isinstance(each.pid, int):
                self.log.append(f"stop {each.id}")
            if each.restart != "temporary":
                left.append(replace(each, pid=None))
        return left

    def handle_exit(self, name: str, *, normally: bool, now: float) -> None:
        child = next((each for each in self.children if each.id == name), None)
        if child is None or not isinstance(child.pid, int):
            return
        if child.restart == "permanent" or (child.restart == "transient" and not normally):
            self.restart(child, now)
        elif child.restart == "temporary":
            self.children.remove(child)
        else:
            self.swap(name, None)

    def restart(self, child: Child, now: float) -> None:
        self.restarts = [at for at in self.restarts if now - at <= self.period] + [now]
        if len(self.restarts) > self.intensity:
            raise Shutdown
        getattr(self, self.strategy)(child)

    def one_for_one(self, child: Child) -> None:
        try:
            self.swap(child.id, self.do_start_child(child).pid)
        except ZeroDivisionError:
            self.swap(child.id, "restarting")
            self.tries.append(child.id)

    def rest_for_one(self, child: Child) -> None:
        at = self.children.index(child)
        after, before = [*self.children[:at], replace(child, pid=None)], self.children[at + 1 :]
        started, failed = self.start_children(self.terminate_children(after))
        self.children = [*started, *before]
        self.try_again(failed)

    def one_for_all(self, child: Child) -> None:
        self.swap(child.id, None)
        self.children, failed = self.start_children(self.terminate_children(self.children))
        self.try_again(failed)

    def try_again(self, failed: str | None) -> None:
        if failed is not None:
            self.swap(failed, "restarting")
            self.tries.append(failed)

    def try_again_restart(self, now: float) -> None:
        """The first of the messages that it has sent to itself."""
        name = self.tries.pop(0)
        child = next((each for each in self.children if each.id == name), None)
        if child is not None and child.pid == "restarting":
            self.restart(child, now)

    def terminate_child(self, name: str) -> None:
        child = next(each for each in self.children if each.id == name)
        if isinstance(child.pid, int):
            self.log.append(f"stop {name}")
        if child.restart == "temporary":
            self.children.remove(child)
        else:
            self.swap(name, None)

    def swap(self, name: str, pid: int | str | None) -> None:
        self.children = [replace(each, pid=pid) if each.id == name else each for each in self.children]
