"""Where a process spends its time: every call in the loop's thread, counted and timed for some seconds (cProfile).

Meanwhile calls take longer, small ones perhaps twice as long. Sampling from another thread would not, but it sees this
one only where it lets go of the interpreter: mostly while it waits.
"""

from __future__ import annotations

import asyncio
import cProfile
import pstats
import time
from io import StringIO

SHOWN = 40


async def profile(seconds: float = 5.0, *, by: str = "tottime") -> str:
    """The functions in which the loop's thread was for longest; by "cumtime" with what they called.

    Raises ValueError while something else is profiled.
    """
    profiler = cProfile.Profile()
    busy = time.thread_time()
    profiler.enable()
    try:
        await asyncio.sleep(seconds)
    finally:
        profiler.disable()
    busy = time.thread_time() - busy
    written = StringIO()
    pstats.Stats(profiler, stream=written).sort_stats(by).print_stats(SHOWN)
    table = "\n".join(line for line in written.getvalue().splitlines() if line.strip())
    return f"busy for {busy:.2f} of {seconds:g} s\n{table}"
