"""What a model's endpoint does for us, whoever runs it: the port that adapters stand behind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from namjai.chat.model_settings import Work
from namjai.chat.ports import Attachment, ModelAnswer, ModelRequest, Said

__all__ = ["Backend", "Schema", "Voiced", "Work", "named", "talk", "work_of"]

Schema = dict[str, Any]

_NAME: Final = re.compile(r"[\w.:/@-]{1,64}", re.ASCII)


@dataclass(frozen=True)
class Voiced:
    """Words as sound, and what that cost."""

    sound: Attachment
    account: ModelAnswer


class Backend(Protocol):
    """One endpoint. Each call is one request on the wire, and raises `ModelUnavailable` and nothing else.

    It waits as long as it is let: whoever asks puts a time-out round it.
    """

    @property
    def provider(self) -> str:
        """Whose API it is, as OpenTelemetry names it."""
        ...

    def model(self, work: Work) -> str | None:
        """Which model does that; None where this endpoint cannot."""
        ...

    async def answer(self, request: ModelRequest, schema: Schema | None = None) -> ModelAnswer:
        """Words, or JSON that should fit the schema."""
        ...

    async def listen(self, sound: Attachment, languages: Sequence[str]) -> ModelAnswer:
        """The words in a sound."""
        ...

    async def speak(self, words: str, language: str) -> Voiced:
        """The words as sound."""
        ...

    async def count(self, words: str) -> int:
        """How many tokens they are."""
        ...


def work_of(request: ModelRequest) -> Work:
    """Whether words must be read, or pictures too, or the web."""
    if request.search:
        return "search"
    return "vision" if request.attachments else "text"


def talk(request: ModelRequest) -> tuple[list[Said], str]:
    """The talk so far and the last words, as every model takes them: the person first, then by turns."""
    turns: list[Said] = []
    for said in (*request.history, Said("person", request.text)):
        if turns and turns[-1].who == said.who:
            turns[-1] = Said(said.who, f"{turns[-1].text}\n{said.text}")
        elif turns or said.who == "person":
            turns.append(said)
    return turns[:-1], turns[-1].text


def named(said: str | None, configured: str) -> str:
    """The model that answered by its own account, where that is a name; it goes into the event in clear."""
    return said if said and _NAME.fullmatch(said) else configured
