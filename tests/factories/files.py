"""Files as people and attackers send them."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

from PIL import Image

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
SCRIPT = b"<script>alert(document.cookie)</script>"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), *, color: Any = "teal", **options: Any) -> bytes:
    """An encoded picture of one colour."""
    written = BytesIO()
    mode = options.pop("mode", "RGB")
    Image.new(mode, size, color).save(written, kind, **options)
    return written.getvalue()


def quartered(kind: str = "PNG", **options: Any) -> bytes:
    """80 by 40 pixels: red above left, green above right, blue below left, white below right."""
    image = Image.new("RGB", (80, 40), "white")
    for box, color in (((0, 0, 40, 20), "red"), ((40, 0, 80, 20), "lime"), ((0, 20, 40, 40), "blue")):
        image.paste(color, box)
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def photo(orientation: int = 1) -> bytes:
    """A JPEG that says how it was held, where, by whom, and in a comment what it likes."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = "Secret Photographer"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return quartered("JPEG", exif=exif, comment=b"secret comment", quality=95)


def png_claiming(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of this size."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zipped(**members: bytes) -> bytes:
    """A zip; `_` in a name stands for `.`, `__` for `/`."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return written.getvalue()


async def in_pieces(content: bytes, size: int = 1 << 16) -> AsyncIterator[bytes]:
    """A body as it arrives."""
    for at in range(0, len(content), size):
        yield content[at : at + size]
