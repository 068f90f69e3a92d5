"""What a model is told about leaflets."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

import msgspec

from namjai.chat.content import Meta, load
from namjai.chat.skills.education.leaflet import LeafletShape, words_of
from namjai.chat.skills.education.shelf import PACKAGE

Task = Literal["search", "leaflet", "change", "translate"]
FALLBACK: Final = "en"


class Prompts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file. `changes` are the instructions behind buttons."""

    meta: Meta
    rules: str
    shape: str
    search: str
    leaflet: str
    change: str
    translate: str
    write_in: dict[str, str]
    changes: dict[str, str]


@lru_cache(maxsize=1)
def prompts() -> Prompts:
    """The instructions."""
    return load(PACKAGE, "prompts.yaml", Prompts)


def version() -> str:
    """Names the instructions on record."""
    return f"prompt/education@{prompts().meta.version}"


def system(task: Task, language: str) -> str:
    """The instruction of a task."""
    texts = prompts()
    write_in = texts.write_in.get(language, texts.write_in[FALLBACK])
    parts = [getattr(texts, task), *([] if task == "search" else [texts.shape]), texts.rules.format(write_in=write_in)]
    return "\n\n".join(parts)


def material(name: str, words: str) -> str:
    """Words that are to be worked on, and are no instruction: what would end them early is taken out."""
    return f"<{name}>\n{words.replace('<', '‹').replace('>', '›')}\n</{name}>"


def spoken(body: LeafletShape) -> str:
    """All words of a leaflet: what a translation of it is held to."""
    return "\n".join(words_of(body))


def written(body: LeafletShape) -> str:
    """A leaflet as a model reads it."""
    return material("leaflet", msgspec.json.encode(body).decode())
