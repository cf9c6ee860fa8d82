"""The address of a list and the list itself say the same, whatever somebody types into an address."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st

from myapp.blog import PostFilters, PostStatus
from myapp.kit import routes
from myapp.web.blog.listing import MAX_TAGS, SORTS, Listing

words = st.text(max_size=30).map(str.strip)
listings = st.builds(
    Listing,
    st.builds(
        PostFilters,
        text=words,
        status=st.sampled_from([*PostStatus, None]),
        author=words,
        tags=st.lists(words.filter(bool), max_size=MAX_TAGS, unique=True).map(tuple),
        since=st.none() | st.dates(),
        until=st.none() | st.dates(),
        meta_key=words,
        meta_value=words,
        featured=st.booleans(),
    ),
    st.sampled_from(SORTS),
)


def address_of(listing: Listing) -> str:
    return urlsplit(routes.posts("demo", **listing.address)).query


@given(listings)
def test_a_list_is_found_again_by_its_address(listing: Listing):
    assert Listing.parse(address_of(listing)) == listing


@given(st.text(max_size=200))
def test_any_address_is_some_list(query: str):
    listing = Listing.parse(query)
    assert Listing.parse(address_of(listing)) == listing


@given(listings)
def test_a_list_has_one_name_whatever_the_order_of_its_tags(listing: Listing):
    reordered = listing.narrowed(tags=tuple(reversed(listing.filters.tags)))
    assert reordered.query == listing.query
    assert Listing.parse(listing.query).query == listing.query


def test_what_is_usual_is_not_in_the_address():
    assert Listing.parse("status=published&sort=newest&q=").address == {}


def test_clearing_keeps_the_order():
    cleared = Listing.parse("q=tea&from=2026-01-02&sort=oldest").cleared()
    assert (cleared.filters, cleared.sort) == (PostFilters(), "oldest")
    assert Listing.parse("from=2026-01-02").filters.since == date(2026, 1, 2)


def test_words_that_are_cut_behind_a_space_still_have_one_name():
    listing = Listing.parse(f"q={'a' * 199}+b")
    assert Listing.parse(listing.query).query == listing.query
