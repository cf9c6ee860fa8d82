"""What a statement of SQL is about, for figures: its command and its table."""

from __future__ import annotations

import re
from functools import lru_cache

_COMMANDS = frozenset({"select", "insert", "update", "delete", "merge"})
_PART = re.compile(r"[()]|\w+")
# Not what `extract(year FROM posts.inserted_at)`, `DISTINCT FROM` and functions that give rows have after that word.
_TABLE = re.compile(
    r"""(?<!DISTINCT\ )\b(?:FROM|INTO|UPDATE|JOIN|TABLE)\s+(?:ONLY\s+)?(?!SELECT\b)"?([a-z_]\w*)"?(?![\w.(])""",
    re.IGNORECASE | re.VERBOSE,
)


@lru_cache(maxsize=2048)
def aim_of(statement: str) -> tuple[str, str]:
    """Its command, and the first table it names or nothing, in small letters.

    Neither is anything that people write: values are parameters, and never stand in a statement.

    >>> aim_of("SELECT posts.id FROM posts JOIN users ON true")
    ('select', 'posts')
    >>> aim_of("WITH old AS (SELECT id FROM mails) DELETE FROM mails WHERE id IN (SELECT id FROM old)")
    ('delete', 'mails')
    >>> aim_of("SELECT extract(year FROM posts.inserted_at) FROM (SELECT * FROM posts) AS posts")
    ('select', 'posts')
    >>> aim_of('INSERT INTO "chat_rooms" (id) VALUES (1)'), aim_of("SAVEPOINT sa_savepoint_1")
    (('insert', 'chat_rooms'), ('savepoint', ''))
    """
    found = _TABLE.search(statement)
    return _command(statement), found.group(1).lower() if found else ""


def _command(statement: str) -> str:
    """The first word, or behind `WITH` the first command that stands in no brackets."""
    depth, first = 0, ""
    for part in _PART.finditer(statement):
        word = part.group().lower()
        first = first or word
        if word == "(":
            depth += 1
        elif word == ")":
            depth -= 1
        elif depth == 0 and (first != "with" or word in _COMMANDS):
            return word
    return first
