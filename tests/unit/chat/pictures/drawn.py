"""Pictures drawn for tests: the box of a medicine with words on it, and a leaf with spots."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 480, 320


def box(*lines: str) -> bytes:
    """A medicine's box, red and white, with these lines of print."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "#b3474e")
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((40, 60, WIDTH - 40, HEIGHT - 60), 12, fill="#fbf3f3")
    draw.rectangle((40, 60, WIDTH - 40, 84), fill="#c0392b")
    for place, line in enumerate(lines[:7]):
        draw.text((60, 96 + 22 * place), line, fill="#222222", font=ImageFont.load_default(size=18))
    return _written(image)


def leaf(spots: int = 5, turn: int = 0) -> bytes:
    """A green leaf with brown spots; another `turn` is another picture."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "#dff0d8")
    draw = ImageDraw.Draw(image)
    draw.ellipse((60, 50, WIDTH - 60, HEIGHT - 50), fill="#3d8b37")
    draw.line((60, HEIGHT // 2, WIDTH - 60, HEIGHT // 2), fill="#2c6428", width=4)
    for spot in range(spots):
        x, y = 110 + (spot * 61 + turn * 23) % 250, 110 + (spot * 37 + turn * 11) % 100
        draw.ellipse((x, y, x + 18, y + 12), fill="#8a6b2f", outline="#c9a13b", width=3)
    return _written(image)


def noise() -> bytes:
    """Bytes that begin like a JPEG and are none."""
    return b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8


def medicine(*names: str, **more: Any) -> dict[str, Any]:
    """What a model reads on a box."""
    return {"kind": "medicine", "legible_text": "\n".join(names), "names": list(names), **more}


def plant(name: str = "", stage: str = "", diseases: Sequence[tuple[str, str]] = (), **more: Any) -> dict[str, Any]:
    """What a model sees on a leaf."""
    guesses = [{"disease": disease, "confidence": confidence} for disease, confidence in diseases]
    return {"kind": "plant", "plant": name, "stage": stage, "diseases": guesses, **more}


def _written(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()
