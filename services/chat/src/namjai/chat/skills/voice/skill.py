"""A turn about voice: why a message could not be heard, or the last answer as sound."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Final

import msgspec

from namjai.chat.content import LANGUAGES, Language, Meta, load, ui_texts
from namjai.chat.domain.carry_out import menu
from namjai.chat.domain.commands import AGREE
from namjai.chat.domain.composed import MESSAGES_MAX, Composed, View, fixed
from namjai.chat.domain.doing import doorway
from namjai.chat.domain.messages import Action, Message, audio, press, text
from namjai.chat.domain.state import Person
from namjai.chat.domain.visit import Visit
from namjai.chat.ports import Attachment, Desk, MediaUnavailable, Mind, ModelUnavailable, Read
from namjai.chat.skills.skill import Skill
from namjai.events.media import UnreadReason
from namjai.events.reply import ReplyIssued

NAME: Final = "voice"
PACKAGE: Final = "namjai.chat.skills.voice"
SPOKEN_CHARS_MAX: Final = 1_200
"""About two minutes of speech; what is longer is read better than heard."""
_SPOKEN_IN: Final[dict[str, str]] = {"th": "th-TH", "en": "en-US", "zh-TW": "zh-TW", "ja": "ja-JP", "ko": "ko-KR"}


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one language."""

    meta: Meta
    heard: str
    labels: dict[str, str]
    unread: dict[UnreadReason, str]
    nothing_to_speak: str
    speak_no_consent: str
    speak_no_model: str
    speak_failed: str
    speak_part: str


@lru_cache(maxsize=8)
def texts(language: Language) -> Texts:
    """The words of a language."""
    return load(PACKAGE, f"texts/{language}.yaml", Texts)


async def listen(sound: Attachment, person: Person, mind: Mind) -> Read:
    """The words in a voice message. The person's languages are a hint, not a limit."""
    spoken = [_SPOKEN_IN.get(each, each) for each in (person.chosen_language, person.last_language) if each]
    answer = await mind.listen(sound, languages=tuple(dict.fromkeys((*spoken, *_SPOKEN_IN.values()))))
    return Read(answer.text.strip())


async def turn(visit: Visit, desk: Desk) -> Composed | None:
    """What could not be heard is said so; what was heard is for the other skills to answer."""
    if visit.doing(NAME) is not None:
        return await _speak(visit, desk)
    unread = [media.unread for media in visit.heard.media if media.kind == "audio" and media.unread is not None]
    if not unread:
        return None
    words = texts(visit.view.language)
    allow = [press(words.labels["allow"], AGREE)] if unread[-1] == "no_consent" else []
    return _said(visit.view, [text(words.unread[unread[-1]])], allow)


def frame(visit: Visit, said: Composed) -> Composed:
    """Hearing may go wrong, so the person sees what was heard before the answer to it."""
    if not visit.heard.spoken:
        return said
    heard = text(texts(visit.view.language).heard.format(words="\n".join(visit.heard.spoken)))
    return replace(said, messages=(heard, *said.messages[-(MESSAGES_MAX - 1) :]))


async def _speak(visit: Visit, desk: Desk) -> Composed:
    view, words = visit.view, texts(visit.view.language)
    if not visit.may_ask_model:
        return _said(view, [text(words.speak_no_consent)], [press(words.labels["allow_speak"], AGREE)])
    if desk.speaker is None:
        return _said(view, [text(words.speak_no_model)], [])
    answer = await _last_answer(desk)
    if not answer:
        return _said(view, [text(words.nothing_to_speak)], [])
    part, whole = _beginning(answer)
    try:
        spoken = await desk.speaker.speak(visit.member, part, language=view.speaks)
    except (ModelUnavailable, MediaUnavailable):
        return _said(view, [text(words.speak_failed)], [])
    sound = audio(spoken.url, spoken.duration_ms)
    return _said(view, [sound] if whole else [text(words.speak_part), sound], [])


async def _last_answer(desk: Desk) -> str:
    """The words of the newest turn that has any; a turn that was nothing but sound has none."""
    last = await desk.records.last(ReplyIssued)
    if last is None or (newest := _readable(last.fact)):
        return newest if last is not None else ""
    said = [_readable(each.fact) for each in await desk.records.all(ReplyIssued)]
    return next((answer for answer in reversed(said) if answer), "")


def _readable(reply: ReplyIssued) -> str:
    """The words of an answer, in order; of a bubble, what is read out instead of it."""
    said = reply.messages.get([])
    return "\n".join(message.get("text") or message.get("altText") or "" for message in said).strip()


def _beginning(answer: str) -> tuple[str, bool]:
    """As much as is spoken, and whether that is all: cut at the end of a line or a sentence where there is one."""
    if len(answer) <= SPOKEN_CHARS_MAX:
        return answer, True
    part = answer[:SPOKEN_CHARS_MAX]
    ends = (max(part.rfind(mark) for mark in marks) for marks in (("\n", ". ", "。", "！", "？"), (" ",)))
    cut = next((end for end in ends if end > SPOKEN_CHARS_MAX // 2), len(part))
    return part[: cut + 1].strip(), False


def _said(view: View, messages: list[Message], actions: list[Action]) -> Composed:
    buttons = [*actions, *menu(ui_texts(view.speaks), "emergency", "help")]
    return fixed(NAME, texts(view.language).meta, view, messages, buttons)


def preload() -> None:
    """Read every language."""
    for language in LANGUAGES:
        texts(language)


SKILL: Final = Skill(
    name=NAME,
    turn=turn,
    for_everybody=True,
    doors=doorway(PACKAGE),
    hears=frozenset({"audio"}),
    reads={"audio": listen},
    frame=frame,
    preload=preload,
)
