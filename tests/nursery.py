"""Where the peers of `tests/peers.py` come from: a process that has imported what they need, and forks itself for each.

python -m tests.nursery SOCKET     # the number of a descriptor, which asks for peers until it is closed

A peer is a process as any other, with memory, connections and a death of its own; only its imports were done before.
Whoever watches over it is a fork too, which says on a pipe what its number is, and later how it ended. A program, whose
`main` is no coroutine, also ends as any other does: with what the interpreter does at its end.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import importlib
import inspect
import json
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any, NoReturn

MESSAGE = 1 << 16


def main() -> None:
    """Until nobody asks any more; in a program until that has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the watchers
    with socket.socket(fileno=int(sys.argv[1])) as asking:
        while True:
            asked, (*descriptors,), _, _ = socket.recv_fds(asking, MESSAGE, 3)
            if not asked:
                return
            order = json.loads(asked)
            module = importlib.import_module(order["module"])
            assert threading.active_count() == 1, "a thread would be missing in the peer"
            gc.freeze()
            if os.fork() == 0:
                asking.close()
                _watch(*descriptors)
                _begin(order, *descriptors)
                break
            for descriptor in descriptors:
                os.close(descriptor)
    if inspect.iscoroutinefunction(module.main):
        _live(module, order["arguments"])
    sys.argv = [order["module"], *order["arguments"]]
    module.main()


def _watch(stdin: int, stdout: int, status: int) -> None:
    """Over one peer, which is who returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    peer = os.fork()
    if peer == 0:
        return
    os.close(stdin)
    os.close(stdout)
    os.write(status, f"{peer}\n".encode())
    _, ended = os.waitpid(peer, 0)
    os.write(status, f"{os.waitstatus_to_exitcode(ended)}\n".encode())
    os._exit(0)


def _begin(order: Mapping[str, Any], stdin: int, stdout: int, status: int) -> None:
    """What a process has before its first line."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(stdin, 0)
    os.dup2(stdout, 1)
    if order["errors_too"]:
        os.dup2(stdout, 2)
    for descriptor in (stdin, stdout, status):
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(order["environment"])


def _live(module: ModuleType, arguments: Iterable[str]) -> NoReturn:
    code = 0
    try:
        asyncio.run(module.main(*arguments))
    except BaseException:  # noqa: BLE001 - as the interpreter does with what nobody catches
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
