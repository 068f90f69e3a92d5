"""Letters for three scripts: which font has them, and a line of text set from several fonts on one base line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, Protocol

from PIL import ImageDraw, ImageFont

Weight = Literal["regular", "bold"]
Script = Literal["latin", "thai", "han"]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

FOLDERS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/Library/Fonts"))
_RUNS: Final = re.compile(
    "(?P<thai>[\u0e00-\u0e7f ]+)|(?P<han>[\u2e80-\u9fff\u3000-\u30ff\uff00-\uffef]+)|(?P<latin>.)"
)


class FontMissing(LookupError):
    """A font that the drawing needs is not installed; the message names the package that has it."""


@dataclass(frozen=True)
class _Face:
    """A font file, the face inside it, and the Debian package that brings it."""

    file: str
    package: str
    index: int = 0


_FACES: Final[dict[tuple[Script, Weight], _Face]] = {
    ("latin", "regular"): _Face("NotoSans-Regular.ttf", "fonts-noto-core"),
    ("latin", "bold"): _Face("NotoSans-Bold.ttf", "fonts-noto-core"),
    ("thai", "regular"): _Face("NotoSansThai-Regular.ttf", "fonts-noto-core"),
    ("thai", "bold"): _Face("NotoSansThai-Bold.ttf", "fonts-noto-core"),
    ("han", "regular"): _Face("NotoSansCJK-Regular.ttc", "fonts-noto-cjk", index=3),  # Traditional Chinese
    ("han", "bold"): _Face("NotoSansCJK-Bold.ttc", "fonts-noto-cjk", index=3),
}


class Fonts(Protocol):
    """Where fonts come from."""

    def font(self, script: Script, weight: Weight, size: int) -> Font: ...


class SystemFonts:
    """Google's Noto fonts, as the system has them."""

    def __init__(self, folders: Sequence[Path] = FOLDERS) -> None:
        self._folders = folders
        self._found: dict[str, Path] = {}

    def font(self, script: Script, weight: Weight, size: int) -> Font:
        """Raises `FontMissing`."""
        face = _FACES[script, weight]
        if face.file not in self._found:
            self._found[face.file] = self._look_for(face)
        return _opened(self._found[face.file], size, face.index)

    def _look_for(self, face: _Face) -> Path:
        found = next((path for folder in self._folders for path in folder.rglob(face.file)), None)
        if found is None:
            raise FontMissing(f"{face.file} is not installed. On Debian or Ubuntu: sudo apt-get install {face.package}")
        return found


@lru_cache(maxsize=128)
def _opened(path: Path, size: int, index: int) -> Font:
    return ImageFont.truetype(str(path), size, index=index)


class Lettering:
    """Sets single lines of text."""

    def __init__(self, fonts: Fonts) -> None:
        self._fonts = fonts

    def width(self, words: str, weight: Weight, size: int) -> float:
        """How long the line is."""
        return sum(font.getlength(part) for part, font in self._parts(words, weight, size))

    def fitting(self, words: str, weight: Weight, size: int, room: float) -> int:
        """The size, or as much less as the words need to fit into `room`; never below two thirds of it."""
        width = self.width(words, weight, size)
        if width <= room:
            return size
        smaller = int(size * room / width)
        if smaller * 3 < size * 2:
            raise ValueError(f"{words!r} is too long for its tile: shorten it")
        return smaller

    def write(
        self, canvas: ImageDraw.ImageDraw, at: tuple[float, float], words: str, weight: Weight, size: int, colour: str
    ) -> None:
        """Write a line that begins at `at` on its base line."""
        x, y = at
        for part, font in self._parts(words, weight, size):
            canvas.text((x, y), part, font=font, fill=colour, anchor="ls" if _has_anchors(font) else None)
            x += font.getlength(part)

    def _parts(self, words: str, weight: Weight, size: int) -> Iterator[tuple[str, Font]]:
        for part, script in runs(words):
            yield part, self._fonts.font(script, weight, size)


def runs(words: str) -> Iterator[tuple[str, Script]]:
    """The words cut where the script changes, since no one font has all three."""
    script: Script | None = None
    begun = 0
    for match in _RUNS.finditer(words):
        here: Script = "thai" if match["thai"] and match["thai"].strip() else "han" if match["han"] else "latin"
        if script is not None and here != script:
            yield words[begun : match.start()], script
            begun = match.start()
        script = here
    if script is not None:
        yield words[begun:], script


def _has_anchors(font: Font) -> bool:
    return isinstance(font, ImageFont.FreeTypeFont)
