"""What people type becomes a tsquery: words, "exact phrases" in quotes, `-without`, and the beginning of a last word.

PostgreSQL's own `websearch_to_tsquery` reads it and fails on nothing; only the last word is added by us, as a prefix,
and it is a bound value like the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts import Organization
from myapp.kit.scope import Scope
from myapp.kit.selects import Column, fetch, pick

CANDIDATES = 300
PHRASE_CANDIDATES = 3_000
MAX_TEXT = 200
MIN_PREFIX = 3

_LAST_WORD = re.compile(r"(?:^|\s)(\w[\w'’]*)\s*$")
_OR = re.compile(r"(?:^|\s)or$", re.IGNORECASE)
_DISTANCE = re.compile(r"<(?:-|\d+)>")


@dataclass(frozen=True, slots=True)
class Query:
    """A compiled search. `loose` finds what `strict` finds and more, by the index alone: a phrase as its words."""

    strict: str
    loose: str

    @property
    def candidates(self) -> int:
        return CANDIDATES if self.strict == self.loose else PHRASE_CANDIDATES


async def compile_query(scope: Scope, text: str) -> Query | None:
    """The tsquery of a text in the organisation's language, as PostgreSQL prints it, so that the planner sees it.

    None when it asks for nothing, or only for what must not be there. Over all organisations a word counts if it is
    found in any of their languages.
    """
    cleaned = _cleaned(text)
    if not re.search(r"\w", cleaned):
        return None
    languages = pick(col(Organization.language).label("language")).distinct()
    if scope.org_id:
        languages = languages.where(col(Organization.id) == scope.org_id)
    config = languages.subquery().c.language
    asked = pick(_tsquery(config, cleaned).label("query")).subquery().c.query
    printed = pick(sa.cast(asked, sa.Text).label("strict"), sa.func.querytree(asked).label("indexed"))
    found = await fetch(printed)
    usable = {row["strict"] for row in found if row["indexed"] not in {"", "T"}}
    strict = " | ".join(f"({each})" for each in sorted(usable))
    return Query(strict, strict if "!" in strict else _DISTANCE.sub("&", strict)) if strict else None


def _cleaned(text: str) -> str:
    """What PostgreSQL takes as text: no NUL and no half of a character."""
    return text[:MAX_TEXT].replace("\x00", " ").encode(errors="ignore").decode().strip()


def _tsquery(config: Column, text: str) -> Column:
    """The text as a tsquery: the last word, unless it is quoted or excluded, also as the beginning of words."""
    typed = _LAST_WORD.search(text)
    if typed is None or len(typed[1]) < MIN_PREFIX or text.count('"') % 2:
        return sa.func.websearch_to_tsquery(config, text)
    quoted = typed[1].replace("'", "''")
    last = sa.func.to_tsquery(config, f"'{quoted}':*")
    before = text[: typed.start()].rstrip()
    alternative = _OR.search(before)
    rest = sa.func.websearch_to_tsquery(config, before[: alternative.start()] if alternative else before)
    return rest.op("||" if alternative else "&&")(last)
