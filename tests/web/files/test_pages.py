"""Files on the pages: in the form of a post, on the post, in lists, and the picture of oneself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from myapp import accounts, blog
from myapp.blog import FileKind
from myapp.kit import routes
from myapp.kit.errors import Unauthenticated
from myapp.web.accounts.avatar.state import AvatarState
from myapp.web.blog.post.state import PostState
from myapp.web.blog.post_form.state import PostFormState
from myapp.web.shell import ShellState
from tests.factories.blog import make_post
from tests.factories.files import PDF, in_pieces, picture
from tests.live import Tab
from tests.web.files.conftest import Site

BODY = "A body that is long enough."


async def sent(site: Site, kind: FileKind = FileKind.ATTACHMENT, name: str = "a.pdf") -> blog.FileCard:
    content = picture("JPEG", (900, 300)) if kind is FileKind.COVER else PDF
    return await blog.upload_file(site.member, kind, name, in_pieces(content))


def listed(*cards: blog.FileCard) -> str:
    """What the browser keeps of them in a field."""
    return json.dumps([{"id": str(card.id), "filename": card.filename} for card in cards])


async def saved(tab: Tab, **fields: str) -> None:
    values: dict[str, Any] = {**tab.get(PostFormState.values), "title": "With files", "body": BODY, **fields}
    await tab.send(PostFormState.save(values))


async def test_a_post_is_saved_with_the_files_of_its_form(site: Site):
    cover, attachment = await sent(site, FileKind.COVER, "sea.jpg"), await sent(site)
    tab = await site.open("/write", site.member)

    await saved(tab, cover=listed(cover), cover_alt="The sea", attachments=listed(attachment))

    [card] = (await blog.list_posts(site.member)).entries
    detail = await blog.get_post_by_id(site.member, card.id)
    assert detail.cover
    assert (detail.cover.id, detail.cover.alt) == (cover.id, "The sea")
    assert [each.id for each in detail.attachments] == [attachment.id]


async def test_the_form_of_a_post_lists_its_files_and_saving_it_keeps_them(site: Site):
    cover, attachment = await sent(site, FileKind.COVER, "sea.jpg"), await sent(site)
    post = await make_post(site.member, files=[str(cover.id), str(attachment.id)], cover_alt="The sea")
    tab = await site.open(f"/posts/{post.slug}/edit", site.member)
    values = tab.get(PostFormState.values)

    [shown] = json.loads(values["cover"])
    assert (shown["id"], shown["filename"], values["cover_alt"]) == (str(cover.id), "sea.webp", "The sea")
    assert json.loads(values["attachments"])[0]["url"] == routes.file(site.organization.id, attachment.key)
    await saved(tab)

    detail = await blog.get_post_by_id(site.member, post.id)
    assert detail.cover
    assert [each.id for each in (detail.cover, *detail.attachments)] == [cover.id, attachment.id]


@pytest.mark.parametrize("forged", ['[{"id": "nonsense"}]', '[{"id": "018f0000-0000-7000-8000-000000000000"}]'])
async def test_a_forged_file_is_complained_about_at_the_attachments(site: Site, forged: str):
    tab = await site.open("/write", site.member)
    await saved(tab, attachments=forged)
    assert tab.get(PostFormState.errors)["files"]
    assert (await blog.list_posts(site.member)).entries == []


@pytest.mark.parametrize("garbage", ["nonsense", "{}", "[1, null]", '[{"id": 7}]'])
async def test_what_no_browser_of_ours_sends_names_no_file(site: Site, garbage: str):
    tab = await site.open("/write", site.member)
    await saved(tab, cover=garbage, attachments=garbage)
    [card] = (await blog.list_posts(site.member)).entries
    assert card.cover is None


async def test_an_open_post_shows_its_files_as_they_change(site: Site):
    post = await make_post(site.member)
    reader = await site.open(f"/posts/{post.slug}")
    assert reader.get(PostState.cover)["cover_src"] == ""
    cover, attachment = await sent(site, FileKind.COVER), await sent(site, name="minutes.pdf")

    await blog.update_post(site.member, post.id, {"files": [str(cover.id), str(attachment.id)], "cover_alt": "The sea"})

    await reader.until(lambda: reader.get(PostState.cover)["cover_src"] != "")
    shown = reader.get(PostState.cover)
    assert (shown["cover_width"], shown["cover_height"], shown["cover_alt"]) == (900, 300, "The sea")
    assert shown["cover_src_set"].endswith(" 640w")
    assert [each["filename"] for each in reader.get(PostState.attachments)] == ["minutes.pdf"]


async def test_lists_carry_cover_and_face(site: Site):
    key = await accounts.update_avatar(site.member, in_pieces(picture()))
    await make_post(site.member, files=[str((await sent(site, FileKind.COVER)).id)])
    [row] = await site.rows_of(f"stream:posts:{site.slug}")
    assert str(row["cover_src"]).endswith("-640.webp")
    assert row["author_avatar"] == routes.avatar(key)


async def test_ones_picture_is_in_the_bar_as_soon_as_it_is_there_and_no_longer_than_it_is(site: Site):
    tab = await site.live.open("/settings", cookies=await site.cookies_of(site.member))
    assert tab.get(ShellState.person_avatar) == ""
    key = await accounts.update_avatar(site.member, in_pieces(picture()))

    await tab.send(AvatarState.saved)
    assert tab.get(ShellState.person_avatar) == routes.avatar(key)

    await tab.send(AvatarState.remove)
    assert tab.get(ShellState.person_avatar) == ""


async def test_a_visitor_has_no_picture_to_remove(site: Site):
    tab = await site.open("/posts")
    with pytest.raises(Unauthenticated):
        await tab.send(AvatarState.remove)
