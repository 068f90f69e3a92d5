"""Draws one rich menu: tiles with an icon, a title and a line below it, twice as large and then made smaller."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw
from PIL.ImageColor import getrgb
from PIL.PngImagePlugin import PngInfo

from namjai.devkit.menus.fonts import Lettering
from namjai.devkit.menus.icons import ICONS, Pen
from namjai.notify.menus.book import Menu, Spot

SHARP: Final = 2
"""Drawn so many times larger: shapes have no smooth edges of their own in Pillow."""
SHADES: Final = (0.25, 0.5, 0.75)
"""How many colours an edge between two has: few keep the file small, and flat colours stay exactly what they are."""
DEFINITION: Final = "definition"
"""The text in the file that says what it was drawn from."""
GAP: Final = 16
APART: Final = 12
"""Shades closer than this to another colour are left out: Pillow would take them for it."""
RADIUS: Final = 56
DISC: Final = 1.22
"""The disc behind an icon, in sides of the icon's square."""


@dataclass(frozen=True)
class _Sizes:
    """Heights of letters and the icon's side, in pixels of the picture."""

    icon: int
    title: int
    below: int


_NARROW: Final = _Sizes(icon=140, title=92, below=62)
_TILE: Final = _Sizes(icon=158, title=112, below=68)
_CALL: Final = _Sizes(icon=190, title=190, below=80)
_WIDE: Final = _Sizes(icon=280, title=190, below=88)
_WIDE_CALL: Final = _Sizes(icon=300, title=300, below=104)
WIDE_PX: Final = 1_900
BESIDE_PX: Final = 1_000
NARROW_PX: Final = 700


def picture_of(menu: Menu, letters: Lettering) -> bytes:
    """The menu as a PNG of few colours that says what it was drawn from."""
    known = PngInfo()
    known.add_text(DEFINITION, menu.drawn_from())
    file = io.BytesIO()
    few = draw(menu, letters).quantize(palette=_palette(menu), dither=Image.Dither.NONE)
    few.save(file, "PNG", optimize=True, pnginfo=known)
    return file.getvalue()


def draw(menu: Menu, letters: Lettering) -> Image.Image:
    """The menu in full colour. Raises `FontMissing`, and `ValueError` for words that do not fit."""
    size = (menu.size.width, menu.size.height)
    large = Image.new("RGB", (size[0] * SHARP, size[1] * SHARP), menu.backdrop)
    canvas = ImageDraw.Draw(large)
    for spot in menu.spots:
        _tile(canvas, spot, letters)
    return large.resize(size, Image.Resampling.LANCZOS)


def _palette(menu: Menu) -> Image.Image:
    """The menu's own colours, and the shades of every edge where two of them meet."""
    edges = set()
    for tone in (spot.tone for spot in menu.spots):
        edges |= {(menu.backdrop, tone.fill), (tone.fill, tone.ink), (tone.fill, tone.soft)}
        edges |= {(tone.fill, tone.mark), (tone.mark, tone.icon)}
    colours: list[tuple[int, ...]] = sorted({getrgb(colour) for edge in edges for colour in edge})
    for one, other in sorted(edges):
        for share in SHADES:
            shade = tuple(round(a + (b - a) * share) for a, b in zip(getrgb(one), getrgb(other), strict=True))
            if all(_apart(shade, known) >= APART for known in colours):
                colours.append(shade)
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in colours for part in colour])
    return palette


def _apart(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _tile(canvas: ImageDraw.ImageDraw, spot: Spot, letters: Lettering) -> None:
    box = spot.bounds
    edges = (box.x + GAP, box.y + GAP, box.x + box.width - GAP, box.y + box.height - GAP)
    canvas.rounded_rectangle([edge * SHARP for edge in edges], RADIUS * SHARP, fill=spot.tone.fill)
    if box.width >= BESIDE_PX:
        _beside(canvas, spot, letters)
    else:
        _above(canvas, spot, letters)


def _sizes(spot: Spot) -> _Sizes:
    if spot.bounds.width >= WIDE_PX:
        return _WIDE_CALL if spot.is_call else _WIDE
    if spot.bounds.width >= BESIDE_PX:
        return _CALL
    return _NARROW if spot.bounds.width < NARROW_PX else _TILE


def _above(canvas: ImageDraw.ImageDraw, spot: Spot, letters: Lettering) -> None:
    """The icon above its words, all in the middle."""
    sizes, box = _sizes(spot), spot.bounds
    room = box.width - 6 * GAP
    disc = sizes.icon * DISC
    height = disc + sizes.title * 1.2 + sizes.below * 1.75
    top = box.y + (box.height - height) / 2
    centre = box.x + box.width / 2
    _icon(canvas, spot, centre, top + disc / 2, sizes.icon)
    base = top + disc + sizes.title * 1.2
    title = letters.fitting(spot.title, "bold", sizes.title, room)
    below = letters.fitting(spot.below, "regular", sizes.below, room)
    _centred(canvas, letters, spot.title, centre, base, title, spot.tone.ink, bold=True)
    _centred(canvas, letters, spot.below, centre, base + sizes.below * 1.6, below, spot.tone.soft, bold=False)


def _beside(canvas: ImageDraw.ImageDraw, spot: Spot, letters: Lettering) -> None:
    """The icon left of its words, both together in the middle."""
    sizes, box = _sizes(spot), spot.bounds
    space = sizes.icon * 0.4
    disc = sizes.icon * DISC
    room = box.width - 8 * GAP - disc - space
    title = letters.fitting(spot.title, "bold", sizes.title, room)
    below = letters.fitting(spot.below, "regular", sizes.below, room)
    words = max(letters.width(spot.title, "bold", title), letters.width(spot.below, "regular", below))
    left = box.x + (box.width - disc - space - words) / 2
    middle = box.y + box.height / 2
    _icon(canvas, spot, left + disc / 2, middle, sizes.icon)
    start = left + disc + space
    base = middle + (title * 0.78 - below * 1.55) / 2
    _write(canvas, letters, spot.title, start, base, title, spot.tone.ink, bold=True)
    _write(canvas, letters, spot.below, start, base + below * 1.55, below, spot.tone.soft, bold=False)


def _icon(canvas: ImageDraw.ImageDraw, spot: Spot, x: float, y: float, side: float) -> None:
    reach = side * DISC / 2
    canvas.ellipse([edge * SHARP for edge in (x - reach, y - reach, x + reach, y + reach)], fill=spot.tone.mark)
    drawn = side * 0.74
    pen = Pen(canvas, (x - drawn / 2) * SHARP, (y - drawn / 2) * SHARP, drawn * SHARP, spot.tone.icon, spot.tone.mark)
    ICONS[spot.icon](pen)


def _centred(
    canvas: ImageDraw.ImageDraw,
    letters: Lettering,
    words: str,
    centre: float,
    base: float,
    size: int,
    colour: str,
    *,
    bold: bool,
) -> None:
    left = centre - letters.width(words, "bold" if bold else "regular", size) / 2
    _write(canvas, letters, words, left, base, size, colour, bold=bold)


def _write(
    canvas: ImageDraw.ImageDraw,
    letters: Lettering,
    words: str,
    left: float,
    base: float,
    size: int,
    colour: str,
    *,
    bold: bool,
) -> None:
    letters.write(canvas, (left * SHARP, base * SHARP), words, "bold" if bold else "regular", size * SHARP, colour)
