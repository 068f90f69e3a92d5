"""Small content for messages that were sent without an upload: a picture, a hum of three seconds, a page."""

import math
import struct
import zlib
from array import array
from functools import cache

from namjai.devkit.line.state.content import Content

MIME = {"image": "image/png", "video": "video/mp4", "audio": "audio/x-m4a", "file": "application/pdf"}


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 96, height: int = 64) -> bytes:
    """A soft green gradient."""
    rows = b"".join(b"\0" + b"".join(bytes((90 + x, 170 + y, 140)) for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _container(brand: bytes) -> bytes:
    """The beginning of an MPEG-4 file, enough to be told from others; it holds no sound and no picture."""
    file_type = b"ftyp" + brand + b"\0\0\0\0" + brand + b"isom"
    return struct.pack(">I", len(file_type) + 4) + file_type + struct.pack(">I", 8) + b"mdat"


@cache
def voice(seconds: int = 3, rate: int = 16_000) -> bytes:
    """A soft hum as M4A, as phones record it."""
    from namjai.chat.media.sounds import to_m4a  # needs FFmpeg, which a simulator without voices does not wait for

    hum = array("h", (round(3_000 * math.sin(math.tau * 220 * n / rate)) for n in range(seconds * rate)))
    return to_m4a(hum.tobytes(), f"audio/L16;rate={rate}").data


_DATA = {
    "image": png(),
    "video": _container(b"mp42"),
    "file": b"%PDF-1.4\n%%EOF\n",
}


def sample(kind: str) -> Content:
    return Content(kind, MIME[kind], voice() if kind == "audio" else _DATA[kind])
