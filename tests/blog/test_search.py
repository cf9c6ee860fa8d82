"""Search: what is found, in which order, what is marked; nothing typed can break it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp import blog
from myapp.accounts import Organization
from myapp.blog import HitCount, search
from myapp.blog.tsquery import compile_query
from myapp.kit.clock import now
from myapp.kit.pagination import InvalidCursor, cursor_at
from myapp.kit.scope import Scope
from tests.factories import within
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post


@pytest.fixture
async def author(organization: Organization) -> Scope:
    return await make_member(organization)


async def found(scope: Scope, text: str) -> list[str]:
    hits = (await blog.search_posts(scope, text)).entries
    return [unescape(re.sub(r"</?mark>", "", hit.title_html)) for hit in hits]


async def test_words_of_the_title_weigh_more_than_words_of_the_text(author: Scope) -> None:
    await make_post(author, title="About something", body="The lighthouse, and nothing but the lighthouse.")
    await make_post(author, title="Lighthouse keeping", body="It is a quiet life by the sea.")
    assert await found(author, "lighthouse") == ["Lighthouse keeping", "About something"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gardens", {"Gardening at night", "Night garden"}),
        ("GARDEN night", {"Gardening at night", "Night garden"}),
        ('"night garden"', {"Night garden"}),
        ("garden -quiet", {"Gardening at night"}),
        ("gard", {"Gardening at night", "Night garden"}),
        ("night gard", {"Gardening at night", "Night garden"}),
        ("tram or quiet", {"Night garden", "The tram"}),
        ("tram quiet", set()),
        ("the", set()),
        ("-quiet", set()),
        ("", set()),
        ("   ", set()),
        ("garden the", {"Gardening at night", "Night garden"}),
        ('garden "unfinished', set()),
        ("O'Brien", {"The tram"}),
        ("o'br", {"The tram"}),
        ("straße", {"The tram"}),
    ],
)
async def test_what_people_type_is_understood(author: Scope, text: str, expected: set[str]) -> None:
    await make_post(author, title="Gardening at night", body="With a lamp, and gloves.")
    await make_post(author, title="Night garden", body="It is quiet there, and dark.")
    await make_post(author, title="The tram", body="Mr O'Brien drives it down the Straße every day.")
    assert set(await found(author, text)) == expected


async def test_only_published_posts_are_found(author: Scope) -> None:
    await make_post(author, title="Lighthouse draft", status="draft")
    later = now() + timedelta(days=1)
    await make_post(author, title="Lighthouse later", status="scheduled", published_at=later)
    assert await found(author, "lighthouse") == []


async def test_a_changed_post_is_found_by_its_new_words_only(author: Scope) -> None:
    post = await make_post(author, title="Something", body="It speaks of windmills.")
    await blog.update_post(author, post.id, {"body": "It speaks of lighthouses."})
    assert await found(author, "windmill") == []
    assert await found(author, "lighthouse") == ["Something"]


async def test_the_whole_of_a_long_body_is_searched(author: Scope) -> None:
    filling = " ".join(f"word{number}" for number in range(20_000))[:199_000]
    await make_post(author, title="A long one", body=f"{filling} lighthouse")
    assert await found(author, "lighthouse") == ["A long one"]


async def test_a_text_of_more_different_words_than_can_be_kept_is_found_by_the_first_of_them(author: Scope) -> None:
    """Of every body of 200,000 characters the words take the most room where rare letters stand between hyphens."""
    rare = [chr(0x20000 + number) for number in range(400)]
    words = " ".join(f"{one}{other}-{other}{one}" for one, other in permutations(rare, 2))
    body = f"lighthouse {words}"
    await make_post(author, title="A windmill", body=body[:200_000])
    assert await found(author, "lighthouse") == await found(author, "windmill") == ["A windmill"]


async def test_words_are_taken_as_the_organisations_language_has_them(db: object) -> None:
    german = await make_member(await make_organization(language="german"))
    await make_post(german, title="Die Häuser am Hafen")
    assert await found(german, "Haus am Hafen") == ["Die Häuser am Hafen"]
    await make_post(await make_member(await make_organization()), title="The harbour")
    assert await found(Scope.anonymous(), "haus") == ["Die Häuser am Hafen"]


async def test_what_was_found_is_marked_and_everything_else_is_escaped(author: Scope) -> None:
    body = "Written by the lighthouse: `<b onclick=alert(1)>` & `<img src=x onerror=alert(1)>` so be careful there."
    await make_post(author, title="A <b>lighthouse</b> & more", body=body)
    [hit] = (await blog.search_posts(author, "lighthouse")).entries
    assert hit.title_html == "A &lt;b&gt;<mark>lighthouse</mark>&lt;/b&gt; &amp; more"
    assert "<mark>lighthouse</mark>: &lt;b onclick=alert(1)&gt; &amp;" in hit.snippet_html
    assert re.findall(r"<(?!/?mark>)", hit.snippet_html) == []


async def test_a_text_can_not_bring_its_own_marks(author: Scope) -> None:
    await make_post(author, title="\ue000lighthouse\ue001 \ue001x", body="The \ue000lighthouse and its keeper.")
    [hit] = (await blog.search_posts(author, "keeper")).entries
    assert hit.title_html == "lighthouse x"
    assert hit.snippet_html == "lighthouse and its <mark>keeper</mark>"


async def test_a_snippet_is_cut_from_around_what_was_found(author: Scope) -> None:
    await make_post(author, body=f"{'before ' * 200} the lighthouse {'after ' * 200}")
    [hit] = (await blog.search_posts(author, "lighthouse")).entries
    assert "<mark>lighthouse</mark>" in hit.snippet_html
    assert len(hit.snippet_html) < 400


async def test_hits_come_twenty_a_page_in_both_directions(author: Scope) -> None:
    for number in range(43):
        await make_post(author, title=f"Lighthouse {number}")
    first = await blog.search_posts(author, "lighthouse")
    second = await blog.search_posts(author, "lighthouse", after=first.after)
    third = await blog.search_posts(author, "lighthouse", after=second.after)
    assert [len(page.entries) for page in (first, second, third)] == [20, 20, 3]
    hits = [hit for page in (first, second, third) for hit in page.entries]
    assert hits == sorted(hits, key=lambda hit: (hit.rank, hit.published_at, hit.id), reverse=True)
    assert len({hit.id for hit in hits}) == 43 == (await blog.count_hits(author, "lighthouse")).count
    assert (first.before, third.after) == (None, None)
    assert await blog.search_posts(author, "lighthouse", before=third.before) == second
    back = await blog.search_posts(author, "lighthouse", before=second.before)
    assert (back.entries, back.before, back.after) == (first.entries, None, first.after)


@pytest.mark.parametrize("cursor", ["nonsense", cursor_at("id desc", ["a"]), cursor_at(blog.HITS_ORDER, ["a", 1, 2])])
async def test_no_cursor_breaks_it(author: Scope, cursor: str) -> None:
    for place in ({"after": cursor}, {"before": cursor}, {"after": cursor, "before": cursor}):
        with pytest.raises(InvalidCursor):
            await blog.search_posts(author, "lighthouse", **place)


async def test_the_rank_of_a_post_depends_on_it_and_the_words_alone(author: Scope) -> None:
    post = await make_post(author, title="Lighthouse")
    [alone] = await blog.fetch_hits(author, "lighthouse", [post.id])
    for number in range(30):
        await make_post(author, title=f"Lighthouse {number}", body="It stands by the lighthouse.")
    [among] = await blog.fetch_hits(author, "lighthouse", [post.id])
    assert among == alone


async def test_posts_are_looked_up_by_id_if_they_are_found(author: Scope) -> None:
    match, other = await make_post(author, title="Lighthouse"), await make_post(author, title="Windmill")
    draft = await make_post(author, title="Lighthouse draft", status="draft")
    foreign = await make_post(await make_member(await make_organization()), title="Lighthouse")
    ids = [match.id, other.id, draft.id, foreign.id]
    assert await blog.fetch_hits(author, "lighthouse", ids) == (await blog.search_posts(author, "lighthouse")).entries
    assert await blog.fetch_hits(author, "the", ids) == []
    assert await blog.count_hits(author, "the") == HitCount(0, is_all=True)


async def test_an_old_post_is_found_behind_many_new_ones(author: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the latest posts do not have enough matches, the index finds the others; a title is found in any case."""
    monkeypatch.setattr(search, "WINDOW", 5)
    monkeypatch.setattr(search, "ENOUGH", 3)
    old = now() - timedelta(days=9)
    await make_post(author, title="Old in the title: lighthouse", published_at=old)
    await make_post(author, title="Old in the text", body="It stands by the lighthouse.", published_at=old)
    for number in range(6):
        await make_post(author, title=f"New {number}", body="Something else entirely.")
    assert set(await found(author, "lighthouse")) == {"Old in the title: lighthouse", "Old in the text"}
    for number in range(4):
        await make_post(author, title=f"Newest {number}", body="It stands by the lighthouse.")
    hits = await found(author, "lighthouse")
    assert "Old in the title: lighthouse" in hits
    assert "Old in the text" not in hits, "the latest posts have enough matches"


@pytest.mark.parametrize(
    ("matches", "others", "count"),
    [(2, 9, HitCount(2, is_all=True)), (3, 2, HitCount(3, is_all=True)), (9, 0, HitCount(6, is_all=False))],
)
async def test_a_count_says_whether_all_have_been_looked_at(
    author: Scope, monkeypatch: pytest.MonkeyPatch, matches: int, others: int, count: HitCount
) -> None:
    monkeypatch.setattr(search, "WINDOW", 9)
    monkeypatch.setattr(search, "ENOUGH", 3)
    for _ in range(matches):
        await make_post(author, title="Something", body="It stands by the lighthouse.")
    for _ in range(others):
        await make_post(author, body="Something else entirely.")
    assert await blog.count_hits(author, "lighthouse") == count


async def test_a_count_knows_that_older_posts_have_not_been_looked_at(
    author: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "WINDOW", 4)
    monkeypatch.setattr(search, "ENOUGH", 3)
    for _ in range(5):
        await make_post(author, title="Something", body="It stands by the lighthouse.")
    assert await blog.count_hits(author, "lighthouse") == HitCount(4, is_all=False)


async def test_a_phrase_is_found_among_many_posts_that_have_its_words(author: Scope) -> None:
    for number in range(5):
        await make_post(author, title=f"Apart {number}", body="The night was long and the garden was wide.")
    await make_post(author, title="Together", body="The night garden was wide.", published_at=now() - timedelta(days=9))
    assert await found(author, '"night garden"') == ["Together"]


HOSTILE = st.text(alphabet=st.sampled_from("'\"\\:*&|!<->() ()abor\x00\ud800\u202e%_;-$,.é中"), max_size=30)


async def test_nothing_typed_breaks_it(author: Scope) -> None:
    await make_post(author)

    @given(HOSTILE)
    def texts(text: str) -> None:
        typed.append(text)

    typed: list[str] = []
    texts()
    for text in typed:
        await blog.search_posts(author, text)
    assert typed


@pytest.mark.parametrize("text", ["a' | 'b", "x:*", "!x", "a & !b", "foo'); drop table posts; --", "a <-> b", "*"])
async def test_operators_of_the_database_are_words_or_nothing(author: Scope, text: str) -> None:
    query = await within(compile_query(author, text))
    assert query is None or not re.search(r"\| 'b'|^\(!", query.strict)
