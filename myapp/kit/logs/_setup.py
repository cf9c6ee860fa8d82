"""Where what the code logs goes: the error stream, a line each, ours from `LOG_LEVEL` on and others' from warnings on.

configure("info")
logging.getLogger("myapp.blog").info("12 posts published")
"""

from __future__ import annotations

import logging

FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


def configure(level: str) -> None:
    """Let our loggers speak from this level on. Whoever runs us may have set handlers already; theirs stay."""
    ours = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(format=FORMAT, level=max(ours, logging.WARNING))
    logging.getLogger("myapp").setLevel(ours)
