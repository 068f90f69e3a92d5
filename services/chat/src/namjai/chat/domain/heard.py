"""What the events of a turn say: commands, buttons under our questions, and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec

from namjai.chat.domain import answers, commands
from namjai.chat.domain.answers import Plain
from namjai.chat.domain.commands import Command
from namjai.chat.domain.doing import Doing, Doors, doing_of
from namjai.chat.domain.image_sets import image_set
from namjai.chat.domain.protocol import Question, Reading
from namjai.events import Envelope
from namjai.events.media import MediaKind, MediaTranscribed, MediaUnread, UnreadReason
from namjai.events.message import MessageReceived, PostbackReceived

T = TypeVar("T", bound=msgspec.Struct)
_Meaning = tuple[Command | None, Doing | None]
_NO_DOORS: Final = Doors()
KEYWORDS_MAX: Final = 15
_SHORT: Final = {"q": "question", "a": "answer"}


class Press(msgspec.Struct, frozen=True):
    """A button under a question, which says itself which one: it may be pressed late."""

    question: Question
    answer: Plain


@dataclass(frozen=True)
class Media:
    """A picture or a voice message. Either it was read, and `text` says what is in it, or `unread` says why not."""

    event: str
    kind: MediaKind
    text: str = ""
    reading: Mapping[str, Any] | None = None
    unread: UnreadReason | None = None
    place: int | None = None
    """Of a picture among those that were sent together, where LINE says so."""


class Place(msgspec.Struct, frozen=True):
    """Where a person says they are, or want to be: degrees north and east."""

    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]


@dataclass(frozen=True)
class Heard:
    """`texts` is what was written or spoken, `words` those texts that are no command and open no skill; `wordless`
    says that something else was sent: a sticker, a picture."""

    texts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    wordless: bool = False
    commands: tuple[Command, ...] = ()
    presses: tuple[Press, ...] = ()
    doings: tuple[Doing, ...] = ()
    media: tuple[Media, ...] = ()
    places: tuple[Place, ...] = ()
    stickers: tuple[str, ...] = ()
    """What LINE says that stickers show: a few words each, a random choice of more."""

    @property
    def spoken(self) -> tuple[str, ...]:
        """What was heard in voice messages."""
        return tuple(each.text for each in self.media if each.kind == "audio" and each.text)

    def reading(self, question: Question, asks: str | None) -> Reading | None:
        """The answer to `question`: a button of it, else words if it was what we asked last; None if not answered."""
        pressed = [press.answer for press in self.presses if press.question == question]
        if pressed:
            return pressed[-1]
        if asks != question or not (self.words or self.wordless):
            return None
        return answers.read(self.words, question)


def hear(
    events: Sequence[Envelope[Any]], readings: Mapping[str, Envelope[Any]] | None = None, doors: Doors = _NO_DOORS
) -> Heard:
    """All that a turn can go by in the events. `readings` are what was found in media, by the message's event."""
    media = {event.id: found for event in events if (found := _media(event, (readings or {}).get(event.id)))}
    said = [(event, words) for event in events if (words := text_of(event) or _spoken(media.get(event.id)))]
    typed = [(commands.parse(words), doors.opened_by(words)) for _, words in said]
    pressed = [event.data.postback.get("") for event in events if isinstance(event.data, PostbackReceived)]
    meant = {event.id: meaning for (event, _), meaning in zip(said, typed, strict=True)}
    return Heard(
        texts=tuple(words for _, words in said),
        words=tuple(words for (_, words), meaning in zip(said, typed, strict=True) if meaning == (None, None)),
        wordless=any(isinstance(event.data, MessageReceived) and event.id not in meant for event in events),
        commands=tuple(command for event in events if (command := _command(event, meant)) is not None),
        presses=tuple(press for data in pressed if (press := press_of(data)) is not None),
        doings=tuple(doing for event in events if (doing := _doing(event, meant)) is not None),
        media=tuple(sorted(media.values(), key=_placed)),
        places=tuple(place for event in events if (place := _place(event)) is not None),
        stickers=tuple(word for event in events for word in _sticker(event)),
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


def _command(event: Envelope[Any], meant: Mapping[str, _Meaning]) -> Command | None:
    if isinstance(event.data, PostbackReceived):
        return commands.parse(postback=event.data.postback.get(""))
    return meant[event.id][0] if event.id in meant else None


def _doing(event: Envelope[Any], meant: Mapping[str, _Meaning]) -> Doing | None:
    if isinstance(event.data, PostbackReceived):
        return doing_of(event.data.postback.get(""))
    return meant[event.id][1] if event.id in meant and meant[event.id][0] is None else None


def _media(event: Envelope[Any], reading: Envelope[Any] | None) -> Media | None:
    match reading.data if reading is not None else None:
        case MediaTranscribed() as fact:
            found = fact.reading.get(None) if fact.reading is not None else None
            return Media(event.id, fact.kind, fact.text.get(""), found, place=_place_in_set(event))
        case MediaUnread() as fact:
            return Media(event.id, fact.kind, unread=fact.reason, place=_place_in_set(event))
        case _:
            return None


def _place_in_set(event: Envelope[Any]) -> int | None:
    found = image_set(event.data.raw.get("")) if isinstance(event.data, MessageReceived) else None
    return found.index if found is not None else None


def _placed(media: Media) -> tuple[bool, int]:
    """Pictures that were sent together in the person's order, whatever else there is as it came."""
    return (media.place is None, media.place or 0)


def _spoken(media: Media | None) -> str | None:
    return media.text or None if media is not None and media.kind == "audio" else None


def _place(event: Envelope[Any]) -> Place | None:
    return _of_kind(event, "location", Place)


class _Sticker(msgspec.Struct, frozen=True):
    keywords: tuple[str, ...] = ()
    text: str = ""


def _sticker(event: Envelope[Any]) -> tuple[str, ...]:
    found = _of_kind(event, "sticker", _Sticker)
    return tuple(filter(None, (found.text, *found.keywords[:KEYWORDS_MAX]))) if found is not None else ()


def _of_kind(event: Envelope[Any], kind: str, shape: type[T]) -> T | None:
    """LINE's own words about a message; None for another kind, and for what is erased or odd."""
    if not isinstance(event.data, MessageReceived) or event.data.kind != kind:
        return None
    try:
        return msgspec.json.decode(event.data.raw.get(""), type=shape)
    except msgspec.MsgspecError:
        return None
