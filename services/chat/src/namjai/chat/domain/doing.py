"""What a person asks of a skill: by a button, or by typing one of the words that open it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from typing import Final
from urllib.parse import parse_qsl, urlencode

import msgspec

from namjai.chat.domain.language import fold
from namjai.chat.domain.messages import POSTBACK_DATA_MAX, Action, press

_NAME: Final = "do"
_TYPED_CHARS_MAX: Final = 60
_EDGES: Final = " .!。！～~…"
_BETWEEN: Final = " :：,，、-–\n"


class Doing(msgspec.Struct, frozen=True):
    """One wish: which skill, what it shall do, and with what."""

    skill: str
    action: str
    args: dict[str, str] = msgspec.field(default_factory=dict)


class Door(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words that mean one action, in every language. The whole message must be the word; where the action
    `takes` something, such as a text to translate, the word may also begin the message."""

    words: tuple[str, ...]
    takes: str | None = None
    args: dict[str, str] = msgspec.field(default_factory=dict)


Doorway = Mapping[str, Door]
"""A skill's doors by action; two doors of one action are `action#2`."""


def do(label: str, skill: str, action: str, **args: str) -> Action:
    """A button that asks this of a skill. Raises `ValueError` when it is longer than LINE lets its data be."""
    data = urlencode({_NAME: f"{skill}.{action}", **args})
    if len(data) > POSTBACK_DATA_MAX:
        raise ValueError(f"the button {skill}.{action} is {len(data)} characters long")
    return press(label, data)


def doing_of(data: str) -> Doing | None:
    """What a button's data asks for; None for any other button."""
    fields = dict(parse_qsl(data[:POSTBACK_DATA_MAX]))
    skill, dot, action = fields.pop(_NAME, "").partition(".")
    return Doing(skill, action, fields) if dot and skill and action else None


@lru_cache(maxsize=64)
def doorway(package: str) -> Doorway:
    """The doors of a skill, from its `doors.yaml`."""
    data = resources.files(package).joinpath("doors.yaml").read_bytes()
    return msgspec.yaml.decode(data, type=dict[str, Door])


class Doors:
    """All doors of the skills that are on."""

    def __init__(self, doorways: Iterable[tuple[str, Doorway]] = ()) -> None:
        self._whole: dict[str, Doing] = {}
        self._begins: list[tuple[str, Doing, str]] = []
        for skill, doors in doorways:
            for name, door in doors.items():
                for word in door.words:
                    self._add(fold(word), Doing(skill, name.partition("#")[0], door.args), door.takes)
        self._begins.sort(key=lambda door: -len(door[0]))
        self._starts = tuple(word for word, _, _ in self._begins)

    def _add(self, word: str, doing: Doing, takes: str | None) -> None:
        if word in self._whole:
            raise ValueError(f"{word!r} opens both {self._whole[word].skill} and {doing.skill}")
        self._whole[word] = doing
        if takes is not None:
            self._begins.append((word, doing, takes))

    @property
    def words(self) -> frozenset[str]:
        """Every word that opens something, folded."""
        return frozenset(self._whole)

    def opened_by(self, said: str) -> Doing | None:
        """What a typed message opens. A sentence that contains a word is no door, one that begins with it may be."""
        folded = fold(said[: _TYPED_CHARS_MAX * 2])
        if len(said) <= _TYPED_CHARS_MAX and (found := self._whole.get(folded.strip(_EDGES))) is not None:
            return found
        if not folded.startswith(self._starts):
            return None
        for word, doing, takes in self._begins:
            if folded.startswith(word) and (rest := _after(said, word)):
                return msgspec.structs.replace(doing, args={**doing.args, takes: rest})
        return None


def _after(said: str, word: str) -> str | None:
    """What follows a word; folding keeps neither case nor width, so the word's end is found by its own folded form."""
    for end in range(len(word) // 2, min(len(said), len(word) * 2) + 1):  # folding makes one letter of "จำ" two
        if fold(said[:end]) == word:
            rest = said[end:]
            if rest and (rest[0] in _BETWEEN or not word[-1].isascii()):
                return rest.strip(_BETWEEN) or None
    return None
