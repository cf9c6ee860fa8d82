"""Full-text search: the best matches come first, found words are marked. `tsquery.py` reads what people type.

Ranking reads the words of every post it ranks, so it can't be done for the 60,000 posts that have a common word: at
most 700 candidates are ranked. They are the newest matches among the last 1,000 posts; the newest that have the words
in the title; and, where the first are few, the newest matches at all, found by the index. Headlines are made for the
page shown only. Measured at 100,000 posts by `make bench ONLY=search`.

Under row-level security a search by words may not use an index, so two functions of the database do so for us, which
filter by organisation themselves (`newest_posts_with` and `newest_posts_titled`).

Where a hit stands is said by the post and the query alone: its rank, when it was published, its id. So pages come by
keyset, and what others write moves no hit.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from functools import lru_cache
from html import escape
from typing import Literal, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlmodel import col

from myapp.accounts import Organization, User
from myapp.blog import queries
from myapp.blog.cards import HitCount, SearchHit
from myapp.blog.queries import SEARCH, matches, published
from myapp.blog.schemas import Post
from myapp.blog.tsquery import CANDIDATES, Query, compile_query
from myapp.kit.pagination import InvalidCursor, KeysetPage, cursor
from myapp.kit.repo import reading
from myapp.kit.scope import Scope
from myapp.kit.selects import Column, Select, Values, fetch, pick

WINDOW = 1_000
ENOUGH = 100
PAGE_SIZE = 20
HEADLINE_TEXT = 10_000
HITS_ORDER = "rank desc,published_at desc,id desc"
_RANK_UNIT = 1_000_000_000

type Towards = Literal["", "after", "before"]

# Two characters of Unicode's private use area, which no text keeps: what stands between them was found.
_OPEN, _CLOSE = "\ue000", "\ue001"
_TITLE = f"StartSel={_OPEN}, StopSel={_CLOSE}, HighlightAll=true"
_SNIPPET = f'StartSel={_OPEN}, StopSel={_CLOSE}, MaxFragments=2, MinWords=12, MaxWords=30, FragmentDelimiter=" … "'


async def search_posts(
    scope: Scope, text: str, *, after: str | None = None, before: str | None = None
) -> KeysetPage[SearchHit]:
    """Published posts that the scope may read, best first, 20 a page; nothing for a text without a word to look for.

    `after` and `before` are cursors of pages, or `cursor_at(HITS_ORDER, (rank, published_at, id))`. Raises
    InvalidCursor.
    """
    if after and before:
        raise InvalidCursor
    towards: Towards = "after" if after else "before" if before else ""
    place = cursor.decode(after or before or "", HITS_ORDER, [each.type for each in _PLACE]) if towards else []
    async with reading(scope):
        query = await compile_query(scope, text)
        if query is None:
            return KeysetPage([])
        where = {bound.key: value for bound, value in zip(_PLACE, place, strict=False)}
        rows = await fetch(_page(_reader(scope), towards), **_bound(query), **where)
    has_more = bool(rows) and rows[0]["has_more"]
    hits = [_hit(row) for row in (reversed(rows) if before else rows)]
    # Nothing may be left on this side of a cursor; what is on its other side can still be asked for.
    first, last = (_cursor(hits[0]), _cursor(hits[-1])) if hits else (before or after, before or after)
    return KeysetPage(
        hits,
        before=first if (has_more if before else after) else None,
        after=last if (before or has_more) else None,
    )


async def fetch_hits(scope: Scope, text: str, ids: Collection[UUID]) -> list[SearchHit]:
    """Those of these posts that `search_posts` finds, in no order."""
    async with reading(scope):
        query = await compile_query(scope, text)
        if query is None:
            return []
        # Of all that happens to posts, most has nothing to do with these words; candidates are dearer to find.
        if not await fetch(pick(col(Post.id)).where(queries.among(ids), matches(SEARCH, query.strict))):
            return []
        rows = await fetch(_named(_reader(scope)), **_bound(query), ids=list(ids))
    return [_hit(row) for row in rows]


async def count_hits(scope: Scope, text: str) -> HitCount:
    """How many posts `search_posts` finds. It ends at a few hundred, for common words too, as only those are ranked."""
    async with reading(scope):
        query = await compile_query(scope, text)
        return HitCount(**(await fetch(_counted(_reader(scope)), **_bound(query)))[0]) if query else HitCount(0, True)


def _bound(query: Query) -> Values:
    return {"strict": query.strict, "loose": query.loose, "candidates": query.candidates}


def _cursor(hit: SearchHit) -> str:
    return cursor.encode(HITS_ORDER, (hit.rank, hit.published_at, hit.id))


# Bound when the statement runs: it is built once for each scope, which takes longer than many a search.
_STRICT, _LOOSE = sa.bindparam("strict", type_=TSQUERY), sa.bindparam("loose", type_=TSQUERY)
_MOST, _IDS = sa.bindparam("candidates", type_=sa.Integer), sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid()))
_PLACE = (
    sa.bindparam("at_rank", type_=sa.BigInteger()),
    sa.bindparam("at_time", type_=sa.DateTime(timezone=True)),
    sa.bindparam("at_id", type_=sa.Uuid()),
)


def _reader(scope: Scope) -> Scope:
    """All that decides which published posts are found: not who it is, but whether it is a member."""
    if scope.is_member or scope.is_system or scope.is_operator:
        return Scope.system("search", scope.org_id)
    return Scope.anonymous(scope.org_id)


@lru_cache(maxsize=256)
def _page(scope: Scope, towards: Towards) -> Select:
    """One page of hits, in one statement; the one before a place from its end."""
    ranked = _ranked(scope)
    here, there = sa.tuple_(ranked.c.rank, ranked.c.published_at, ranked.c.id), sa.tuple_(*_PLACE)
    past = {"": sa.true(), "after": here < there, "before": here > there}[towards]
    nearest = pick(*ranked.c).where(past).order_by(*_ordered(ranked, towards)).limit(PAGE_SIZE + 1)
    best = _kept(nearest, "best")
    has_more = pick(sa.func.count() > PAGE_SIZE).select_from(best).scalar_subquery()
    shown = _shown(best).add_columns(has_more.label("has_more"))
    return shown.order_by(*_ordered(best, towards)).limit(PAGE_SIZE)


@lru_cache(maxsize=256)
def _named(scope: Scope) -> Select:
    """The hits among some posts."""
    ranked = _ranked(scope)
    return _shown(_kept(pick(*ranked.c).where(ranked.c.id == sa.any_(_IDS)), "best"))


@lru_cache(maxsize=256)
def _counted(scope: Scope) -> Select:
    """Nothing is left out where the index has given all it has, or the latest posts are all posts."""
    sources = _sources(scope)
    recent, found = (
        pick(sa.func.count()).select_from(each).scalar_subquery() for each in (sources.recent, sources.found)
    )
    older = pick(col(Post.id)).where(published(scope)).order_by(col(Post.published_at).desc()).offset(WINDOW).exists()
    is_all = sa.case((recent < ENOUGH, found < _MOST), else_=sa.and_(recent < 2 * ENOUGH, sa.not_(older)))
    hits = _found(scope, sources).cte("found_posts")
    return pick(sa.func.count().label("count"), is_all.label("is_all")).select_from(hits)


def _ordered(hits: sa.CTE, towards: Towards) -> list[Column]:
    columns = (hits.c.rank, hits.c.published_at, hits.c.id)
    return [column.asc() if towards == "before" else column.desc() for column in columns]


def _shown(best: sa.CTE) -> Select:
    """What a `SearchHit` is made of."""
    return (
        pick(
            col(Post.id), col(Organization.slug).label("org_slug"), col(Post.slug), col(Post.version), best.c.rank,
            col(Post.published_at), col(Post.author_id), col(User.name).label("author_name"),
            _headline(col(Post.title), _TITLE).label("title"),
            _headline(sa.func.left(col(Post.body_text), HEADLINE_TEXT), _SNIPPET).label("snippet"),
        )
        .join(best, best.c.id == col(Post.id))
        .join(User, col(User.id) == col(Post.author_id))
        .join(Organization, col(Organization.id) == col(Post.org_id))
    )  # fmt: skip


def _ranked(scope: Scope) -> sa.CTE:
    """What is found, with its rank: words in the title weigh more, long texts a little less.

    A whole number, as it is part of a key: what is read from JSON is to be the same everywhere.
    """
    rank = sa.cast(sa.func.ts_rank(SEARCH, _STRICT, 1) * _RANK_UNIT, sa.BigInteger)
    return _kept(_found(scope, _sources(scope), rank.label("rank")), "ranked")


class _Sources(NamedTuple):
    """Where candidates come from."""

    recent: sa.CTE
    titled: Select
    found: sa.CTE


def _sources(scope: Scope) -> _Sources:
    recent = _recent(scope)
    few = pick(sa.func.count()).select_from(recent).scalar_subquery() < ENOUGH
    titled = pick(sa.func.newest_posts_titled(_LOOSE, CANDIDATES).table_valued("id").c.id)
    found = pick(sa.func.newest_posts_with(_LOOSE, _MOST).table_valued("id").c.id).where(few)
    return _Sources(recent, titled, _kept(found, "indexed"))


def _found(scope: Scope, sources: _Sources, *more: Column) -> Select:
    """Candidates that really match."""
    candidates = sa.union(pick(sources.recent.c.id), sources.titled, pick(sources.found.c.id)).cte("candidates")
    return (
        pick(col(Post.id), col(Post.published_at), *more)
        .join(candidates, candidates.c.id == col(Post.id))
        .where(matches(SEARCH, _STRICT), published(scope))
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
    values = {each.name: row[each.name] for each in fields(SearchHit) if not each.name.endswith("_html")}
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
