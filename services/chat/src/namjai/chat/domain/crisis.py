"""The crisis card: fixed words and the lines a person can call now, in the order their danger asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final, Literal

import msgspec

from namjai.chat.content import (
    ANYWHERE,
    CrisisTexts,
    Language,
    Line,
    Status,
    Topic,
    UiLanguage,
    crisis_texts,
    in_full,
    lines,
    ui_texts,
)
from namjai.chat.domain.messages import Action, Message, column, dial, flex, label, press, text, with_quick_replies
from namjai.events.duty import WatchChanged

Level = Literal["high", "crisis"]
Category = Literal["suicide", "self_harm", "overdose", "withdrawal", "relapse", "violence", "psychosis", "other"]
Subject = Literal["self", "other"]

LINES_SHOWN_MAX: Final = 4
LINES_LISTED_MAX: Final = 8
CLOCK_TELLS: Final = timedelta(hours=24)
"""A clock time says when only if it is less than a day away."""
BACKGROUND: Final = "#FFF6EE"
ACCENT: Final = "#C2410C"
MUTED: Final = "#6B7280"

_COUNTRY_OF_LANGUAGE: Final[dict[Language, str]] = {"th": "TH", "zh-TW": "TW"}
_MEDICAL_FIRST: Final[tuple[Topic, ...]] = ("medical", "suicide", "drugs", "alcohol")
_TOPICS: Final[dict[Category, tuple[Topic, ...]]] = {
    "suicide": ("suicide", "medical"),
    "self_harm": ("suicide", "medical"),
    "overdose": ("medical", "drugs", "suicide"),
    "withdrawal": _MEDICAL_FIRST,
    "relapse": _MEDICAL_FIRST,
    "violence": ("violence", "abuse", "medical", "suicide"),
    "psychosis": ("medical", "suicide"),
    "other": ("suicide", "medical", "violence"),
}
_FEELINGS: Final[frozenset[Category]] = frozenset({"suicide", "self_harm"})
_EVERY_TOPIC: Final[tuple[Topic, ...]] = ("suicide", "medical", "violence", "drugs", "alcohol", "abuse", "distress")


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """Messages with the curated texts they are made of and the review status of those."""

    messages: tuple[Message, ...]
    content: tuple[str, ...]
    review: Status


def country_of(language: Language, *, known: str | None = None, default: str = ANYWHERE) -> str:
    """Whose lines to show: the person's known country, else the one their language points to, else the clinic's."""
    having_lines = {line.country for line in lines()}
    wanted = known or _COUNTRY_OF_LANGUAGE.get(language, default)
    return wanted if wanted in having_lines else ANYWHERE


def lines_open(country: str, now: datetime) -> tuple[Line, ...]:
    """Lines of a country that are not known to be closed at `now`, in the order of the table.

    A line whose hours nobody has told us counts as open, and is shown as such: hiding it would help no one.
    """
    return tuple(
        line
        for line in lines()
        if line.country == country and (not line.hours.known or line.hours.always or line.hours.open_until(now))
    )


def lines_for(
    country: str, topics: Sequence[Topic], now: datetime, *, limit: int = LINES_SHOWN_MAX
) -> tuple[Line, ...]:
    """The lines open now that answer `topics`, most fitting first, each once."""
    open_now = lines_open(country, now)
    ordered = {line.number: line for topic in topics for line in open_now if topic in line.topics}
    return tuple(ordered.values())[:limit]


def topics_for(category: Category, level: Level) -> tuple[Topic, ...]:
    """Which help comes first. Self-harm at level crisis means bleeding that does not stop: the ambulance leads."""
    if category == "self_harm" and level == "crisis":
        return ("medical", "suicide")
    return _TOPICS[category]


def crisis_card(
    *,
    level: Level,
    category: Category,
    language: Language,
    country: str,
    now: datetime,
    subject: Subject = "self",
    alert_raised: bool = False,
    unwatched: str | None = None,
) -> Card:
    """What a person in danger gets at once: the card, and at level high one supportive sentence more.

    `alert_raised` must be true only if the log holds the alert: the card says so as a fact and promises no time.
    `unwatched` is the sentence that nobody of the clinic is watching, where that is known.
    """
    words = crisis_texts(language)
    chosen = lines_for(country, topics_for(category, level), now)
    opening = (words.opening if subject == "self" else words.about_other)[category]
    facts = [words.not_an_emergency_service, *_about_staff(words, alert_raised, unwatched)]
    spoken = "\n".join([opening, *(f"☎ {line.number} {line.names[language]}" for line in chosen), *facts])
    messages = [text(spoken), lines_card(chosen, words, language, now)]
    if level == "high":
        messages.append(text(_supportive(words, category, subject)))
    return Card(
        messages=with_quick_replies(messages, _ways_on(chosen, language)),
        content=(f"crisis/{language}@{words.meta.version}",),
        review=words.meta.status,
    )


def unwatched(watch: WatchChanged | None, language: Language, zone: tzinfo, now: datetime) -> str | None:
    """The truth about who watches, where it is known that nobody does. When somebody does, no time is promised either.

    What was to change before `now` is not known any more.
    """
    if watch is None or watch.watched or (watch.until is not None and watch.until <= now):
        return None
    words = crisis_texts(language)
    if watch.until is None or watch.until - now >= CLOCK_TELLS:
        return words.unwatched
    return words.unwatched_until.format(until=watch.until.astimezone(zone).strftime("%H:%M"))


def _about_staff(words: CrisisTexts, alert_raised: bool, nobody_watches: str | None) -> list[str]:
    told = [words.alert_raised] if alert_raised else []
    return [*told, nobody_watches] if nobody_watches else told


def _supportive(words: CrisisTexts, category: Category, subject: Subject) -> str:
    if subject == "other":
        return words.supportive.about_other
    return words.supportive.feelings if category in _FEELINGS else words.supportive.safety


def emergency_card(*, speaks: UiLanguage, country: str, now: datetime) -> Card:
    """Every line open now, for somebody who asks for them: where not everything is said in their language, the lines
    are named in English."""
    language = in_full(speaks)
    words, ui = crisis_texts(language), ui_texts(speaks)
    chosen = lines_for(country, _EVERY_TOPIC, now, limit=LINES_LISTED_MAX)
    return Card(
        messages=(text(ui.emergency), lines_card(chosen, words, language, now)),
        content=(f"ui/{speaks}@{ui.meta.version}", f"crisis/{language}@{words.meta.version}"),
        review=words.meta.status if words.meta.status == ui.meta.status else "draft",
    )


def unscreened_note(
    *,
    language: Language,
    country: str,
    now: datetime,
    alert_raised: bool = False,
    unwatched: str | None = None,
) -> Card:
    """What goes with an ordinary reply whose safety check is overdue (G3)."""
    words = crisis_texts(language)
    chosen = lines_for(country, _TOPICS["other"], now)
    spoken = [words.unscreened, *(f"☎ {line.number} {line.names[language]}" for line in chosen)]
    return Card(
        messages=(text("\n".join([*spoken, *_about_staff(words, alert_raised, unwatched)])),),
        content=(f"crisis/{language}@{words.meta.version}",),
        review=words.meta.status,
    )


def lines_card(chosen: Sequence[Line], words: CrisisTexts, language: Language, now: datetime) -> Message:
    """The Flex card: one button a line, its hours, and whether the number has been checked."""
    alt_text = " · ".join([words.title, *(f"{line.names[language]} {line.number}" for line in chosen)])
    return flex(
        alt_text,
        {
            "type": "bubble",
            "body": column(
                [
                    label(words.title, weight="bold", size="lg", color=ACCENT),
                    *(part for line in chosen for part in _line_parts(line, words, language, now)),
                    *(label(note, size="xxs", color=MUTED, margin="lg") for note in _verification_notes(chosen, words)),
                ],
                backgroundColor=BACKGROUND,
                spacing="sm",
            ),
        },
    )


def _line_parts(line: Line, words: CrisisTexts, language: Language, now: datetime) -> Iterator[Message]:
    yield label(line.names[language], weight="bold", size="sm", margin="lg")
    hours = _hours(line, words, now)
    if line.verified and line.verified_on:
        hours = f"{hours} · {words.lines.verified.format(date=line.verified_on.isoformat())}"
    yield label(hours, size="xs", color=MUTED)
    action = dial(words.lines.call.format(number=line.number), line.number)
    yield {"type": "button", "style": "primary", "height": "sm", "color": ACCENT, "action": action}


def _hours(line: Line, words: CrisisTexts, now: datetime) -> str:
    if line.hours.always:
        return words.lines.always
    closes = line.hours.open_until(now)
    return words.lines.open_until.format(closes=closes) if closes else words.lines.hours_unknown


def _verification_notes(chosen: Sequence[Line], words: CrisisTexts) -> Iterator[str]:
    if not all(line.verified and line.verified_on for line in chosen):
        yield words.lines.unverified


def _ways_on(chosen: Sequence[Line], language: Language) -> list[Action]:
    labels, call = ui_texts(language).labels, crisis_texts(language).lines.call
    return [
        *(dial(call.format(number=line.number), line.number) for line in chosen[:2]),
        press(labels["more_lines"], "cmd=emergency"),
        press(labels["safe"], "cmd=safe"),
    ]
