"""One turn of support in curated words: a ruler's next question, a summary, or the reply that fits, with a reflection.

What was said in earlier turns is used only by consent (`chat`). Without it each message stands alone, but for the
question that was asked just now, and for whether it is a relative who is being talked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final, Literal

import msgspec

from namjai.chat.content import Status, ui_texts
from namjai.chat.domain.composed import OFFLINE, Composed
from namjai.chat.domain.doing import Doing, do
from namjai.chat.domain.messages import Action, press, say, text, with_quick_replies
from namjai.chat.domain.rating import RATING_MAX, rating
from namjai.chat.domain.stage import Stage
from namjai.chat.domain.visit import Visit, closed, moved
from namjai.chat.skills.support import rulers
from namjai.chat.skills.support.library import QuickReply, Reply, joined, quick_reply
from namjai.chat.skills.support.listening import REFLECTION, SUMMARY, listening, reflection, summary
from namjai.chat.skills.support.notice import Noticed, notice, remembered
from namjai.chat.skills.support.respond import choose, respond_to_kind
from namjai.chat.skills.support.rulers import RULERS, Asked
from namjai.chat.skills.support.understand import FAMILY, Reading, understand
from namjai.events import Fact
from namjai.events.conversation import StageChanged

NAME: Final = "support"
TALK: Final = "talk"
SITTING: Final = timedelta(hours=12)
"""So long a conversation is one conversation."""
REMEMBERS: Final = "chat"
"""The consent to use what was said earlier."""
SHOWN: Final = frozenset(
    {"sadness", "anger", "anxiety", "loneliness", "shame", "sleep", "thanks", "greeting", "goodbye"}
)
"""What a sticker is answered for, of the intents."""
SENTENCES_MAX: Final = 4
REFLECTED_LATELY: Final = 8
"""So many of the last texts are looked at before the same thing is reflected once more."""
_SUMMED_UP: Final = frozenset(
    {
        "unclear", "talk", "affirm", "deny", "plan", "reasons", "need", "ability", "commitment", "sustain",
        "ambivalence", "better", "tried_before", "not_ready", "thanks",
    }
)  # fmt: skip
"""Where a summary may come instead of an answer; whoever is in a hard moment gets the answer."""
_BEGUN: Final = frozenset({"action", "maintenance"})
"""Who has begun is not sent back by a low number."""


@dataclass(frozen=True)
class Said:
    """The turn, and whether its words must stay as they are."""

    composed: Composed
    fixed: bool


@dataclass(frozen=True)
class Thread:
    """What goes on from one turn to the next: where our own open conversation stands, and what was noticed in it."""

    step: str = ""
    noticed: Noticed = field(default_factory=Noticed)
    numbers: dict[str, int] = field(default_factory=dict)

    def slots(self) -> dict[str, Any]:
        """As the flow keeps it."""
        kept = {"noticed": msgspec.to_builtins(self.noticed), "numbers": self.numbers}
        return {name: value for name, value in kept.items() if value}


def curated(visit: Visit) -> Said:
    """The turn, without a model."""
    before, at = _thread(visit), rulers.standing(visit.flow)
    if (wish := visit.doing(NAME)) is not None:
        asked = _pressed(wish, at, visit)
        return _ruler(asked, before, visit) if asked is not None else _declined(before, visit)
    words = visit.words or _shown(visit.heard.stickers)
    if not words:
        return _wordless(visit)
    reading = understand(words, visit.person.stage, family=before.step == FAMILY)
    if at is not None and visit.calm and not reading.family:
        asked = rulers.answer(at, words, reading.intent, language=visit.view.language, seed=visit.seed)
        if asked is not None:
            return _ruler(asked, before, visit)
    return _answered(reading, words, before, visit)


def _answered(reading: Reading, words: str, before: Thread, visit: Visit) -> Said:
    """The reply that fits, or a summary where it is time for one."""
    language, recent, remembers = visit.view.language, visit.person.recent_content, REMEMBERS in visit.view.consents
    noticed = Noticed() if reading.family else notice(words, reading.intent)
    known = noticed.since(before.noticed) if remembers else Noticed()
    if reading.intent in _SUMMED_UP and not reading.family:
        summed = summary(known, language=language, recent=recent, seed=visit.seed)
        if summed is not None:
            return _summed_up(summed, reading, Thread(TALK, known), before, visit)
    is_alone = visit.person.stage is None and before.step != FAMILY  # then it was read for itself already
    shown = reading if remembers or is_alone else msgspec.structs.replace(reading, stage=understand(words).stage)
    reply = choose(shown, language, recent, visit.seed)
    after = Thread(reply.asks or (FAMILY if reading.family else TALK), known)
    given = None
    if not reading.family and len(reply.sentences) < SENTENCES_MAX:
        lately = recent[-REFLECTED_LATELY:]
        given = reflection(reading.intent, noticed, language=language, recent=lately, seed=visit.seed)
    sentences = reply.sentences if given is None else (given.text, *reply.sentences)
    content = (reply.id,) if given is None else (given.id, reply.id)
    facts = (*_stage(reading.stage, visit, "words"), *_moved(before, after, visit))
    buttons = _rating_buttons(reply, visit) if reply.asks is not None else _buttons(reply.quick_replies, visit)
    said = _speak(sentences, buttons, visit, content, reply.intent, reply.status)
    fixed = reply.fixed or reply.asks is not None
    return Said(replace(said, stage=_told(reading.stage, visit), facts=facts), fixed)


def _summed_up(sentences: tuple[str, ...], reading: Reading, after: Thread, before: Thread, visit: Visit) -> Said:
    language = visit.view.language
    facts = (*_stage(reading.stage, visit, "words"), *_moved(before, after, visit))
    buttons = _buttons([quick_reply(name, language) for name in ("talk", "do:rulers", "plan")], visit)
    content = (f"{NAME}/{language}/{SUMMARY}",)
    said = _speak(sentences, buttons, visit, content, SUMMARY, listening(language).meta.status)
    return Said(replace(said, stage=_told(reading.stage, visit), facts=facts), fixed=True)


def _wordless(visit: Visit) -> Said:
    person, language = visit.person, visit.view.language
    stage = person.stage if REMEMBERS in visit.view.consents else None
    kind = visit.kinds[-1] if visit.kinds else "text"
    reply = respond_to_kind(
        kind, language=language, recent_reply_ids=person.recent_content, stage=stage, seed=visit.seed
    )
    buttons = _buttons(reply.quick_replies, visit)
    said = _speak(reply.sentences, buttons, visit, (reply.id,), reply.intent, reply.status)
    return Said(replace(said, stage=stage), reply.fixed)


def _shown(stickers: tuple[str, ...]) -> str:
    """The first word for a sticker that tells a feeling or greets; the others may mean anything."""
    return next((word for word in stickers if understand(word).intent in SHOWN), "")


# --- Rulers


def _pressed(wish: Doing, at: rulers.At | None, visit: Visit) -> Asked | None:
    """A button of a ruler; None where the person would rather not."""
    ruler = next((each for each in RULERS if each == wish.args.get("ruler")), None)
    if wish.action == "rulers":
        return rulers.ask("importance", visit.view.language)
    number = rating(wish.args.get("n", ""))
    if wish.action != "rate" or ruler is None or number is None:
        return None
    numbers = at.numbers if at is not None else {}
    return rulers.given(rulers.At(ruler, numbers=numbers), number, language=visit.view.language)


def _declined(before: Thread, visit: Visit) -> Said:
    """Not now: the conversation goes on without a number."""
    reply = choose(Reading("deny", None), visit.view.language, visit.person.recent_content, visit.seed)
    buttons = _buttons(reply.quick_replies, visit)
    said = _speak(reply.sentences, buttons, visit, (reply.id,), reply.intent, reply.status)
    return Said(replace(said, facts=_moved(before, Thread(TALK, before.noticed), visit)), fixed=True)


def _ruler(asked: Asked, before: Thread, visit: Visit) -> Said:
    """A ruler's question or its end, with the number on record."""
    language = visit.view.language
    words = listening(language).rulers
    at = asked.at
    after = Thread(TALK, before.noticed) if at is None else Thread(at.step, before.noticed, at.numbers)
    later = do(words.later, NAME, "later")
    if at is None:
        names = ("do:surf", "do:exercises", "talk") if asked.offers else ("plan", "do:plan", "talk")
        buttons = _buttons([quick_reply(name, language) for name in names], visit)
    else:
        buttons = [later] if at.why else [*_numbers(at.ruler), later]
    stage = None if visit.person.stage in _BEGUN else asked.stage
    record = (asked.record,) if asked.record is not None else ()
    facts = (*record, *_stage(stage, visit, "rulers"), *_moved(before, after, visit))
    intent = "ruler" if at is None else f"ruler_{at.ruler}"
    content = (f"{NAME}/{language}/{intent}",)
    said = _speak(asked.sentences, buttons, visit, content, intent, listening(language).meta.status)
    return Said(replace(said, stage=stage, facts=facts), fixed=True)


def _numbers(ruler: str) -> list[Action]:
    return [do(str(n), NAME, "rate", ruler=ruler, n=str(n)) for n in range(RATING_MAX + 1)]


def _rating_buttons(reply: Reply, visit: Visit) -> list[Action]:
    return [*_numbers(reply.asks or ""), *_buttons(reply.quick_replies, visit)]


# --- What goes on


def _thread(visit: Visit) -> Thread:
    """Where our conversation stands. In the middle of another skill's, the last reply tells who is talked about."""
    if visit.flow is not None:
        return Thread(visit.flow.step, remembered(visit.flow.slots), dict(visit.flow.slots.get("numbers") or {}))
    replies = [each for each in visit.person.recent_content if f"/{REFLECTION}." not in each]
    about = replies[-1].rpartition("/")[2] if visit.interrupts and replies else ""
    return Thread(FAMILY if about.startswith(FAMILY) else "")


def _moved(before: Thread, after: Thread, visit: Visit) -> tuple[Fact, ...]:
    """What changed, on record. Another skill's open conversation is not ours to end."""
    if visit.interrupts is not None or after == before:
        return ()
    if after.step == TALK and not after.slots():
        return (closed(NAME),) if before.step else ()
    return (moved(NAME, after.step, after.slots(), until=visit.now + SITTING),)


def _stage(stage: Stage | None, visit: Visit, by: Literal["words", "rulers"]) -> tuple[StageChanged, ...]:
    """What somebody's words show of them is kept only if they want earlier talk to be used."""
    known = visit.person.stage
    if REMEMBERS not in visit.view.consents or stage is None or stage == known:
        return ()
    return (StageChanged(before=known, after=stage, by=by),)


def _told(stage: Stage | None, visit: Visit) -> Stage | None:
    """The stage that the turn is recorded with, by the same consent."""
    return stage if REMEMBERS in visit.view.consents else None


# --- Words and buttons


def _speak(
    sentences: Sequence[str],
    buttons: Sequence[Action],
    visit: Visit,
    content: tuple[str, ...],
    intent: str,
    status: Status,
) -> Composed:
    words = _in_english(visit) + joined(sentences, visit.view.language)
    messages = with_quick_replies([text(words)], buttons)
    return Composed(messages, "support", OFFLINE, visit.view.speaks, content, status, intent)


def _buttons(offers: Sequence[QuickReply], visit: Visit) -> list[Action]:
    """What can be said or pressed; nothing of a skill that is switched off."""
    on = {*visit.scene.skills, NAME}
    return [_button(offer) for offer in offers if offer.doing is None or offer.doing.skill in on]


def _button(offer: QuickReply) -> Action:
    if offer.doing is not None:
        return do(offer.label, offer.doing.skill, offer.doing.action, **offer.doing.args)
    return press(offer.label, f"cmd={offer.command}") if offer.command else say(offer.label)


def _in_english(visit: Visit) -> str:
    """Why the answer is in English, to somebody who begins to write in a language that has no answers yet."""
    begins = visit.person.last_language != visit.view.speaks
    why = ui_texts(visit.view.speaks).in_english
    return f"{why}\n\n" if begins and why else ""
