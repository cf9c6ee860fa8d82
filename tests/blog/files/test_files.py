"""Covers and attachments: who may send them, and which a post has."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from myapp import blog
from myapp.accounts import Organization
from myapp.blog import FileKind
from myapp.kit import storage
from myapp.kit.audit import AuditLog
from myapp.kit.errors import Forbidden, Invalid, Unauthenticated
from myapp.kit.pubsub import PubSub
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.kit.uploads import TooLarge, Unacceptable
from tests.blog.files.conftest import content, lying, names_of, rows, send, send_cover, with_files
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post
from tests.factories.files import HTML, PDF, SVG, photo, picture, png_claiming


async def test_a_cover_is_kept_in_the_widths_that_pages_show(ada: Scope, files: Path):
    card = await send_cover(ada, picture("JPEG", (2000, 1000)))

    assert (card.kind, card.width, card.height, card.content_type) == (FileKind.COVER, 1360, 680, "image/webp")
    assert lying(files) == names_of(card)
    small = Image.open(BytesIO(await content(ada, storage.variant(card.key, 640))))
    assert (small.format, small.size) == ("WEBP", (640, 320))


async def test_an_attachment_is_kept_as_it_is(ada: Scope):
    card = await send(ada, PDF, name="Minutes.pdf")
    assert (card.filename, card.content_type, card.size) == ("Minutes.pdf", "application/pdf", len(PDF))
    assert await content(ada, card.key) == PDF


async def test_an_attached_photo_does_not_say_where_it_was_taken(ada: Scope):
    card = await send(ada, photo(), name="beach.jpg")
    assert card.content_type == "image/jpeg"
    assert b"Secret" not in await content(ada, card.key)


@pytest.mark.parametrize("bad", [SVG, HTML, b"MZ\x90\x00" + bytes(99), b"", picture("GIF"), picture()[:50]])
@pytest.mark.parametrize("kind", list(FileKind))
async def test_what_is_not_allowed_is_refused_at_its_field_whatever_it_is_called(
    ada: Scope, files: Path, bad: bytes, kind: FileKind
):
    with pytest.raises(Unacceptable) as refusal:
        await send(ada, bad, kind=kind, name="holiday.png")

    assert refusal.value.errors == {"file": ["You have selected an unacceptable file type"]}
    assert lying(files) == []
    assert await rows() == []


async def test_a_cover_is_a_picture(ada: Scope):
    with pytest.raises(Unacceptable):
        await send_cover(ada, PDF, name="cover.png")
    with pytest.raises(Unacceptable, match="megapixels"):
        await send_cover(ada, png_claiming(30_000, 30_000))


async def test_more_than_20_mb_is_too_large_and_nothing_of_it_is_kept(ada: Scope, files: Path):
    with pytest.raises(TooLarge) as refusal:
        await send(ada, b"%PDF-1.7" + bytes(20 << 20))
    assert refusal.value.errors == {"file": ["too large"]}
    assert lying(files) == []
    assert await rows() == []


async def test_nothing_is_kept_of_what_stops_midway(ada: Scope, files: Path):
    async def stopping() -> AsyncIterator[bytes]:
        yield PDF
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await blog.upload_file(ada, FileKind.ATTACHMENT, "a.pdf", stopping())
    assert lying(files) == []
    assert await rows() == []


async def test_nothing_is_kept_in_the_storage_when_the_row_is_not_written(ada: Scope, files: Path):
    nobody = Scope(uuid4(), ada.org_id, ada.role)
    for kind in FileKind:
        with pytest.raises(IntegrityError):
            await send(nobody, picture(), kind=kind)
    assert lying(files) == []


async def test_only_members_send_files(organization: Organization, ada: Scope):
    with pytest.raises(Unauthenticated):
        await send(Scope.anonymous(organization.id))
    stranger = await make_member(await make_organization())
    with pytest.raises(Forbidden):
        await send(Scope(stranger.user_id, organization.id))


async def test_nobody_sends_without_end(ada: Scope, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("myapp.blog.files.uploading.MAX_UNCLAIMED", 2)
    first = await send(ada)
    await send(ada)
    with pytest.raises(blog.TooManyFiles):
        await send(ada)
    await with_files(ada, first)
    await send(ada)


async def test_a_post_is_saved_with_its_files_in_their_order(ada: Scope):
    cover, one, two = await send_cover(ada), await send(ada, name="one.pdf"), await send(ada, name="two.pdf")

    post = await with_files(ada, two, cover, one, cover_alt=" The  sea at noon ")

    detail = await blog.get_post_by_id(ada, post.id)
    assert [card.filename for card in detail.attachments] == ["two.pdf", "one.pdf"]
    assert detail.cover
    assert (detail.cover.id, detail.cover.alt, detail.cover.width) == (cover.id, "The sea at noon", 200)
    card = await blog.fetch_card(ada, post.id)
    assert card
    assert card.cover == detail.cover


async def test_lists_show_covers_without_another_query(
    ada: Scope, assert_queries: Callable[[int], AbstractContextManager[list[str]]]
):
    for number in range(3):
        await with_files(ada, await send_cover(ada), title=f"Post {number}")
    await make_post(ada)
    with assert_queries(1):
        page = await blog.list_posts(ada)
    assert [bool(card.cover) for card in page.entries] == [False, True, True, True]


async def test_what_is_not_named_any_more_goes_from_the_storage_too(ada: Scope, files: Path):
    cover, one, two = await send_cover(ada), await send(ada, name="one.pdf"), await send(ada, name="two.pdf")
    post = await with_files(ada, cover, one, two)
    other = await send_cover(ada)

    post = await blog.update_post(ada, post.id, {"files": [str(other.id), str(two.id)], "version": post.version})

    detail = await blog.get_post_by_id(ada, post.id)
    assert detail.cover
    assert detail.cover.id == other.id
    assert [card.id for card in detail.attachments] == [two.id]
    assert lying(files) == names_of(other, two)
    assert post.version == 2


async def test_a_change_of_files_is_a_change_that_all_hear_of_and_that_is_noted(ada: Scope, hub: PubSub):
    card = await send(ada, name="one.pdf")
    post = await make_post(ada)
    heard: list[object] = []
    assert ada.org_id
    hub.subscribe(blog.topic_posts(ada.org_id), lambda _topic, event: heard.append(event))

    await blog.update_post(ada, post.id, {"files": [str(card.id)]})
    await blog.update_post(ada, post.id, {"files": []})

    assert [type(event) for event in heard] == [blog.PostUpdated, blog.PostUpdated]
    async with transaction(SYSTEM) as session:
        noted = select(AuditLog).where(AuditLog.action == "blog.post.files_changed").order_by(col(AuditLog.inserted_at))
        lines = (await session.exec(noted)).all()
    assert [(line.before, line.after) for line in lines] == [
        ({"files": []}, {"files": ["one.pdf"]}),
        ({"files": ["one.pdf"]}, {"files": []}),
    ]


async def test_the_same_files_and_words_are_no_change(ada: Scope, hub: PubSub):
    cover = await send_cover(ada)
    post = await with_files(ada, cover, cover_alt="The sea")
    heard: list[object] = []
    assert ada.org_id
    hub.subscribe(blog.topic_posts(ada.org_id), lambda _topic, event: heard.append(event))

    same = await blog.update_post(
        ada, post.id, {"title": post.title, "files": [str(cover.id)], "cover_alt": "The sea", "version": post.version}
    )

    assert (same.version, heard) == (post.version, [])


async def test_words_of_a_cover_are_changed_and_taken_away(ada: Scope):
    post = await with_files(ada, await send_cover(ada), cover_alt="The sea")
    for words in ("The sea at noon", ""):
        post = await blog.update_post(ada, post.id, {"cover_alt": words})
        detail = await blog.get_post_by_id(ada, post.id)
        assert detail.cover
        assert detail.cover.alt == words
    with pytest.raises(Invalid) as refusal:
        await blog.update_post(ada, post.id, {"cover_alt": "x" * 501})
    assert refusal.value.errors == {"cover_alt": ["should be at most 500 character(s)"]}


async def test_files_stay_where_nothing_is_said_about_them(ada: Scope):
    post = await with_files(ada, await send_cover(ada), await send(ada))
    await blog.update_post(ada, post.id, {"title": "Another title"})
    detail = await blog.get_post_by_id(ada, post.id)
    assert detail.cover
    assert len(detail.attachments) == 1


async def test_nobody_takes_a_file_that_another_sent_or_another_post_has(ada: Scope, mei: Scope):
    of_mei, taken = await send(mei), await send(ada)
    await with_files(ada, taken)
    elsewhere = await make_member(await make_organization())
    for scope, stolen in ((ada, of_mei.id), (ada, taken.id), (elsewhere, of_mei.id), (ada, uuid4())):
        with pytest.raises(Invalid) as refusal:
            await make_post(scope, files=[str(stolen)])
        assert refusal.value.errors == {"files": ["does not exist"]}
    with pytest.raises(Invalid):
        await make_post(ada, files="nonsense")


async def test_a_post_has_one_cover(ada: Scope):
    with pytest.raises(Invalid) as refusal:
        await with_files(ada, await send_cover(ada), await send_cover(ada))
    assert refusal.value.errors == {"files": ["is invalid"]}


async def test_files_go_with_their_post(ada: Scope, files: Path):
    post = await with_files(ada, await send_cover(ada), await send(ada))
    await blog.delete_post(ada, post.id)
    assert (lying(files), await rows()) == ([], [])
