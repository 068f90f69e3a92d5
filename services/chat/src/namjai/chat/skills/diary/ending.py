"""What is said when a check-in is over: warm, never a reproach, and with help where a number asks for it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from namjai.chat.skills.diary import badges
from namjai.chat.skills.diary.badges import Deeds
from namjai.chat.skills.diary.days import Entry, day_of, days, streak
from namjai.chat.skills.diary.texts import Texts

CRAVING_STRONG: Final = 7
MOOD_LOW: Final = 2


@dataclass(frozen=True)
class Ending:
    """The words, a bubble each, and what they are about."""

    said: tuple[str, ...]
    strong: bool
    low: bool

    @property
    def is_light(self) -> bool:
        """Whether nothing in it needs care: only then is there room for another offer."""
        return len(self.said) == 1


def ending(before: Sequence[Entry], entry: Entry, zone: tzinfo, deeds: Deeds, words: Texts) -> Ending:
    """The answer to a check-in, after those before it."""
    strong = entry.craving is not None and entry.craving >= CRAVING_STRONG
    low = entry.mood is not None and entry.mood <= MOOD_LOW
    had = badges.earned(before, zone, deeds)
    new = [each for each in badges.earned((*before, entry), zone, deeds) if each not in had]
    parts = [_opening(before, entry, zone, words)]
    if new:
        parts.append(words.end.badge.format(badges="  ".join(words.badges[each].shown for each in new)))
    said = ["\n".join(parts)]
    if strong:
        said.append(words.end.craving_high)
    if low:
        said.append(words.end.mood_low)
    return Ending(tuple(said), strong, low)


def _opening(before: Sequence[Entry], entry: Entry, zone: tzinfo, words: Texts) -> str:
    today = day_of(entry.at, zone)
    earlier = {day: of for day, of in days(before, zone).items() if day < today}
    if entry.used:
        run = streak(earlier).current
        return words.end.used_after.format(days=words.days.of(run)) if run else words.end.used
    if any(day_of(each.at, zone) == today for each in before):
        return words.end.more
    if entry.used is None:
        return words.end.noted
    known = [of.used for of in earlier.values() if of.used is not None]
    if known and known[-1]:
        return words.end.clean_back
    now = streak(days((*before, entry), zone))
    return words.end.clean_first if now.total == 1 else words.end.clean.format(days=words.days.of(now.current))
