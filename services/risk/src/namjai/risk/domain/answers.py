"""What is said without words: an answer about death, a strong craving, something used, a low mood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from namjai.events.checkin import CheckInRecorded
from namjai.events.instrument import InstrumentAnswered
from namjai.risk.domain.assess import verdict
from namjai.risk.domain.context import CRAVING_STRONG, MOOD_LOW, Context
from namjai.risk.domain.model import Assessment, Category, Finding, Level

INSTRUMENT_POLICY: Final = "instrument-1"
CHECKIN_POLICY: Final = "checkin-1"
MOOD_WORST: Final = 1

Steps = Mapping[int, Level]
_ANY_ANSWER: Final[Steps] = {1: Level.MEDIUM}
"""Above zero on an item about death: at least a wish to be dead (C-SSRS item 1), which our table calls medium."""

# From which value on an item means which level. Draft: levels are ours, after the table of risk levels (C-SSRS item 1
# medium, 2 and 3 high, 4 to 6 crisis); what is asked and how it is scored is the instrument's.
_STEPS: Final[Mapping[tuple[str, int], Steps]] = {
    # PHQ-9 item 9, 0-3: thoughts of being better off dead or of hurting oneself; 3 is "nearly every day".
    ("phq-9", 9): {1: Level.MEDIUM, 3: Level.HIGH},
    # Thai 9Q has the same nine items (unchecked against its publisher).
    ("9q", 9): {1: Level.MEDIUM, 3: Level.HIGH},
    # BSRS-5, extra item, 0-4: its authors refer from 2 ("moderately") on, whatever the total; 3 is "severely".
    ("bsrs-5", 6): {1: Level.MEDIUM, 3: Level.HIGH},
    # ASQ 1-4, yes or no: a positive screen. 5, "right now?": yes is an acute positive, which must not be left alone.
    ("asq", 5): {1: Level.HIGH},
    # C-SSRS screener: 1 wish to be dead, 2 active thoughts, 3 method, 4 intent, 5 plan, 6 behaviour, 61 lately.
    ("c-ssrs", 2): {1: Level.HIGH},
    ("c-ssrs", 3): {1: Level.HIGH},
    ("c-ssrs", 4): {1: Level.CRISIS},
    ("c-ssrs", 5): {1: Level.CRISIS},
    ("c-ssrs", 6): {1: Level.HIGH},
    ("c-ssrs", 61): {1: Level.HIGH},
    # Thai 8Q (unchecked against its publisher): 3 thoughts of suicide, 31 cannot promise not to act on them, which is
    # as grave as intent, 4 a plan, 5 preparation, 7 an attempt.
    ("8q", 3): {1: Level.HIGH},
    ("8q", 31): {1: Level.CRISIS},
    ("8q", 4): {1: Level.CRISIS},
    ("8q", 5): {1: Level.CRISIS},
    ("8q", 7): {1: Level.HIGH},
}


def judge_answer(answer: InstrumentAnswered) -> Assessment | None:
    """The verdict on one answer; None where the item is not about death, or the answer is no."""
    if not answer.about_death or answer.value <= 0:
        return None
    steps = _STEPS.get((answer.instrument, answer.item), _ANY_ANSWER)
    level = max((level for value, level in steps.items() if value <= answer.value), default=Level.MEDIUM)
    rule = f"{answer.instrument}@{answer.version}.item{answer.item}"
    return _verdict(level, "suicide", rule, INSTRUMENT_POLICY, f"value:{answer.value}")


def judge_checkin(checkin: CheckInRecorded, past: Context) -> Assessment | None:
    """At most low, which is a note and no alarm: a ruler is moved quickly, and staff who are called for nothing stop
    coming. It bears on what the person says next (`context`)."""
    mood = checkin.mood
    if mood is not None and (mood <= MOOD_WORST or (mood <= MOOD_LOW and past.mood_falling)):
        return _verdict(Level.LOW, "other", "checkin.mood", CHECKIN_POLICY, f"mood:{mood}")
    if checkin.used:
        return _verdict(Level.LOW, "relapse", "checkin.used", CHECKIN_POLICY, "used")
    if checkin.craving is not None and checkin.craving >= CRAVING_STRONG:
        return _verdict(Level.LOW, "relapse", "checkin.craving", CHECKIN_POLICY, f"craving:{checkin.craving}")
    return None


def _verdict(level: Level, category: Category, rule: str, policy: str, reading: str) -> Assessment:
    finding = Finding(
        level=level,
        category=category,
        subject="self",
        rule=rule,
        policy=policy,
        spans=(),
        tense="now",
        changes=(reading,),
        confidence=1.0,
    )
    return verdict((finding,), policy)
