"""What the events of a turn say: commands, buttons under our questions, and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from namjai.chat.domain import answers, commands
from namjai.chat.domain.answers import Plain
from namjai.chat.domain.commands import Command
from namjai.chat.domain.protocol import Question, Reading
from namjai.events import Envelope
from namjai.events.message import MessageReceived, PostbackReceived

_SHORT: Final = {"q": "question", "a": "answer"}


class Press(msgspec.Struct, frozen=True):
    """A button under a question, which says itself which one: it may be pressed late."""

    question: Question
    answer: Plain


@dataclass(frozen=True)
class Heard:
    """`words` are the texts that are no command; `wordless` says that something else was sent: a sticker, a picture."""

    texts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    wordless: bool = False
    commands: tuple[Command, ...] = ()
    presses: tuple[Press, ...] = ()

    def reading(self, question: Question, asks: str | None) -> Reading | None:
        """The answer to `question`: a button of it, else words if it was what we asked last; None if not answered."""
        pressed = [press.answer for press in self.presses if press.question == question]
        if pressed:
            return pressed[-1]
        if asks != question or not (self.words or self.wordless):
            return None
        return answers.read(self.words, question)


def hear(events: Sequence[Envelope[Any]]) -> Heard:
    """Everything in the events that a turn can go by."""
    texts = [said for event in events if (said := text_of(event))]
    typed = [commands.parse(said) for said in texts]
    pressed = [event.data.postback.get("") for event in events if isinstance(event.data, PostbackReceived)]
    return Heard(
        texts=tuple(texts),
        words=tuple(said for said, command in zip(texts, typed, strict=True) if command is None),
        wordless=any(isinstance(event.data, MessageReceived) and text_of(event) is None for event in events),
        commands=tuple(command for event in events if (command := _command(event)) is not None),
        presses=tuple(press for data in pressed if (press := press_of(data)) is not None),
    )


def text_of(event: Envelope[Any]) -> str | None:
    """What was written; None for anything else, and for words that are erased."""
    if not isinstance(event.data, MessageReceived) or event.data.text is None:
        return None
    return event.data.text.get(None)


def press_of(data: str) -> Press | None:
    """The answer in a button's data; None for any other button."""
    fields = {_SHORT.get(name, name): value for name, value in parse_qsl(data[: commands.POSTBACK_CHARS_MAX])}
    try:
        return msgspec.convert(fields, Press)
    except msgspec.ValidationError:
        return None


def _command(event: Envelope[Any]) -> Command | None:
    match event.data:
        case PostbackReceived(postback=pressed):
            return commands.parse(postback=pressed.get(""))
        case MessageReceived():
            said = text_of(event)
            return commands.parse(said) if said else None
        case _:
            return None
