"""The diary as a picture: bars and dots that are looked at rather than read, made of nothing but Flex boxes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any, Final

from namjai.chat.domain.messages import Message, column, flex, label
from namjai.chat.domain.rating import RATING_MAX
from namjai.chat.skills.diary import badges
from namjai.chat.skills.diary.badges import Deeds
from namjai.chat.skills.diary.bubbles import INK, MUTED, PAPER, SUN
from namjai.chat.skills.diary.days import Day, Entry, Streak, average, day_of, days, in_order, last_days, streak
from namjai.chat.skills.diary.texts import Badge, Texts

WEEK: Final = 7
MONTH: Final = 30
BAR_PX: Final = 64
STRIP_PX: Final = 30
NOTES_MAX: Final = 3
NOTE_CHARS_MAX: Final = 80
BADGES_IN_A_ROW: Final = 3
CRAVING: Final = "#F0935B"
MOOD: Final = "#5BA8A0"
CLEAN: Final = "#4CAF7D"
USED: Final = "#B79AD6"
"""Violet, for a day with use: no colour of alarm."""
UNKNOWN: Final = "#E5E1D8"

Noted = Sequence[tuple[date, Day | None]]


@dataclass(frozen=True)
class Page:
    """Everything that the picture shows."""

    week: Noted
    month: Noted
    streak: Streak
    notes: Sequence[tuple[date, str]]
    have: Sequence[Badge]
    following: badges.Next | None


def page(entries: Sequence[Entry], today: date, zone: tzinfo, deeds: Deeds) -> Page:
    """The diary up to today."""
    noted = days(entries, zone)
    have = badges.earned(entries, zone, deeds)
    written = [(day_of(each.at, zone), each.note) for each in in_order(entries) if each.note]
    return Page(
        last_days(noted, today, WEEK),
        last_days(noted, today, MONTH),
        streak(noted),
        tuple(reversed(written[-NOTES_MAX:])),
        have,
        badges.following(entries, zone, have),
    )


def sheet(shown: Page, words: Texts) -> Message:
    """The bubble. Its alt text, which others may see on a locked screen, has numbers and none of the person's words."""
    view = words.view
    span = view.span.format(first=_date(shown.month[0][0], words), last=_date(shown.month[-1][0], words))
    head = [
        label(view.title, weight="bold", size="xl", color="#FFFFFF"),
        label(span, size="xs", color="#FDECC8", margin="sm"),
    ]
    parts = [
        *_run(shown.streak, words),
        _rule(),
        label(view.week, weight="bold", size="sm", color=INK, margin="lg"),
        _row([_day_column(*each, words) for each in shown.week], margin="md"),
        _averages(shown.week, words),
        _legend(words),
        _rule(),
        label(view.month, weight="bold", size="sm", color=INK, margin="lg"),
        _bars([_bar(day.craving if day else None, CRAVING, STRIP_PX) for _, day in shown.month], STRIP_PX, margin="md"),
        _bars([_bar(day.mood if day else None, MOOD, STRIP_PX) for _, day in shown.month], STRIP_PX, margin="sm"),
        _bars([_box("6px", _use(day), flex=1) for _, day in shown.month], 6, margin="sm"),
        _averages(shown.month, words),
        *_badges(shown, words),
        *_notes(shown.notes, words),
    ]
    bubble = {
        "type": "bubble",
        "size": "mega",
        "header": column(head, backgroundColor=SUN, paddingAll="18px"),
        "body": column(parts, backgroundColor=PAPER, paddingAll="16px"),
    }
    return flex(_in_words(shown, words), bubble)


def _in_words(shown: Page, words: Texts) -> str:
    craving7, mood7 = _means(shown.week)
    craving30, mood30 = _means(shown.month)
    said = words.view.alt.format(craving7=craving7, mood7=mood7, craving30=craving30, mood30=mood30)
    run = words.view.alt_run.format(days=words.days.of(shown.streak.current)) if shown.streak.current else ""
    return f"{said} {run}".strip()


def _run(found: Streak, words: Texts) -> list[Message]:
    """The streak in large; after a day with use it is not a zero that stands there, but what is already there."""
    view = words.view
    if not found.total:
        return [label(view.no_streak, size="md", weight="bold", color=SUN)]
    fresh = found.current == 0
    large = label(words.days.of(found.total if fresh else found.current), size="3xl", weight="bold", color=SUN)
    below = view.fresh if fresh else view.streak
    more = [view.longest.format(days=words.days.of(found.longest)), view.total.format(days=words.days.of(found.total))]
    return [
        large,
        label(below, size="sm", color=INK),
        label(" · ".join(more), size="xs", color=MUTED, margin="sm"),
    ]


def _day_column(on: date, day: Day | None, words: Texts) -> Message:
    """One day of the week: how strong the craving, how good the mood, and a dot."""
    known = day or Day()
    bars = _bars([_bar(known.craving, CRAVING, BAR_PX), _bar(known.mood, MOOD, BAR_PX)], BAR_PX, gap="2px")
    dot = _box("10px", _use(day), width="10px", cornerRadius="5px")
    return column(
        [
            bars,
            column([dot], alignItems="center", margin="sm"),
            label(words.weekdays[on.weekday()], size="xxs", color=MUTED, align="center", margin="xs"),
        ],
        flex=1,
        paddingStart="4px",
        paddingEnd="4px",
    )


def _bar(value: int | None, colour: str, height_px: int) -> Message:
    """A bar; a thin grey line where nothing is known, a low one in colour for 0."""
    px = 2 if value is None else max(3, round(height_px * value / RATING_MAX))
    return _box(f"{px}px", UNKNOWN if value is None else colour, flex=1)


def _bars(bars: Sequence[Message], height_px: int, *, margin: str = "none", gap: str = "1px") -> Message:
    """Bars that stand on the same ground."""
    return {**_row(bars, margin=margin, gap=gap), "height": f"{height_px}px", "alignItems": "flex-end"}


def _box(height: str, colour: str, **style: Any) -> Message:
    return column([], height=height, backgroundColor=colour, **style)


def _use(day: Day | None) -> str:
    used = day.used if day is not None else None
    return UNKNOWN if used is None else USED if used else CLEAN


def _row(contents: Iterable[Message], *, margin: str = "none", gap: str = "4px") -> Message:
    return {"type": "box", "layout": "horizontal", "contents": list(contents), "spacing": gap, "margin": margin}


def _rule() -> Message:
    return {"type": "separator", "margin": "lg", "color": "#EADFC8"}


def _means(noted: Noted) -> tuple[str, str]:
    known = [day or Day() for _, day in noted]
    found = (average([day.craving for day in known]), average([day.mood for day in known]))
    craving, mood = ("–" if mean is None else f"{mean:.1f}" for mean in found)
    return craving, mood


def _averages(noted: Noted, words: Texts) -> Message:
    craving, mood = _means(noted)
    return label(words.view.average.format(craving=craving, mood=mood), size="xs", color=MUTED, margin="sm")


def _legend(words: Texts) -> Message:
    view = words.view
    marks = (("▮", CRAVING, view.craving), ("▮", MOOD, view.mood), ("●", CLEAN, view.clean), ("●", USED, view.used))
    grey = ("●", UNKNOWN, view.unknown)
    spans = [
        span
        for sign, colour, meaning in (*marks, grey)
        for span in (
            {"type": "span", "text": sign, "color": colour},
            {"type": "span", "text": f" {meaning}   "},
        )
    ]
    return {"type": "text", "wrap": True, "size": "xxs", "color": MUTED, "margin": "sm", "contents": spans}


def _badges(shown: Page, words: Texts) -> list[Message]:
    """What was earned, and how far the next one is."""
    have = shown.have
    rows = [have[n : n + BADGES_IN_A_ROW] for n in range(0, len(have), BADGES_IN_A_ROW)]
    drawn: list[Message] = [_row([_badge(each, words) for each in row], margin="md") for row in rows]
    parts: list[Message] = []
    if drawn or shown.following is not None:
        parts = [_rule(), label(words.view.badges, weight="bold", size="sm", color=INK, margin="lg"), *drawn]
    if (following := shown.following) is not None:
        percent = max(2, round(100 * following.have / following.need))
        bar = column([_box("8px", SUN, width=f"{percent}%")], backgroundColor=UNKNOWN, cornerRadius="4px")
        left = words.view.left.format(have=following.have, need=following.need)
        named = words.view.next.format(badge=words.badges[following.badge].shown)
        parts += [label(f"{named} · {left}", size="xs", color=MUTED, margin="lg"), {**bar, "margin": "sm"}]
    return parts


def _badge(badge: Badge, words: Texts) -> Message:
    of = words.badges[badge]
    return column(
        [
            {"type": "text", "text": of.sign, "size": "xl", "align": "center"},
            label(of.name, size="xxs", color=INK, align="center"),
        ],
        flex=1,
        backgroundColor="#FDF0D5",
        cornerRadius="10px",
        paddingAll="6px",
    )


def _notes(notes: Sequence[tuple[date, str]], words: Texts) -> list[Message]:
    """The newest words of the person."""
    if not notes:
        return []
    rows = [label(f"{_date(on, words)}  {_short(note)}", size="xs", color=INK, margin="sm") for on, note in notes]
    return [_rule(), label(words.view.notes, weight="bold", size="sm", color=INK, margin="lg"), *rows]


def _short(note: str) -> str:
    line = " ".join(note.split())
    return line if len(line) <= NOTE_CHARS_MAX else f"{line[: NOTE_CHARS_MAX - 1].rstrip()}…"


def _date(on: date, words: Texts) -> str:
    return words.date.format(day=on.day, month=on.month)
