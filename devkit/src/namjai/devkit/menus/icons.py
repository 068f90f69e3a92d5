"""The icons of the menus, drawn as lines in a square of 100 by 100: no icon font, no file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PIL import ImageDraw

Point = tuple[float, float]
STROKE: Final = 7.0


class Pen:
    """Draws in the icon's own units, with round ends, in one colour on one ground."""

    def __init__(
        self, canvas: ImageDraw.ImageDraw, left: float, top: float, side: float, ink: str, ground: str
    ) -> None:
        self._canvas = canvas
        self._left, self._top, self._unit = left, top, side / 100
        self.ink, self.ground = ink, ground

    def line(self, *points: Point, width: float = STROKE, colour: str | None = None) -> None:
        """A line through the points."""
        ink = colour or self.ink
        placed = [self._at(point) for point in points]
        self._canvas.line(placed, fill=ink, width=round(width * self._unit), joint="curve")
        for point in (points[0], points[-1]):
            self.dot(point, width / 2, ink)

    def dot(self, centre: Point, radius: float, colour: str | None = None) -> None:
        """A filled circle."""
        self._canvas.ellipse(self._round(centre, radius), fill=colour or self.ink)

    def ring(self, centre: Point, radius: float, width: float = STROKE) -> None:
        """A circle's line, `radius` to its middle."""
        self.arc(centre, radius, 0, 360, width)

    def arc(self, centre: Point, radius: float, start: float, end: float, width: float = STROKE) -> None:
        """A part of a circle's line; degrees clockwise from three o'clock."""
        outer = self._round(centre, radius + width / 2)
        self._canvas.arc(outer, start, end, fill=self.ink, width=round(width * self._unit))
        if end - start < 360:
            for degrees in (start, end):
                turned = math.radians(degrees)
                self.dot((centre[0] + radius * math.cos(turned), centre[1] + radius * math.sin(turned)), width / 2)

    def box(self, left: float, top: float, right: float, bottom: float, radius: float, *, filled: bool = False) -> None:
        """A rectangle with round corners."""
        corners = (*self._at((left, top)), *self._at((right, bottom)))
        fill, width = (self.ink, 0) if filled else (None, round(STROKE * self._unit))
        outline = None if filled else self.ink
        self._canvas.rounded_rectangle(corners, radius * self._unit, fill=fill, outline=outline, width=width)

    def shape(self, *points: Point, colour: str | None = None) -> None:
        """A filled polygon."""
        self._canvas.polygon([self._at(point) for point in points], fill=colour or self.ink)

    def _at(self, point: Point) -> Point:
        return (self._left + point[0] * self._unit, self._top + point[1] * self._unit)

    def _round(self, centre: Point, radius: float) -> tuple[float, float, float, float]:
        x, y = self._at(centre)
        reach = radius * self._unit
        return (x - reach, y - reach, x + reach, y + reach)


def _chat(pen: Pen) -> None:
    pen.box(10, 16, 90, 72, 18)
    pen.shape((26, 66), (26, 94), (52, 68))
    for x in (32, 50, 68):
        pen.dot((x, 44), 5.5)


def _calendar(pen: Pen) -> None:
    pen.box(12, 18, 88, 90, 12)
    pen.line((14, 40), (86, 40))
    for x in (34, 66):
        pen.line((x, 10), (x, 26))
    pen.line((34, 64), (46, 75), (67, 54))


_SHIELD_LEFT: Final[Sequence[Point]] = ((50, 9), (15, 22), (15, 48), (22, 68), (34, 81), (50, 92))
_SHIELD: Final = (*_SHIELD_LEFT, *((100 - x, y) for x, y in reversed(_SHIELD_LEFT)))


def _shield(pen: Pen) -> None:
    pen.line(*_SHIELD)
    _heart(pen, (50, 49), 1.0)


def _heart(pen: Pen, centre: Point, scale: float) -> None:
    x, y = centre
    for side in (-1, 1):
        pen.dot((x + side * 9.5 * scale, y - 6 * scale), 11 * scale)
    pen.shape((x - 19.2 * scale, y - 1 * scale), (x + 19.2 * scale, y - 1 * scale), (x, y + 22 * scale))


def _book(pen: Pen) -> None:
    for side in (-1, 1):
        pen.line(
            (50, 26), (50 + side * 14, 19), (50 + side * 40, 19), (50 + side * 40, 76), (50 + side * 14, 76), (50, 84)
        )
        for y in (36, 50):
            pen.line((50 + side * 14, y), (50 + side * 27, y), width=5.5)
    pen.line((50, 26), (50, 84))


def _form(pen: Pen) -> None:
    pen.box(18, 12, 82, 92, 11)
    pen.box(36, 5, 64, 20, 6, filled=True)
    for y in (40, 62):
        pen.line((30, y), (35, y + 6), (44, y - 5), width=6)
        pen.line((54, y), (70, y), width=6)
    pen.line((54, 80), (70, 80), width=6)
    pen.dot((37, 80), 4.5)


def _tongues(pen: Pen) -> None:
    pen.box(6, 12, 62, 54, 13)
    pen.shape((18, 50), (18, 70), (38, 52))
    pen.box(42, 44, 94, 84, 13, filled=True)
    pen.shape((84, 80), (84, 97), (66, 82))
    pen.line((21, 33), (47, 33), width=6)
    pen.line((58, 58), (78, 58), width=6, colour=pen.ground)
    pen.line((58, 71), (71, 71), width=6, colour=pen.ground)


def _lifebuoy(pen: Pen) -> None:
    pen.ring((50, 50), 31, 22)
    for degrees in (45, 135, 225, 315):
        turned = math.radians(degrees)
        near, far = ((50 + reach * math.cos(turned), 50 + reach * math.sin(turned)) for reach in (21, 41))
        pen.line(near, far, width=9, colour=pen.ground)


def _phone(pen: Pen) -> None:
    pen.arc((84, 16), 58, 96, 174, width=16)
    pen.line((25, 18), (33, 33), width=21)
    pen.line((67, 67), (82, 75), width=21)


def _cross(pen: Pen) -> None:
    pen.box(38, 12, 62, 88, 7, filled=True)
    pen.box(12, 38, 88, 62, 7, filled=True)


def _badge(pen: Pen) -> None:
    pen.line(*_SHIELD)
    points = [
        (50 + reach * math.sin(math.pi * n / 5), 49 - reach * math.cos(math.pi * n / 5))
        for n, reach in ((n, 24 if n % 2 == 0 else 10) for n in range(10))
    ]
    pen.shape(*points)


def _people(pen: Pen) -> None:
    for x, y, size in ((33, 32, 1.0), (70, 38, 0.82)):
        pen.dot((x, y), 14 * size)
        pen.arc((x, y + 50 * size), 25 * size, 180, 360, width=10 * size)
    pen.line((8, 82), (58, 82), width=10)
    pen.line((60, 79), (91, 79), width=8)


def _list(pen: Pen) -> None:
    for y in (24, 50, 76):
        pen.dot((17, y), 7)
        pen.line((37, y), (88, y), width=9)


def _tick(pen: Pen) -> None:
    pen.ring((50, 50), 37)
    pen.line((32, 52), (45, 65), (69, 38), width=9)


def _back(pen: Pen) -> None:
    pen.line((84, 50), (18, 50), width=9)
    pen.line((44, 23), (17, 50), (44, 77), width=9)


ICONS: Final[Mapping[str, Callable[[Pen], None]]] = {
    "chat": _chat,
    "calendar": _calendar,
    "shield": _shield,
    "book": _book,
    "form": _form,
    "tongues": _tongues,
    "lifebuoy": _lifebuoy,
    "phone": _phone,
    "cross": _cross,
    "badge": _badge,
    "people": _people,
    "list": _list,
    "tick": _tick,
    "back": _back,
}
