"""What people send besides words: a voice as a phone records it, photographs that are drawn."""

from __future__ import annotations

import io
import math
from array import array

from PIL import Image, ImageDraw

from namjai.chat.media.sounds import to_m4a

RATE = 16_000


def hum(seconds: float) -> bytes:
    """A voice message; the played model does not mind that nobody speaks in it."""
    tone = (round(3_000 * math.sin(math.tau * 220 * n / RATE)) for n in range(round(seconds * RATE)))
    return to_m4a(array("h", tone).tobytes(), f"audio/L16;rate={RATE}").data


def photograph(of: str) -> bytes:
    """A JPEG of a medicine packet, or of a leaf."""
    picture = Image.new("RGB", (640, 480), "#b9a58c")
    _SUBJECTS[of](ImageDraw.Draw(picture))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def _packet(draw: ImageDraw.ImageDraw) -> None:
    draw.rounded_rectangle((110, 120, 530, 360), 14, fill="#fdfdfb")
    draw.rectangle((110, 290, 530, 335), fill="#2b6ea8")
    draw.text((140, 150), "Alprazolam", fill="#1d3b57", font_size=58)
    draw.text((140, 225), "0.5 mg   10 tablets", fill="#4a5a6a", font_size=34)


def _leaf(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((120, 130, 520, 350), fill="#4d8b3f")
    draw.line((120, 240, 520, 240), fill="#2f5e2a", width=6)
    for x, y in ((220, 190), (300, 280), (380, 200), (440, 260)):
        draw.ellipse((x, y, x + 34, y + 28), fill="#8a6a2f")


_SUBJECTS = {"packet": _packet, "leaf": _leaf}
