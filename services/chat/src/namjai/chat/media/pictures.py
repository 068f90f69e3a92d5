"""A picture as a person sent it becomes an upright JPEG of modest size that tells nothing but what is seen."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Final

import pi_heif
from PIL import Image, ImageOps

from namjai.chat.media.bench import Bench, Unreadable

MIME: Final = "image/jpeg"
QUALITY: Final = 85
SIDE_PX_MIN: Final = 16
"""Below this there is nothing to see; a one-pixel picture is a tracking trick or a mistake."""
FORMATS: Final = ("JPEG", "PNG", "WEBP", "HEIF")
"""No other decoder is ever handed a stranger's bytes."""
_STILL: Final = frozenset(("JPEG", "MPO", "HEIF"))
"""More than one image in these is a preview or a burst, not a film; the first is the one that was taken."""

pi_heif.register_heif_opener()
# Pillow only warns of a bomb, and to the whole process; the size is looked at here, before anything is unpacked.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An upright JPEG without metadata. `digest` is of its pixels: the same picture has the same, however it came."""

    data: bytes
    width: int
    height: int
    digest: str
    mime: str = MIME


class Pictures:
    """Makes pictures ready, `at_once` at a time."""

    def __init__(self, *, at_once: int, side_px_max: int, pixels_max: int) -> None:
        self._bench = Bench(at_once)
        self._side_px_max = side_px_max
        self._pixels_max = pixels_max

    async def ready(self, data: bytes) -> Picture:
        """Raises `Unreadable`."""
        return await self._bench.do(normalise, data, side_px_max=self._side_px_max, pixels_max=self._pixels_max)


def normalise(data: bytes, *, side_px_max: int = 1_920, pixels_max: int = 30_000_000) -> Picture:
    """Decode, turn upright, shrink, and forget where and with what it was taken. Raises `Unreadable`."""
    if not data:
        raise Unreadable("empty")
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as found:
            found.draft("RGB", (side_px_max, side_px_max))  # a JPEG is unpacked no larger than it is needed
            _check(found, pixels_max)
            found.thumbnail((side_px_max, side_px_max), Image.Resampling.LANCZOS)
            ImageOps.exif_transpose(found, in_place=True)
            return _written(_bare(found))
    except Unreadable:
        raise
    except Exception as broken:  # whatever a decoder stumbles over is the picture's fault, not ours
        raise Unreadable from broken


def _check(found: Image.Image, pixels_max: int) -> None:
    width, height = found.size
    if width * height > pixels_max:
        raise Unreadable("too_large")
    if min(width, height) < SIDE_PX_MIN:
        raise Unreadable("empty")
    if found.format not in _STILL and getattr(found, "is_animated", False):
        raise Unreadable


def _bare(seen: Image.Image) -> Image.Image:
    """The pixels on white, in a new image: whatever was written beside them stays behind."""
    paper = Image.new("RGB", seen.size, "white")
    if seen.has_transparency_data:
        over = seen.convert("RGBA")
        paper.paste(over, mask=over)
    else:
        paper.paste(seen.convert("RGB"))
    return paper


def _written(picture: Image.Image) -> Picture:
    file = BytesIO()
    picture.save(file, "JPEG", quality=QUALITY)
    width, height = picture.size
    digest = sha256(b"%dx%d:" % picture.size + picture.tobytes()).hexdigest()
    return Picture(data=file.getvalue(), width=width, height=height, digest=digest)
