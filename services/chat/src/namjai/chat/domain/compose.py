"""What one turn says: crisis card, command, greeting, support, or a gentle word to somebody in a hurry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from namjai.chat.content import Language, Status, lines, ui_texts
from namjai.chat.domain import commands, crisis
from namjai.chat.domain.commands import Command
from namjai.chat.domain.decide import Answer
from namjai.chat.domain.language import reply_language
from namjai.chat.domain.messages import Action, Message, press, problems, say, text, with_quick_replies
from namjai.chat.domain.state import Person, Verdict
from namjai.chat.skills.support.library import QuickReply, Reply
from namjai.chat.skills.support.respond import respond, respond_to_kind
from namjai.events import Envelope, Fact
from namjai.events.member import MemberFollowed
from namjai.events.message import MessageReceived, PostbackReceived

Kind = Literal["crisis", "support", "command", "greeting", "notice"]

MESSAGES_MAX: Final = 5
_FIXED: Final = "fixed"
_OFFLINE: Final = "offline"


@dataclass(frozen=True)
class Clinic:
    """What holds for everybody who has not told us otherwise."""

    language: Language
    country: str


@dataclass(frozen=True)
class Composed:
    """The words of a turn, and everything that its event must say about them."""

    messages: tuple[Message, ...]
    kind: Kind
    responder: str
    language: Language
    content: tuple[str, ...]
    review: Status
    intent: str | None = None
    stage: str | None = None
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class _View:
    """The person as a command sees them."""

    language: Language
    country: str
    consents: frozenset[str]


def compose(
    step: Answer, events: Sequence[Envelope[Any]], person: Person, *, now: datetime, clinic: Clinic
) -> Composed | None:
    """The words for `events`, which are the answered ones in order; None when a paused person gets none."""
    texts = [said for event in events if (said := _text(event))]
    language = reply_language(
        " ".join(texts), chosen=person.chosen_language, default=person.last_language or clinic.language
    )
    view = _View(language, crisis.country_of(language, default=clinic.country), person.consents)
    if step.danger is not None:
        return _card(step.danger, view, now)
    asked = [command for event in events if (command := _command(event)) is not None]
    if person.paused and not asked:
        return None if step.screened else _lines_only(view, now)
    composed = _words(step, events, texts, asked, person, view, now)
    return composed if step.screened else _with_lines(composed, view, now)


def rehearse(now: datetime) -> int:
    """Build every crisis card there is, so that a mistake in the data stops a start and not a card at 2 a.m.

    Returns how many were built. Raises `ValueError` when one would pass a limit of LINE.
    """
    built = 0
    for language in get_args(Language):
        for country in {line.country for line in lines()}:
            for category in get_args(crisis.Category):
                for level in get_args(crisis.Level):
                    verdict = Verdict(
                        assessment="", message="", judged=True, level=level, category=category, subject="self"
                    )
                    card = _card(verdict, _View(language, country, frozenset()), now)
                    wrong = [problem for message in card.messages for problem in problems(message)]
                    if wrong or not card.messages:
                        raise ValueError(f"the crisis card {language}/{country}/{category}/{level}: {wrong}")
                    built += 1
    return built


def _card(danger: Verdict, view: _View, now: datetime) -> Composed:
    """Fixed text only, before and instead of anything else (G5). Risk raises its alert together with this verdict."""
    card = crisis.crisis_card(
        level="crisis" if danger.level == "crisis" else "high",
        category=danger.category,
        language=view.language,
        country=view.country,
        now=now,
        subject=danger.subject,
        alert_raised=True,
    )
    return Composed(card.messages, "crisis", _FIXED, view.language, card.content, card.review)


def _words(
    step: Answer,
    events: Sequence[Envelope[Any]],
    texts: Sequence[str],
    asked: Sequence[Command],
    person: Person,
    view: _View,
    now: datetime,
) -> Composed:
    if asked:
        return _carried_out(asked, view, now)
    if all(isinstance(event.data, MemberFollowed) for event in events):
        return _greeting(view)
    if all(each.throttled for each in step.pending):
        ui = ui_texts(view.language)
        content = (commands.consent_version(view.language),)
        return Composed((text(ui.throttled),), "notice", _FIXED, view.language, content, ui.meta.status)
    reply = _supported(events, texts, person, view.language)
    said = Composed(
        with_quick_replies([text(reply.text)], [_button(offer) for offer in reply.quick_replies]),
        "support",
        _OFFLINE,
        view.language,
        (reply.id,),
        reply.status,
        reply.intent,
        reply.stage,
    )
    return said if person.greeted else _joined(_greeting(view), said, kind="greeting")


def _supported(events: Sequence[Envelope[Any]], texts: Sequence[str], person: Person, language: Language) -> Reply:
    newest = events[-1]
    stage = person.stage if "chat" in person.consents else None  # earlier talk is used by consent only
    if texts:
        return respond(
            "\n".join(texts),
            language=language,
            recent_reply_ids=person.recent_content,
            stage=stage,
            seed=newest.id,
        )
    kind = newest.data.kind if isinstance(newest.data, MessageReceived) else "text"
    return respond_to_kind(kind, language=language, recent_reply_ids=person.recent_content, stage=stage, seed=newest.id)


def _button(offer: QuickReply) -> Action:
    return press(offer.label, f"cmd={offer.command}") if offer.command else say(offer.label)


def _carried_out(asked: Sequence[Command], view: _View, now: datetime) -> Composed:
    answers = [commands.answer(command, view, now=now) for command in asked]
    last = answers[-1]
    facts = tuple(fact for answer in answers for fact in answer.facts)
    chosen = next((command.language for command in reversed(asked) if command.language), view.language)
    return Composed(last.messages, "command", _FIXED, chosen, last.content, last.review, asked[-1].name, facts=facts)


def _greeting(view: _View) -> Composed:
    hello = commands.greeting(view.language)
    return Composed(hello.messages, "greeting", _FIXED, view.language, hello.content, hello.review)


def _lines_only(view: _View, now: datetime) -> Composed:
    note = crisis.unscreened_note(language=view.language, country=view.country, now=now, alert_raised=True)
    return Composed(note.messages, "notice", _FIXED, view.language, note.content, note.review)


def _with_lines(composed: Composed, view: _View, now: datetime) -> Composed:
    """G3: nobody has judged the message yet, so the lines go along, and the card says that staff are being told."""
    return _joined(_lines_only(view, now), composed, kind=composed.kind)


def _joined(first: Composed, second: Composed, *, kind: Kind) -> Composed:
    """Two answers as one turn; all buttons go under the last message, where LINE shows them, the first's first."""
    both = [*first.messages, *second.messages]
    buttons = [item["action"] for message in both for item in message.get("quickReply", {}).get("items", ())]
    plain = [{key: value for key, value in message.items() if key != "quickReply"} for message in both]
    return Composed(
        with_quick_replies(plain[-MESSAGES_MAX:], buttons),
        kind,
        second.responder,
        second.language,
        (*first.content, *second.content),
        "draft" if "draft" in (first.review, second.review) else second.review,
        second.intent,
        second.stage,
        second.facts,
    )


def _text(event: Envelope[Any]) -> str | None:
    """What was written; None for anything else, and for words that are erased."""
    if not isinstance(event.data, MessageReceived) or event.data.text is None:
        return None
    return event.data.text.get(None)


def _command(event: Envelope[Any]) -> Command | None:
    match event.data:
        case PostbackReceived(postback=pressed):
            return commands.parse(postback=pressed.get(""))
        case MessageReceived():
            said = _text(event)
            return commands.parse(said) if said else None
        case _:
            return None
