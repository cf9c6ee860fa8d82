"""Pages of a list: by keyset for feeds and long lists, by offset where people want page numbers.

    newest = [(Post.published_at, "desc")]
    page = await keyset_page(select(Post), order=newest, limit=20)
    more = await keyset_page(select(Post), order=newest, limit=20, after=page.after)

    page = await offset_page(select(Post).order_by(Post.title), page=3)
    page.entries, page.total_count, page.total_pages

A statement that selects one thing gives entries of it, one that selects several gives named rows: `session.exec` of
SQLModel does the same. What always holds: however many rows are written or deleted meanwhile, whoever follows the
cursors meets no row twice and misses none that was there all along; and no cursor or page number, however it was made
up, fails otherwise than with `InvalidCursor`, which is a NotFound.

What Elixir's Paginator and Scrivener do.
"""

from myapp.kit.pagination.cursor import InvalidCursor, cursor_at
from myapp.kit.pagination.keyset import Direction, KeysetPage, Order, keyset_page
from myapp.kit.pagination.offset import OffsetPage, offset_page

__all__ = [
    "Direction",
    "InvalidCursor",
    "KeysetPage",
    "OffsetPage",
    "Order",
    "cursor_at",
    "keyset_page",
    "offset_page",
]
