"""Pictures of strangers: only what can be decoded comes through, and of that only the pixels."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms

from myapp.kit import images
from myapp.kit.images import MAX_PIXELS, Crop, Picture, TooManyPixels, UnreadableImage
from tests.factories.files import HTML, PDF, SCRIPT, SVG, photo, picture, png_claiming, quartered


@pytest.fixture(autouse=True)
async def workers() -> AsyncGenerator[None]:
    async with images.running(workers=1):
        yield


def seen(made: Picture) -> Image.Image:
    image = Image.open(BytesIO(made.content))
    image.load()
    return image


def color_at(made: Picture, x: float, y: float) -> str:
    """Which of the quarters' colours it is at this part of the width and height."""
    pixel: Any = seen(made).convert("RGB").getpixel((int(x * made.width), int(y * made.height)))
    bright = tuple(part > 128 for part in pixel)
    names = {(True, False, False): "red", (False, True, False): "lime", (False, False, True): "blue"}
    return names.get(bright, "white")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_becomes_webp_in_every_width_asked_for_and_never_larger(kind: str):
    large, small = await images.scaled(BytesIO(picture(kind, (900, 300))), [1360, 300])
    assert (large.width, large.height, small.width, small.height) == (900, 300, 300, 100)
    assert {seen(each).format for each in (large, small)} == {"WEBP"}


@pytest.mark.parametrize(("orientation", "above_left"), [(1, "red"), (3, "white"), (6, "blue"), (8, "lime")])
async def test_a_photo_stands_upright_whichever_way_it_was_held(orientation: int, above_left: str):
    [made] = await images.scaled(BytesIO(photo(orientation)), [400])
    assert (made.width > made.height) == (orientation in {1, 3})
    assert color_at(made, 0.2, 0.2) == above_left


@pytest.mark.parametrize("make", ["scaled", "cropped", "cleaned"])
async def test_nothing_but_pixels_is_left(make: str):
    file = BytesIO(photo() + SCRIPT)
    if make == "scaled":
        [made] = await images.scaled(file, [400])
    else:
        made = await (images.cropped(file, Crop(), 32) if make == "cropped" else images.cleaned(file))

    assert not seen(made).getexif()
    assert not {"exif", "comment", "icc_profile", "xmp"} & seen(made).info.keys()
    for secret in (b"Secret", b"secret", b"script", b"Exif"):
        assert secret not in made.content


@pytest.mark.parametrize(("kind", "ending"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
async def test_a_cleaned_picture_keeps_its_format_and_size(kind: str, ending: str):
    made = await images.cleaned(BytesIO(quartered(kind)))
    assert (made.ending, made.width, made.height, seen(made).format) == (ending, 80, 40, kind)


@pytest.mark.parametrize(
    ("crop", "color"),
    [
        (Crop(0, 0, 0.5), "red"),
        (Crop(1.5, 0, 0.5), "lime"),
        (Crop(0, 0.5, 0.5), "blue"),
        (Crop(1.5, 0.5, 0.5), "white"),
        (Crop(99, 99, 0.5), "white"),
        (Crop(-99, -99, 0.5), "red"),
    ],
)
async def test_a_square_is_cut_out_where_it_was_asked_for_and_stays_within(crop: Crop, color: str):
    made = await images.cropped(BytesIO(quartered()), crop, 32)
    assert (made.width, made.height) == (32, 32)
    assert {color_at(made, x, y) for x in (0.1, 0.9) for y in (0.1, 0.9)} == {color}


async def test_the_square_is_measured_on_the_upright_picture():
    made = await images.cropped(BytesIO(photo(6)), Crop(0, 0, 0.5), 32)  # upright it is 40 by 80, blue above left
    assert color_at(made, 0.5, 0.5) == "blue"


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "I;16", "1"])
async def test_every_kind_of_pixel_is_read(mode: str):
    file = BytesIO(picture("PNG", mode=mode, color=None))
    [made] = await images.scaled(file, [400])
    assert made.width == 60
    assert (await images.cleaned(file)).ending == "png"


async def test_what_shines_through_still_does():
    [made] = await images.scaled(BytesIO(picture("PNG", mode="RGBA", color=(255, 0, 0, 0))), [400])
    assert seen(made).mode == "RGBA"


async def test_nothing_shines_through_a_face():
    made = await images.cropped(BytesIO(picture("PNG", mode="RGBA", color=(255, 0, 0, 0))), Crop(), 32)
    assert (seen(made).mode, color_at(made, 0.5, 0.5)) == ("RGB", "white")


async def test_colours_of_a_profile_become_ordinary_ones_and_a_broken_profile_is_none():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (lab, b"no profile at all"):
        made = await images.cleaned(BytesIO(quartered("PNG", icc_profile=profile)))
        assert color_at(made, 0.1, 0.1) == "red"
        assert "icc_profile" not in seen(made).info


@pytest.mark.parametrize("size", [(MAX_PIXELS // 100, 101), (20_000, 20_000), (65_500, 65_500)])
@pytest.mark.parametrize("make", ["scaled", "cleaned"])
async def test_a_bomb_is_refused_before_it_is_decoded(size: tuple[int, int], make: str):
    file = BytesIO(png_claiming(*size))
    began = time.process_time()
    with pytest.raises(TooManyPixels):
        await (images.scaled(file, [640]) if make == "scaled" else images.cleaned(file))
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "content",
    [
        b"",
        SVG,
        HTML,
        PDF,
        picture("GIF"),
        picture("BMP"),
        picture("TIFF"),
        picture()[:60],
        photo()[:400],
        picture("WEBP")[:40],
        b"\x89PNG\r\n\x1a\n" + SCRIPT,
        b"\xff\xd8\xff\xe0" + SCRIPT * 100,
        png_claiming(0, 10),
        png_claiming(5000, 5000),
    ],
)
async def test_what_is_no_whole_jpeg_png_or_webp_is_refused(content: bytes):
    for made in (images.scaled(BytesIO(content), [640]), images.cleaned(BytesIO(content))):
        with pytest.raises(UnreadableImage):
            await made


def of_many_scans(count: int) -> bytes:
    """A progressive JPEG whose last pass over the pixels, of some bytes, is repeated."""
    whole = picture("JPEG", (64, 64), progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * count + whole[-2:]


async def test_a_jpeg_that_is_gone_over_again_and_again_is_refused():
    """Five megabytes of it would take a thread seven minutes."""
    made = await images.cleaned(BytesIO(of_many_scans(10)))
    assert (made.width, made.height) == (64, 64)
    for make in (images.cleaned, partial(images.scaled, widths=[640]), partial(images.cropped, crop=Crop(), side=9)):
        with pytest.raises(UnreadableImage):
            await make(BytesIO(of_many_scans(images.MAX_SCANS + 1)))


async def test_a_jpeg_of_markers_alone_is_refused_soon():
    head = picture("JPEG")[:-2]
    for filling in (b"\xff" * 5_000_000, b"\xff\xe0\x00\x02" * 1_000_000):
        with pytest.raises(UnreadableImage):
            await images.cleaned(BytesIO(head[:20] + filling))
    with pytest.raises(UnreadableImage):
        images._require_few_scans(b"\xff\xd8" + b"\xff\xe0\x00\x02" * images.MAX_MARKERS)


async def test_what_stands_behind_the_end_of_a_jpeg_is_not_looked_at():
    made = await images.cleaned(BytesIO(quartered("JPEG") + b"\xff\xda" * 1000))
    assert color_at(made, 0.2, 0.2) == "red"


async def test_a_jpeg_of_two_pictures_is_its_first():
    two = BytesIO()
    first, second = (Image.open(BytesIO(picture("JPEG", color=color))) for color in ("red", "blue"))
    first.save(two, "MPO", save_all=True, append_images=[second])
    made = await images.cleaned(two)
    assert (made.ending, color_at(made, 0.5, 0.5)) == ("jpg", "red")


async def test_the_event_loop_goes_on_while_a_large_picture_is_decoded():
    file, ticks = BytesIO(picture("JPEG", (5000, 5000))), 0
    work = asyncio.create_task(images.scaled(file, [1360, 640]))
    while not work.done():
        await asyncio.sleep(0)
        ticks += 1
    await work
    assert ticks > 100


async def test_without_its_threads_nothing_is_read():
    async with images.running():
        pass
    with pytest.raises(RuntimeError):
        await images.cleaned(BytesIO(picture()))
