"""What the fake says because a test told it to: lines given beforehand."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

import msgspec


class Line(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An answer given beforehand: to questions that contain `match` under instructions that contain `system`, from
    models that fit `model` (a glob). As text, as a JSON value, or as a whole response."""

    match: str = ""
    system: str = ""
    model: str = "*"
    text: str = ""
    value: Any = None
    response: dict[str, Any] | None = None
    times: int | None = None
    used: int = 0

    @property
    def words(self) -> str:
        """The text, or the value as JSON."""
        return self.text if self.value is None else msgspec.json.encode(self.value).decode()


class Script:
    """The lines in force; the first that fits is spoken."""

    LINES_MAX = 1_000

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def replace(self, lines: Sequence[Line]) -> None:
        self.lines = list(lines)[: self.LINES_MAX]

    def add(self, lines: Sequence[Line]) -> None:
        """Before the others, so that tests side by side keep theirs."""
        self.lines = [*lines, *self.lines][: self.LINES_MAX]

    def find(self, question: str, system: str = "", model: str = "") -> Line | None:
        for line in self.lines:
            left = line.times is None or line.used < line.times
            if left and line.match in question and line.system in system and fnmatchcase(model, line.model):
                line.used += 1
                return line
        return None
