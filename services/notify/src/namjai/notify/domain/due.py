"""What the clock asks for next about an alert: one pure answer, whoever asks, before and after any restart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from namjai.notify.domain.inbox import Alert, Chain, Inbox, rank

AGAIN_AFTER: Final = {"crisis": timedelta(minutes=15), "high": timedelta(hours=4), "medium": timedelta(hours=24)}
"""A repeat of an open alert that nobody of the staff has touched for so long is told again."""
UNREACHED_AGAIN_S: Final = 60.0
"""A chain that reached nobody at all begins again after 2, 4, 8 … and at most so many seconds."""
NOBODY_CAME_AGAIN: Final = timedelta(hours=1)
"""A chain that was heard, and that nobody answered, begins again after this time: an alert never falls silent."""
EARLY_CLAIM_S: Final = 600.0
"""How long a claim may stay without a human word if it came before there was a chain, and so a policy."""
ANSWER_WITHIN: Final = timedelta(hours=48)
"""So long a caring contact may stay without an answer."""

What = Literal["begin", "step", "exhaust", "again", "tell_heir", "unacknowledge", "follow_up", "end_follow_up"]


@dataclass(frozen=True)
class Rules:
    """When people are asked how they are, after an alert of level high or crisis was resolved; seconds."""

    follow_up_s: tuple[float, ...] = (36 * 3_600, 7 * 86_400, 30 * 86_400)
    answer_within: timedelta = ANSWER_WITHIN


@dataclass(frozen=True, order=True)
class Due:
    """Something to do at a time. `number` is the step or the follow-up that it is about."""

    at: datetime
    alert: str
    what: What
    number: int = 0


def due(alert: Alert, inbox: Inbox, rules: Rules) -> Due | None:
    """What is next for one alert, if anything; it may be in the past."""
    if alert.wiped or alert.merged_into is not None:
        return None
    if alert.resolved_at is not None:
        return _follow_up(alert, rules)
    if alert.owner is not None:
        return _owed(alert)
    if alert.chain is None:
        if alert.notified_at is not None:
            return None  # told by a release that knew no chains
        return Due(alert.raised_at, alert.id, "begin")
    next_step = _next_step(alert)
    if (silence := inbox.silences.get(alert.merge_key)) is not None and alert.level != "crisis":
        return Due(max(next_step.at, silence.until), alert.id, next_step.what, next_step.number) if next_step else None
    return next_step


def dues(inbox: Inbox, rules: Rules) -> list[Due]:
    """What is next for each of a person's alerts, soonest first."""
    return sorted(found for alert in inbox.alerts.values() if (found := due(alert, inbox, rules)) is not None)


def _owed(alert: Alert) -> Due | None:
    """Who was handed it is told; a claim that is not followed by a human word comes to nothing."""
    if alert.heir_since is not None:
        return Due(alert.heir_since, alert.id, "tell_heir", alert.handed_over)
    if alert.waits_since is None:
        return None
    timeout_s = alert.chain.ack_timeout_s if alert.chain is not None else EARLY_CLAIM_S
    return Due(alert.waits_since + timedelta(seconds=timeout_s), alert.id, "unacknowledge")


def _next_step(alert: Alert) -> Due | None:
    chain = alert.chain
    assert chain is not None
    if chain.exhausted_at is not None:
        return Due(chain.exhausted_at + _pause(chain), alert.id, "again")
    at_once = chain.done_at if not chain.last_reached else None
    if chain.done < len(chain.due_s):
        return Due(at_once or chain.base + timedelta(seconds=chain.due_s[chain.done]), alert.id, "step", chain.done + 1)
    return Due(at_once or chain.base + timedelta(seconds=chain.end_s), alert.id, "exhaust")


def _follow_up(alert: Alert, rules: Rules) -> Due | None:
    """Caring contacts after what was grave and real; they stop as soon as one stays unanswered."""
    if rank(alert.level) < rank("high") or alert.disposition == "false_alarm" or alert.follow_up_over:
        return None
    assert alert.resolved_at is not None
    if alert.follow_up_open and alert.follow_up_at is not None:
        return Due(alert.follow_up_at + rules.answer_within, alert.id, "end_follow_up", alert.follow_up)
    if alert.follow_up < len(rules.follow_up_s):
        at = alert.resolved_at + timedelta(seconds=rules.follow_up_s[alert.follow_up])
        return Due(at, alert.id, "follow_up", alert.follow_up + 1)
    return None


def _pause(chain: Chain) -> timedelta:
    """How long a chain that ended rests before it begins again."""
    if chain.reached:
        return NOBODY_CAME_AGAIN
    return timedelta(seconds=min(UNREACHED_AGAIN_S, 2.0 ** min(chain.run, 10)))
