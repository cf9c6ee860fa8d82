"""Full-text search: what people type becomes a tsquery, the best matches come first, found words are marked.

People type words, "exact phrases" in quotes, `-without`, and the beginning of a last word. PostgreSQL's own
`websearch_to_tsquery` reads it and fails on nothing; only the last word is added by us, as a prefix, and it is a bound
value like the rest.

Ranking reads the words of every post it ranks, so it can't be done for the 60,000 posts that have a common word: at
most 700 candidates are ranked. They are the newest matches among the last 1,000 posts; the newest that have the words
in the title; and, where the first are few, the newest matches at all, found by the index. Headlines are made for the
page shown only. Measured at 100,000 posts by `make bench ONLY=search`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlmodel import col

from myapp.accounts import Organization, User
from myapp.blog import queries
from myapp.blog.cards import SearchHit
from myapp.blog.queries import SEARCH, TITLE_SEARCH, matches, published
from myapp.blog.schemas import Post
from myapp.kit.pagination import OffsetPage
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import Column, Condition, Select, Values, fetch, pick

WINDOW = 1_000
ENOUGH = 100
CANDIDATES = 300
PHRASE_CANDIDATES = 3_000
PAGE_SIZE = 20
MAX_TEXT = 200
MIN_PREFIX = 3
HEADLINE_TEXT = 10_000

# Two characters of Unicode's private use area, which no text keeps: what stands between them was found.
_OPEN, _CLOSE = "\ue000", "\ue001"
_TITLE = f"StartSel={_OPEN}, StopSel={_CLOSE}, HighlightAll=true"
_SNIPPET = f'StartSel={_OPEN}, StopSel={_CLOSE}, MaxFragments=2, MinWords=12, MaxWords=30, FragmentDelimiter=" … "'
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


async def search_posts(scope: Scope, text: str, *, page: int | None = 1) -> OffsetPage[SearchHit]:
    """Published posts that the scope may read, best first, 20 a page; nothing for a text without a word to look for.

    `total_count` counts what was ranked, so it ends at a few hundred, for common words too.
    """
    number = min(max(page or 1, 1), 1_000)
    async with transaction():
        query = await compile_query(scope, text)
        if query is None:
            return OffsetPage([], 1, PAGE_SIZE, 0)
        rows = await _fetch(scope, query, number)
        if not rows and number > 1:
            number, rows = 1, await _fetch(scope, query, 1)
    return OffsetPage([_hit(row) for row in rows], number, PAGE_SIZE, rows[0]["total"] if rows else 0)


async def _fetch(scope: Scope, query: Query, number: int) -> list[Values]:
    """The rows of one page of hits."""
    return await fetch(
        _page(_reader(scope)),
        strict=query.strict,
        loose=query.loose,
        candidates=query.candidates,
        skipped=(number - 1) * PAGE_SIZE,
    )


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


# Bound when the statement runs: it is built once for each scope, which takes longer than many a search.
_STRICT, _LOOSE = sa.bindparam("strict", type_=TSQUERY), sa.bindparam("loose", type_=TSQUERY)
_MOST, _SKIPPED = sa.bindparam("candidates", type_=sa.Integer), sa.bindparam("skipped", type_=sa.Integer)


def _reader(scope: Scope) -> Scope:
    """All that decides which published posts are found: not who it is, but whether it is a member."""
    if scope.is_member or scope.is_system or scope.is_operator:
        return Scope.system("search", scope.org_id)
    return Scope.anonymous(scope.org_id)


@lru_cache(maxsize=256)
def _page(scope: Scope) -> Select:
    """One page of hits, in one statement."""
    ranked = _ranked(scope)
    best = _kept(
        pick(ranked.c.id, ranked.c.rank, sa.func.count().over().label("total"))
        .order_by(ranked.c.rank.desc(), ranked.c.published_at.desc(), ranked.c.id.desc())
        .limit(PAGE_SIZE)
        .offset(_SKIPPED),
        "best",
    )
    return (
        pick(
            col(Post.id), col(Organization.slug).label("org_slug"), col(Post.slug), best.c.rank, best.c.total,
            col(Post.published_at), col(User.name).label("author_name"),
            _headline(col(Post.title), _TITLE).label("title"),
            _headline(sa.func.left(col(Post.body_text), HEADLINE_TEXT), _SNIPPET).label("snippet"),
        )
        .join(best, best.c.id == col(Post.id))
        .join(User, col(User.id) == col(Post.author_id))
        .join(Organization, col(Organization.id) == col(Post.org_id))
        .order_by(best.c.rank.desc(), col(Post.published_at).desc(), col(Post.id).desc())
    )  # fmt: skip


def _ranked(scope: Scope) -> sa.CTE:
    """Candidates that really match, with their rank: words in the title weigh more, long texts a little less."""
    recent, unseen = _recent(scope), queries.unseen(_LOOSE)
    titled = _kept(_hits(scope, matches(TITLE_SEARCH, unseen)), "titled")
    few = pick(sa.func.count()).select_from(recent).scalar_subquery() < ENOUGH
    found = _kept(_hits(scope, matches(SEARCH, unseen), few), "found")
    candidates = sa.union(pick(recent.c.id), _newest(titled, CANDIDATES), _newest(found, _MOST)).cte("candidates")
    rank = sa.func.ts_rank(SEARCH, _STRICT, 1)
    return _kept(
        pick(col(Post.id), col(Post.published_at), rank.label("rank"))
        .join(candidates, candidates.c.id == col(Post.id))
        .where(matches(SEARCH, _STRICT)),
        "ranked",
    )


def _recent(scope: Scope) -> sa.CTE:
    """Matches among the latest posts: where a word is common, they are plenty, and no index has to be asked."""
    latest = (
        pick(col(Post.id), SEARCH.label("search"))
        .where(published(scope))
        .order_by(col(Post.published_at).desc(), col(Post.id).desc())
        .limit(WINDOW)
        .subquery("latest")
    )
    return _kept(pick(latest.c.id).where(matches(latest.c.search, _LOOSE)).limit(2 * ENOUGH), "recent")


def _hits(scope: Scope, *conditions: Condition) -> Select:
    return pick(col(Post.id), col(Post.published_at)).where(*conditions, published(scope))


def _newest(hits: sa.CTE, limit: int | Column) -> Select:
    """The ids of the newest."""
    ordered = pick(hits.c.id).order_by(hits.c.published_at.desc(), hits.c.id.desc()).limit(limit).subquery()
    return pick(ordered.c.id)


def _kept(statement: Select, name: str) -> sa.CTE:
    """A part that is computed by itself. Otherwise a search for the newest few would be made of it, and that walks
    through all posts for a rare word.
    """
    return statement.cte(name).prefix_with("MATERIALIZED")


def _headline(text: Column, options: str) -> Column:
    """The text, without the two characters that mark, around what was found."""
    cleaned = sa.func.translate(text, _OPEN + _CLOSE, "")
    return sa.func.ts_headline(col(Post.language), cleaned, _STRICT, options)


def _hit(row: Values) -> SearchHit:
    values = {name: row[name] for name in ("id", "org_slug", "slug", "rank", "published_at", "author_name")}
    return SearchHit(**values, title_html=_marked(row["title"]), snippet_html=_marked(row["snippet"]))


def _marked(headline: str) -> str:
    """Everything escaped, then the marks put in; one that was not closed is closed.

    >>> _marked("a \ue000<b>\ue001 \ue001 c")
    'a <mark>&lt;b&gt;</mark>  c'
    """
    first, *parts = escape(headline).split(_OPEN)
    marked = [first.replace(_CLOSE, "")]
    for part in parts:
        found, _, rest = part.partition(_CLOSE)
        marked.append(f"<mark>{found}</mark>{rest.replace(_CLOSE, '')}")
    return "".join(marked)
