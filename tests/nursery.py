"""Where the peers of `tests/peers.py` come from: a process that has imported what they need, and forks itself for each.

python -m tests.nursery SOCKET     # the number of a descriptor, which asks for peers until it is closed

A peer is a process as any other, with memory, connections and a death of its own; only its imports were done before.
Whoever watches over it is a fork too, which says on a pipe what its number is, and later how it ended.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import importlib
import json
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Mapping
from types import ModuleType
from typing import Any, NoReturn

MESSAGE = 1 << 16


def main() -> None:
    """Until nobody asks any more."""
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
                _watch(module, order, *descriptors)
            for descriptor in descriptors:
                os.close(descriptor)


def _watch(module: ModuleType, order: Mapping[str, Any], stdin: int, stdout: int, status: int) -> NoReturn:
    """Over one peer."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    peer = os.fork()
    if peer == 0:
        os.close(status)
        _live(module, order, stdin, stdout)
    os.close(stdin)
    os.close(stdout)
    os.write(status, f"{peer}\n".encode())
    _, ended = os.waitpid(peer, 0)
    os.write(status, f"{os.waitstatus_to_exitcode(ended)}\n".encode())
    os._exit(0)


def _live(module: ModuleType, order: Mapping[str, Any], stdin: int, stdout: int) -> NoReturn:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for ours, standard in ((stdin, 0), (stdout, 1)):
        os.dup2(ours, standard)
        os.close(ours)
    os.environ.clear()
    os.environ.update(order["environment"])
    code = 0
    try:
        asyncio.run(module.main(*order["arguments"]))
    except BaseException:  # noqa: BLE001 - as the interpreter does with what nobody catches
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
