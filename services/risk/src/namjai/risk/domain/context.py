"""What a person's past adds to a verdict: a fold of their part of the log, without a word of theirs in it.

History raises a verdict, by one step, never to crisis; it never lowers one. What it raised does not raise again, or a
bad week would never end. Only time and a clinician take anything back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import product
from typing import Final, get_args

import msgspec

from namjai.events import Fact, Stored
from namjai.events.alert import AlertCorrected, AlertMerged, AlertRaised, AlertReopened, AlertResolved
from namjai.events.checkin import CheckInRecorded
from namjai.events.instrument import InstrumentAnswered
from namjai.events.message import MessageEdited, MessageReceived, PostbackReceived
from namjai.events.risk import RiskAssessed, RiskReassessed
from namjai.risk.domain.model import Category, Finding, Level
from namjai.risk.domain.standing import Verdict, verdicts

RECENT: Final = timedelta(hours=72)
REPEATS_WITHIN: Final = timedelta(hours=24)
REPEATS_MIN: Final = 3
"""The third medium message of a day counts as high."""
TREND_WITHIN: Final = timedelta(days=7)
TREND_STEP: Final = timedelta(hours=12)
"""So far apart are two days of a trend, whatever the time zone."""
DEATH_ITEM_WITHIN: Final = timedelta(days=14)
"""The span that PHQ-9 asks about."""
CHECKINS_WITHIN: Final = timedelta(hours=72)
MOOD_LOW: Final = 3
MOOD_FALL: Final = 3
CRAVING_STRONG: Final = 8

FROM_THE_PERSON: Final = (MessageReceived, MessageEdited, PostbackReceived, InstrumentAnswered, CheckInRecorded)
BEARING: Final[tuple[type[Fact], ...]] = (
    RiskAssessed,
    RiskReassessed,
    AlertRaised,
    AlertMerged,
    AlertCorrected,
    AlertResolved,
    AlertReopened,
    InstrumentAnswered,
    CheckInRecorded,
)
"""The facts that bear on a verdict."""
GRAVE: Final[tuple[Category, ...]] = ("suicide", "self_harm")


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """For how long a person is watched more closely after a verdict."""

    medium: timedelta = timedelta(hours=72)
    high: timedelta = timedelta(days=7)
    crisis: timedelta = timedelta(days=14)

    def after(self, level: Level) -> timedelta:
        """Nothing for a level that watches nobody."""
        spans = {Level.MEDIUM: self.medium, Level.HIGH: self.high, Level.CRISIS: self.crisis}
        return spans.get(level, timedelta(0))

    @property
    def reach(self) -> timedelta:
        """Older than this, nothing of a person's past matters any more."""
        return max(self.medium, self.high, self.crisis, RECENT, TREND_WITHIN, DEATH_ITEM_WITHIN, CHECKINS_WITHIN)


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """A person's past, as far as it bears on a verdict now."""

    standing: Level = Level.NONE
    """The highest verdict under which the person is watched now."""
    asserted: Level = Level.NONE
    """The same, of what they said of themselves, without what history added."""
    recent: Level = Level.NONE
    """The highest they said of themselves in the last 72 h, without what history added."""
    repeats: Mapping[Category, int] = {}
    """Verdicts from medium up in the last 24 h."""
    trend: bool = False
    """Not easing: something low or worse, then medium or worse, on two different days of the last 7, before today."""
    death_item: bool = False
    """A questionnaire's item about death was answered above zero in the last 14 days."""
    mood_falling: bool = False
    craving: bool = False
    used: bool = False
    heard_at: datetime | None = None
    """When the person was last heard, as far back as was read."""


WORST: Final = Context(
    standing=Level.CRISIS,
    asserted=Level.CRISIS,
    recent=Level.CRISIS,
    repeats=dict.fromkeys(get_args(Category), REPEATS_MIN),
    trend=True,
    death_item=True,
    mood_falling=True,
    craving=True,
    used=True,
)
"""What even this would not raise needs no look at the past."""


def context(stored: Sequence[Stored[Fact]], now: datetime, watch: Watch) -> Context:
    """Fold a person's recent events. Only clinicians' words depend on their order."""
    judged = verdicts(stored)
    own = [verdict for verdict in judged if verdict.subject == "self"]
    checkins = [(each.event.time, each.event.data) for each in stored if isinstance(each.event.data, CheckInRecorded)]
    checkins = [(at, fact) for at, fact in checkins if now - at <= CHECKINS_WITHIN]
    repeats: dict[Category, int] = {}
    for verdict in own:
        if verdict.asserted >= Level.MEDIUM and now - verdict.at <= REPEATS_WITHIN:
            repeats[verdict.category] = repeats.get(verdict.category, 0) + 1
    return Context(
        standing=_highest(v.level for v in judged if v.at + watch.after(v.level) > now),
        asserted=_highest(v.asserted for v in own if v.at + watch.after(v.asserted) > now),
        recent=_highest(v.asserted for v in own if now - v.at <= RECENT),
        repeats=repeats,
        trend=_trend(own, now),
        death_item=any(_about_death(each, now) for each in stored),
        mood_falling=_mood_falling(checkins),
        craving=any(fact.craving is not None and fact.craving >= CRAVING_STRONG for _, fact in checkins),
        used=any(fact.used for _, fact in checkins),
        heard_at=max((e.event.time for e in stored if isinstance(e.event.data, FROM_THE_PERSON)), default=None),
    )


def raise_by(past: Context, finding: Finding) -> tuple[Level, tuple[str, ...]]:
    """The level of a finding in its context, and what raised it. Only what people say of themselves is raised."""
    level = finding.level
    if finding.subject == "other" or finding.polarity == "negated" or level >= Level.HIGH:
        return level, ()
    reasons = tuple(name for name, holds in _GROUNDS[level].items() if holds(past, finding))
    return (_STEP[level] if reasons else level), reasons


Ground = Callable[[Context, Finding], bool]
_STEP: Final = {Level.NONE: Level.LOW, Level.LOW: Level.MEDIUM, Level.MEDIUM: Level.HIGH}


def _recent_high(past: Context, _: Finding) -> bool:
    return past.recent >= Level.HIGH


def _standing_high(past: Context, finding: Finding) -> bool:
    return past.asserted >= Level.HIGH and finding.category in GRAVE


def _repeated(past: Context, finding: Finding) -> bool:
    return past.repeats.get(finding.category, 0) >= REPEATS_MIN - 1


def _trending(past: Context, finding: Finding) -> bool:
    return past.trend and finding.category in GRAVE


def _of_grave(ground: Ground) -> Ground:
    """A milestone after a bad day is good news: what is low is raised only where it is about living or dying."""
    return lambda past, finding: finding.category in GRAVE and ground(past, finding)


# A joke about dying by somebody who meant it last week is worth a note, though not an alert. Quotations, stories, news
# and study questions are not theirs, whatever came before.
_GROUNDS: Final[Mapping[Level, Mapping[str, Ground]]] = {
    Level.NONE: {"joke_while_high": lambda past, finding: finding.frame == "joke" and _standing_high(past, finding)},
    Level.LOW: {
        "recent_high_72h": _of_grave(_recent_high),
        "standing_high": _standing_high,
        "death_item_14d": _of_grave(lambda past, _: past.death_item),
        "mood_falling_72h": _of_grave(lambda past, _: past.mood_falling),
    },
    Level.MEDIUM: {
        "recent_high_72h": _recent_high,
        "standing_high": _standing_high,
        "repeats_24h": _repeated,
        "trend_7d": _trending,
    },
}


def _highest(levels: Iterator[Level]) -> Level:
    return max(levels, default=Level.NONE)


def _trend(own: Sequence[Verdict], now: datetime) -> bool:
    days = [v for v in own if v.category in GRAVE and now - v.at <= TREND_WITHIN and v.asserted >= Level.LOW]
    worse = [v.at for v in days if v.asserted >= Level.MEDIUM and now - v.at >= TREND_STEP]
    return bool(worse) and max(worse) - min(v.at for v in days) >= TREND_STEP


def _mood_falling(checkins: Sequence[tuple[datetime, CheckInRecorded]]) -> bool:
    moods = [(at, fact.mood) for at, fact in checkins if fact.mood is not None]
    return any(
        before < after and low <= min(MOOD_LOW, high - MOOD_FALL)
        for (before, high), (after, low) in product(moods, repeat=2)
    )


def _about_death(each: Stored[Fact], now: datetime) -> bool:
    fact = each.event.data
    return (
        isinstance(fact, InstrumentAnswered)
        and fact.about_death
        and fact.value > 0
        and now - each.event.time <= DEATH_ITEM_WITHIN
    )
