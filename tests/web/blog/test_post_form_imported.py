"""A post that was imported is edited as what it is: its text may be HTML, and its import's notes are nobody's."""

from __future__ import annotations

from typing import Any

import pytest

from myapp import blog
from myapp.blog import BodyFormat, Post
from myapp.web.blog.post_form.state import PostFormState
from tests.factories.blog import make_post, set_columns
from tests.live import Tab
from tests.web.blog.conftest import Site
from tests.web.blog.test_post_form import filled

HTML = "<pre>one\n  two</pre>\n<p>Pour it <strong>slowly</strong>.</p>"
NOTES: dict[str, Any] = {
    "import": {"from": "wordpress", "fingerprint": "0a1b"},
    "wordpress": {"id": "7", "link": "https://example.org/?p=7"},
    "attachments": [{"url": "https://example.org/tea.jpg"}],
}


async def imported(site: Site, meta: dict[str, Any] | None = None) -> Post:
    """A member's post as an import of a WordPress blog leaves it."""
    post = await make_post(site.member, title="On tea", body="Will be HTML.", status="published")
    columns = {"body": HTML, "body_html": HTML, "body_text": "one two Pour it slowly.", "body_format": BodyFormat.HTML}
    await set_columns(post, **columns, meta=NOTES | (meta or {}), import_key="wordpress:7")
    return post


async def opened(site: Site) -> Tab:
    return await site.open("/posts/on-tea/edit", site.member)


async def test_the_preview_of_an_html_post_is_of_html_from_the_start(site: Site):
    await imported(site)
    tab = await opened(site)

    assert tab.get(PostFormState.preview_html) == HTML
    assert tab.get(PostFormState.body_format) == "html"


async def test_what_is_typed_into_an_html_post_is_previewed_as_it_will_be_shown(site: Site):
    await imported(site)
    tab = await opened(site)
    fields = filled(tab, body=HTML + "\n<p>No **stars**, no <img src=x onerror=alert(1)>.</p>\n\n    no code")

    await tab.send(PostFormState.validate(fields, ["body"]))
    preview = tab.get(PostFormState.preview_html)
    await tab.submit(PostFormState.save, fields)

    assert "No **stars**" in preview
    assert "onerror" not in preview
    assert preview == (await blog.get_post(site.member, "on-tea")).body_html


async def test_what_cannot_be_saved_of_an_html_post_is_previewed_as_html(site: Site):
    await imported(site)
    tab = await opened(site)

    await tab.submit(PostFormState.save, filled(tab, title="", body="<p>No **stars** here.</p>"))

    assert tab.get(PostFormState.preview_html) == "<p>No **stars** here.</p>"


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ("<p> </p>\n<p>&nbsp;<br></p>", {"body": "can't be blank"}),
        ('<p><img src="https://example.org/tea.jpg"></p>', {}),
        ("<p>&#8220;Tea&#8221;</p>", {}),
        ("<" * 1000, {}),
    ],
)
async def test_an_html_post_shows_something(site: Site, body: str, errors: dict[str, str]):
    await imported(site)
    tab = await opened(site)

    await tab.send(PostFormState.validate(filled(tab, body=body), ["body"]))

    assert tab.get(PostFormState.errors) == errors


async def test_a_new_post_is_markdown_again_after_an_html_post(site: Site):
    await imported(site)
    tab = await opened(site)

    await tab.navigate(f"/o/{site.slug}/write")
    await tab.send(PostFormState.validate({**tab.get(PostFormState.values), "body": "Pour it **slowly**."}, ["body"]))

    assert "<strong>slowly</strong>" in tab.get(PostFormState.preview_html)
    assert tab.get(PostFormState.body_format) == "markdown"


async def test_the_notes_of_an_import_are_not_in_the_form_and_stay(site: Site):
    post = await imported(site, {"mood": "calm"})
    tab = await opened(site)
    assert tab.get(PostFormState.values)["meta"] == "mood: calm"

    await tab.submit(PostFormState.save, filled(tab, title="On green tea", meta="mood: merry\ncups: 2"))

    stored = (await blog.change_post(site.member, post.id, {})).data
    assert (stored.title, stored.meta) == ("On green tea", {**NOTES, "mood": "merry", "cups": 2})


async def test_lines_that_end_as_in_a_file_of_windows_are_no_change(site: Site):
    post = await make_post(site.member, title="On tea", body="Pour it\r\nslowly.\r\n\r\nWait.")
    tab = await opened(site)
    fields = filled(tab, body="Pour it\nslowly.\n\nWait.")  # a browser's field has no other line ends

    await tab.submit(PostFormState.save, fields)
    assert (await blog.get_post_by_id(site.member, post.id)).version == post.version
    await tab.submit(PostFormState.save, {**fields, "body": "Pour it\nslowly.\n\nDrink."})

    assert (await blog.get_post_by_id(site.member, post.id)).body == "Pour it\nslowly.\n\nDrink."


async def test_nobody_changes_or_makes_up_the_notes_of_an_import(site: Site):
    post = await imported(site)
    tab = await opened(site)

    lines = 'import: {"from": "wordpress", "fingerprint": "mine"}\nwordpress:\nattachments: []'
    await tab.submit(PostFormState.save, filled(tab, meta=lines))

    assert (await blog.change_post(site.member, post.id, {})).data.meta == NOTES


async def test_metadata_that_nobody_touched_is_no_change(site: Site):
    post = await imported(site, {"og:title": "Hello", "": "nameless", "year": "1984"})
    tab = await opened(site)

    await tab.submit(PostFormState.save, filled(tab))

    assert tab.get(PostFormState.errors) == {}
    assert (await blog.change_post(site.member, post.id, {})).data.version == post.version
