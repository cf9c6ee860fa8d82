"""Another process that publishes what is due once a line comes, and says how many posts that were."""

from __future__ import annotations

import sys

from myapp import application, blog
from myapp.config import load_settings
from myapp.kit.scope import Scope


async def main() -> None:
    async with application.running(load_settings(), "command"):
        print("ready", flush=True)  # noqa: T201 - the test reads it
        sys.stdin.readline()
        print(await blog.publish_due_posts(Scope.system("a test")), flush=True)  # noqa: T201
