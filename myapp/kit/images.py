"""Pictures that strangers send: what they are is judged by decoding them, and only pixels come out.

    [large, small] = await images.scaled(file, [1360, 640])     # WebP
    face = await images.cropped(file, Crop(0.2, 0.1, 0.5), 192)
    same = await images.cleaned(file)                           # still a JPEG, PNG or WebP

What always holds: whatever comes out was encoded by us, from pixels, so that nothing but pixels is in it (no place
where it was taken, no thumbnail, no script behind the last byte); it stands upright, and in sRGB. What claims more
pixels than `MAX_PIXELS` is refused before one of them is decoded. All of it happens in a few threads of its own, one
picture each: decoders let go of the interpreter while they work, and a queue of pictures takes no memory but theirs.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any, Literal, cast, get_args

from PIL import Image, ImageCms, ImageOps

from myapp.kit.i18n import gettext_noop
from myapp.kit.uploads import Unacceptable

type Format = Literal["JPEG", "PNG", "WEBP"]

FORMATS: tuple[Format, ...] = get_args(Format.__value__)
ENDINGS: dict[Format, str] = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
MAX_PIXELS = 50_000_000
"""What the best cameras of phones take; decoded it is 150 to 200 MB."""

MAX_SCANS = 64
"""Of a JPEG: encoders write ten or so. Each is a pass over all pixels, and may cost its sender 26 bytes."""
MAX_MARKERS = 5000
"""The same with tables, restarts aside, and what a camera notes; each may be of four bytes."""

WORKERS = 2
# Of those that a length follows, and of the end. Within a scan a 0 follows on 0xff, or a restart.
_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])", re.DOTALL)
_HOW: dict[Format, dict[str, object]] = {
    "JPEG": {"quality": 90, "optimize": True, "progressive": True},
    "PNG": {},
    "WEBP": {"quality": 82, "method": 4},
}


class UnreadableImage(Unacceptable):
    """It is no JPEG, PNG or WebP, or a damaged one."""


class TooManyPixels(UnreadableImage):
    """It would take more memory than a picture may."""

    message = gettext_noop("has more than 50 megapixels")


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture."""

    content: bytes
    width: int
    height: int
    ending: str


@dataclass(frozen=True, slots=True)
class Crop:
    """A square of the upright picture: where it begins and how long its sides are, in parts of the shorter side.

    It is moved and made smaller until it lies within the picture.
    """

    left: float = 0.0
    top: float = 0.0
    side: float = 1.0

    def within(self, width: int, height: int) -> tuple[int, int, int, int]:
        """The same in pixels: left, top, right, bottom.

        >>> Crop(0.5, 0, 0.5).within(400, 200), Crop(9, -9, 2).within(400, 200)
        ((100, 0, 200, 100), (200, 0, 400, 200))
        """
        unit = min(width, height)
        side = min(max(round(self.side * unit), 1), unit)
        left = min(max(round(self.left * unit), 0), width - side)
        top = min(max(round(self.top * unit), 0), height - side)
        return left, top, left + side, top + side


_executor: ThreadPoolExecutor | None = None


@asynccontextmanager
async def running(workers: int = WORKERS) -> AsyncGenerator[None]:
    """The threads in which pictures are decoded, until the end of the block."""
    global _executor  # noqa: PLW0603 - the one place a process keeps them
    executor = _executor = ThreadPoolExecutor(workers, "images")
    try:
        yield
    except BaseException:
        executor.shutdown(wait=False)  # what was begun is finished there
        raise
    finally:
        _executor = None
    await asyncio.to_thread(executor.shutdown)


async def scaled(file: IO[bytes], widths: Sequence[int]) -> list[Picture]:
    """The picture as WebP for each of these widths, never larger than it is. Raises UnreadableImage."""

    def work() -> list[Picture]:
        image = _opened(file)
        # A JPEG is decoded at half its size or less where that is enough, in as much less time.
        image.draft("RGB", (max(widths), max(widths)))
        upright = _upright(image)
        return [_encoded(_narrowed(upright, width), "WEBP") for width in widths]

    return await _work(work)


async def cropped(file: IO[bytes], crop: Crop, side: int) -> Picture:
    """A square of the picture as WebP, `side` pixels long. Raises UnreadableImage."""

    def work() -> Picture:
        upright = _upright(_opened(file))
        square = _resized(upright, (side, side), crop.within(*upright.size))
        return _encoded(_on_white(square), "WEBP")

    return await _work(work)


async def cleaned(file: IO[bytes]) -> Picture:
    """The whole picture in its own format, without what is not its pixels. Raises UnreadableImage."""

    def work() -> Picture:
        image = _opened(file)
        return _encoded(_upright(image), _format_of(image))

    return await _work(work)


async def _work[T](work: Callable[[], T]) -> T:
    if _executor is None:
        raise RuntimeError("pictures can't be read yet: application.py starts the threads for it")
    return await asyncio.get_running_loop().run_in_executor(_executor, _refusing, work)


def _refusing[T](work: Callable[[], T]) -> T:
    """Decoders stumble over hostile files in every way there is: it always means the same."""
    try:
        return work()
    except UnreadableImage:
        raise
    except Exception as error:
        raise UnreadableImage from error


def _opened(file: IO[bytes]) -> Image.Image:
    """The picture with only its head read."""
    file.seek(0)
    try:
        image = Image.open(file, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixels from error
    if image.width * image.height > MAX_PIXELS:
        raise TooManyPixels
    if _format_of(image) == "JPEG":
        file.seek(0)
        _require_few_scans(file.read())
        file.seek(0)
    return image


def _format_of(image: Image.Image) -> Format:
    """What it is to its sender: a JPEG of several pictures, as cameras with two lenses make, is one of its first."""
    return "JPEG" if image.format == "MPO" else next(each for each in FORMATS if each == image.format)


def _require_few_scans(jpeg: bytes) -> None:
    """Raise UnreadableImage where a decoder would go over the first picture again and again (ITU T.81, B.1.1)."""
    scans, at = 0, 2
    for _ in range(MAX_MARKERS):
        marker = _MARKER.search(jpeg, at)
        if marker is None or marker[1] == b"\xd9" or scans > MAX_SCANS:
            break
        scans += marker[1] == b"\xda"
        at = marker.end() + int.from_bytes(jpeg[marker.end() : marker.end() + 2])
    else:
        raise UnreadableImage
    if scans > MAX_SCANS:
        raise UnreadableImage


def _upright(image: Image.Image) -> Image.Image:
    """All pixels, as they are to be looked at; a picture that moves stands still at its first."""
    upright = ImageOps.exif_transpose(image)
    kind = "RGBA" if upright.has_transparency_data else "RGB"
    profile = upright.info.get("icc_profile")
    plain = (_in_srgb(upright, profile) if profile else upright).convert(kind)
    plain.info.clear()
    return plain


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """A picture in the colours of its camera, in those that are meant where nothing is said."""
    if image.mode not in {"RGB", "CMYK", "L"}:
        return image
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        srgb = cast("Any", ImageCms).createProfile("sRGB")  # it has no type there
        converted = ImageCms.profileToProfile(image, own, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted or image


def _on_white(image: Image.Image) -> Image.Image:
    """Nothing shines through a face."""
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _narrowed(image: Image.Image, width: int) -> Image.Image:
    if image.width <= width:
        return image
    height = max(1, round(image.height * width / image.width))
    return _resized(image, (width, height), None)


def _resized(image: Image.Image, size: tuple[int, int], box: tuple[int, int, int, int] | None) -> Image.Image:
    return image.resize(size, Image.Resampling.LANCZOS, box)  # pyright: ignore[reportUnknownMemberType] - arrays, too


def _encoded(image: Image.Image, kind: Format) -> Picture:
    if kind == "JPEG" and image.mode != "RGB":
        image = image.convert("RGB")
    written = BytesIO()
    image.save(written, kind, **_HOW[kind])
    return Picture(written.getvalue(), image.width, image.height, ENDINGS[kind])
