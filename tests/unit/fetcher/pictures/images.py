"""Pictures that tests draw, and ones that no program would draw."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw


def drawing(width: int = 800, height: int = 450, mode: str = "RGB", colour: Any = (30, 90, 160)) -> Image.Image:
    """Draw a dark bar on the left of a plain field."""
    image = Image.new("RGB", (width, height), colour)
    ImageDraw.Draw(image).rectangle((0, 0, width // 4, height), fill=(10, 10, 10))
    return image if mode == "RGB" else image.convert(mode)


def encoded(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def decoded(body: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(body))
    image.load()
    return image


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *chunks: bytes, rows: bytes = b"") -> bytes:
    """Write a PNG by hand: what its header says need not be what follows."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + data + chunk(b"IEND", b"")
