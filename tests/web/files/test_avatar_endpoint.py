"""Pictures of people over HTTP: what is taken, which square of it, and who may see it."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlmodel import col, select

from myapp import accounts
from myapp.accounts import Profile
from myapp.kit import routes, storage
from myapp.kit.audit import AuditLog
from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.kit.storage import Entry
from tests.factories import SYSTEM
from tests.factories.files import PDF, SVG, in_pieces, photo, picture, png_claiming, quartered
from tests.web.files.conftest import Site, lying
from tests.web.our_page import FORM_COOKIES


async def send(
    browser: httpx.AsyncClient, site: Site, body: Any, scope: Scope | None, *, crop: str = "", **more: Any
) -> httpx.Response:
    browser.cookies = httpx.Cookies(FORM_COOKIES)
    browser.cookies.update(await site.cookies_of(scope) or {})
    return await browser.post(routes.upload_avatar() + crop, content=body, **more)


async def key_of(scope: Scope) -> str | None:
    async with transaction(SYSTEM) as session:
        return (await session.exec(select(Profile.avatar_key).where(Profile.user_id == scope.user_id))).one_or_none()


async def test_a_square_of_the_picture_is_shown_to_everybody(browser: httpx.AsyncClient, site: Site):
    answer = await send(browser, site, quartered("JPEG"), site.member, crop="?left=1.5&top=0&side=0.5")

    assert answer.status_code == 201
    browser.cookies = httpx.Cookies(FORM_COOKIES)
    shown = await browser.get(answer.json()["data"]["url"])
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (shown.headers["x-content-type-options"], "sandbox" in shown.headers["content-security-policy"]) == (
        "nosniff",
        True,
    )
    face = Image.open(BytesIO(shown.content)).convert("RGB")
    pixel: Any = face.getpixel((96, 96))
    assert face.size == (192, 192)
    assert (pixel[0] < 60, pixel[1] > 200) == (True, True)


async def test_nothing_but_pixels_is_kept(browser: httpx.AsyncClient, site: Site, files: Path):
    await send(browser, site, photo() + b"<script>", site.member)
    [kept] = lying(files)
    assert b"Secret" not in kept.read_bytes()
    assert b"script" not in kept.read_bytes()


async def test_a_new_picture_has_a_new_name_and_the_old_one_goes(browser: httpx.AsyncClient, site: Site, files: Path):
    urls = [(await send(browser, site, picture(), site.member)).json()["data"]["url"] for _ in range(2)]
    assert urls[0] != urls[1]
    assert (await browser.get(urls[0])).status_code == 404
    assert [f"/avatars/{path.name}" for path in lying(files)] == [urls[1]]


@pytest.mark.parametrize("bad", [SVG, PDF, b"", picture("GIF"), picture()[:50]])
async def test_what_is_no_picture_is_refused_at_the_field(
    browser: httpx.AsyncClient, site: Site, files: Path, bad: bytes
):
    answer = await send(browser, site, bad, site.member)
    assert (answer.status_code, answer.json()) == (
        422,
        {"errors": {"file": ["You have selected an unacceptable file type"]}},
    )
    assert (lying(files), await key_of(site.member)) == ([], None)


async def test_a_bomb_and_more_than_5_mb_are_refused(browser: httpx.AsyncClient, site: Site, files: Path):
    bomb = await send(browser, site, png_claiming(60_000, 60_000), site.member)
    assert bomb.json() == {"errors": {"file": ["has more than 50 megapixels"]}}
    for body in (bytes(5 * 1024 * 1024 + 1), in_pieces(bytes(6 << 20))):
        answer = await send(browser, site, body, site.member)
        assert (answer.status_code, answer.json()) == (413, {"errors": {"file": ["too large"]}})
    assert lying(files) == []


async def test_a_square_of_a_very_long_picture_may_lie_far_down(browser: httpx.AsyncClient, site: Site):
    long = BytesIO()
    Image.new("RGB", (10, 4000), "navy").save(long, "PNG")
    assert (await send(browser, site, long.getvalue(), site.member, crop="?top=399.5")).status_code == 201


@pytest.mark.parametrize("crop", ["?left=nan", "?side=inf", "?left=-1", "?top=x"])
async def test_nonsense_is_no_square(browser: httpx.AsyncClient, site: Site, crop: str):
    assert (await send(browser, site, picture(), site.member, crop=crop)).status_code == 422
    assert await key_of(site.member) is None


async def test_only_people_have_a_picture_and_only_our_pages_send_one(browser: httpx.AsyncClient, site: Site):
    assert (await send(browser, site, picture(), None)).status_code == 401
    foreign = await send(browser, site, picture(), site.member, headers={"origin": "https://evil.example"})
    assert (foreign.status_code, await key_of(site.member)) == (403, None)
    with pytest.raises(Unauthenticated):
        await accounts.delete_avatar(Scope.anonymous())


async def test_one_takes_ones_picture_away_and_that_is_noted(site: Site, files: Path):
    await accounts.update_avatar(site.member, in_pieces(picture()))
    await accounts.delete_avatar(site.member)
    await accounts.delete_avatar(site.member)

    assert (lying(files), await key_of(site.member)) == ([], None)
    async with transaction(SYSTEM) as session:
        of_her = select(AuditLog.action).where(AuditLog.subject_id == str(site.member.user_id))
        noted = (await session.exec(of_her.order_by(col(AuditLog.id)))).all()
    assert noted == ["accounts.avatar.updated", "accounts.avatar.deleted"]


async def test_a_picture_that_is_nobodys_is_swept_after_a_day(site: Site, files: Path, monkeypatch: pytest.MonkeyPatch):
    kept = await accounts.update_avatar(site.member, in_pieces(picture()))
    orphan = storage.new_key("avatars", "webp")
    await storage.current().put(orphan, in_pieces(b"x"))
    clock = Scope.system("tests sweep")
    assert await accounts.sweep_avatars(clock) == 0

    real = storage.current()
    listed = [Entry(entry.name, entry.modified_at - timedelta(days=2)) async for entry in real.list("avatars")]

    async def older(_: str) -> Any:
        for entry in listed:
            yield entry

    monkeypatch.setattr(real, "list", older)
    assert await accounts.sweep_avatars(clock) == 1
    assert [f"avatars/{path.name}" for path in lying(files)] == [kept]
    for scope in (site.owner, Scope.anonymous()):
        with pytest.raises(Forbidden):
            await accounts.sweep_avatars(scope)
