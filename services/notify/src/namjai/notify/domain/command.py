"""What staff may do about an alert, and which facts follow: checked against its state, and harmless when repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

import msgspec

from namjai.events import Fact, Sealed
from namjai.events.alert import (
    AlertAcknowledged,
    AlertClaimed,
    AlertContacted,
    AlertCorrected,
    AlertHandedBack,
    AlertHandedOver,
    AlertNoted,
    AlertReopened,
    AlertResolved,
    AlertSaid,
    AlertSilenced,
    AlertTakenOver,
    AlertUnsilenced,
    AlertViewed,
    Disposition,
    Via,
)
from namjai.events.risk import Category, Level
from namjai.notify.domain.begin import Plan, trigger
from namjai.notify.domain.inbox import Alert, Inbox, rank

SILENCE_MAX: Final = timedelta(days=7)

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=5_000)]
AlertName = Annotated[str, msgspec.Meta(min_length=6, max_length=64)]
"""An alert's id, or the beginning of it that staff reads on the telephone (its reference)."""


class NotPossible(Exception):
    """The alert is not in a state for this; the message says what to do instead."""


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that `by` does about `alert`, from `via`."""

    alert: AlertName
    by: Name
    via: Via = "api"
    request: Annotated[str, msgspec.Meta(min_length=8, max_length=64)] | None = None
    """Names this wish: sent again with the same name, it is done once."""


class Claim(Command, frozen=True, kw_only=True):
    """I take it on."""


class Acknowledge(Command, frozen=True, kw_only=True):
    """I have looked at it."""

    note: Text | None = None


class Note(Command, frozen=True, kw_only=True):
    """For the others to read."""

    note: Text


class HandOver(Command, frozen=True, kw_only=True):
    """Somebody else takes it on, and is told."""

    to: Name
    note: Text | None = None


class TakeOver(Command, frozen=True, kw_only=True):
    """I talk to the person now; the bot falls silent."""


class Say(Command, frozen=True, kw_only=True):
    """Words to the person."""

    text: Text


class HandBack(Command, frozen=True, kw_only=True):
    """The bot answers again."""


class Contacted(Command, frozen=True, kw_only=True):
    """I reached the person another way."""

    how: Literal["telephone", "in_person", "line", "other"] = "telephone"
    note: Text | None = None


class Resolve(Command, frozen=True, kw_only=True):
    """It is over, and this is how it ended."""

    disposition: Disposition
    note: Text | None = None


class Reopen(Command, frozen=True, kw_only=True):
    """It is not over after all."""

    note: Text | None = None


class Correct(Command, frozen=True, kw_only=True):
    """My own judgement of the message."""

    level: Level
    category: Category | None = None
    note: Text | None = None


class Silence(Command, frozen=True, kw_only=True):
    """No more of this kind about this person for a while."""

    until: Annotated[datetime, msgspec.Meta(tz=True)]
    reason: Text


class Unsilence(Command, frozen=True, kw_only=True):
    """They may be heard again."""


class Look(Command, frozen=True, kw_only=True):
    """Show me everything; that I looked is on record."""


def carry_out(command: Command, alert: Alert, inbox: Inbox, plan: Callable[[Level], Plan], now: datetime) -> list[Fact]:
    """The facts that follow; none if all is so already. Raises `NotPossible`."""
    return list(_RULES[type(command)](command, alert, inbox, plan, now))


Planner = Callable[[Level], Plan]


def _claim(c: Claim, alert: Alert, inbox: Inbox, plan: Planner, now: datetime) -> Sequence[Fact]:
    _must_be_open(alert)
    if alert.owner == c.by:
        return []
    if alert.owner is not None:
        raise NotPossible(f"{alert.owner} has it already; hand it over instead")
    return [AlertClaimed(alert=alert.id, by=c.by, via=c.via)]


def _acknowledge(c: Acknowledge, alert: Alert, inbox: Inbox, plan: Planner, now: datetime) -> Sequence[Fact]:
    facts = _owning(c, alert)
    if not facts and alert.acknowledged_at is not None and c.note is None:
        return []
    return [*facts, AlertAcknowledged(alert=alert.id, by=c.by, via=c.via, note=_sealed(c.note))]


def _note(c: Note, alert: Alert, inbox: Inbox, plan: Planner, now: datetime) -> Sequence[Fact]:
    return [AlertNoted(alert=alert.id, by=c.by, via=c.via, note=Sealed(c.note))]


def _hand_over(c: HandOver, alert: Alert, inbox: Inbox, plan: Planner, now: datetime) -> Sequence[Fact]:
    _must_be_open(alert)
    if alert.owner == c.to:
        return []
    return [AlertHandedOver(alert=alert.id, by=c.by, to=c.to, via=c.via, note=_sealed(c.note))]


def _take_over(c: TakeOver, alert: Alert, inbox: Inbox, plan: Planner, now: datetime) -> Sequence[Fact]:
    facts = _owning(c, alert)
    talking = _talking(inbox)
    if talking is not None and talking.taken_over_by == c.by:
        return facts
    if talking is not None and talking.id != alert.id:  # of this very alert they are the owner now, and its heir
        raise NotPossible(f"{talking.taken_over_by} is talking to the person; they hand back first")
    return [*facts, AlertTakenOver(alert=alert.id, by=c.by, via=c.via)]


def _say(c: Say, alert: Alert, inbox: Inbox, plan: Planner, now: datetime) -> Sequence[Fact]:
    """Whoever speaks has taken over: two voices at once help nobody."""
    return [
        *_take_over(TakeOver(alert=c.alert, by=c.by, via=c.via), alert, inbox, plan, now),
        AlertSaid(alert=alert.id, by=c.by, via=c.via, words=Sealed(c.text)),
    ]


def _hand_back(c: HandBack, alert: Alert, inbox: Inbox, plan: Planner, now: datetime) -> Sequence[Fact]:
    talking = _talking(inbox)
    return [AlertHandedBack(alert=talking.id, by=c.by, via=c.via)] if talking is not None else []


def _contacted(c: Contacted, alert: Alert, inbox: Inbox, plan: Planner, now: datetime) -> Sequence[Fact]:
    _must_be_open(alert)
    claim = [AlertClaimed(alert=alert.id, by=c.by, via=c.via)] if alert.owner is None else []
    return [*claim, AlertContacted(alert=alert.id, by=c.by, how=c.how, via=c.via, note=_sealed(c.note))]


def _resolve(c: Resolve, alert: Alert, inbox: Inbox, plan: Planner, now: datetime) -> Sequence[Fact]:
    if alert.resolved_at is not None and alert.disposition == c.disposition:
        return []
    _must_be_open(alert)
    return [AlertResolved(alert=alert.id, by=c.by, disposition=c.disposition, via=c.via, note=_sealed(c.note))]


def _reopen(c: Reopen, alert: Alert, inbox: Inbox, plan: Planner, now: datetime) -> Sequence[Fact]:
    if alert.is_open:
        return []
    if alert.wiped or alert.merged_into is not None:
        raise NotPossible(f"it is {alert.status}; there is nothing to open again")
    return [
        AlertReopened(alert=alert.id, by=c.by, via=c.via, note=_sealed(c.note)),
        trigger(alert, "reopened", plan(alert.level), now),
    ]


def _correct(c: Correct, alert: Alert, inbox: Inbox, plan: Planner, now: datetime) -> Sequence[Fact]:
    category = c.category or alert.category
    if alert.wiped:
        raise NotPossible("the person was erased; their words can no longer be judged")
    if (c.level, category) == (alert.level, alert.category) and c.note is None:
        return []
    corrected = AlertCorrected(
        alert=alert.id,
        by=c.by,
        message=alert.message,
        level=c.level,
        category=category,
        was=alert.level,
        via=c.via,
        note=_sealed(c.note),
    )
    if alert.is_open and rank(c.level) > rank(alert.level):
        return [corrected, trigger(alert, "higher_level", plan(c.level), now, level=c.level)]
    return [corrected]


def _silence(c: Silence, alert: Alert, inbox: Inbox, plan: Planner, now: datetime) -> Sequence[Fact]:
    if alert.level == "crisis":
        raise NotPossible("alerts of level crisis are never silenced; claim it, or resolve it")
    if not now < c.until <= now + SILENCE_MAX:
        raise NotPossible(f"a silence ends in the future, within {SILENCE_MAX.days} days")
    reason = Sealed(c.reason)
    return [AlertSilenced(merge_key=alert.merge_key, by=c.by, until=c.until, reason=reason, via=c.via)]


def _unsilence(c: Unsilence, alert: Alert, inbox: Inbox, plan: Planner, now: datetime) -> Sequence[Fact]:
    if inbox.silence(alert.merge_key, now) is None:
        return []
    return [AlertUnsilenced(merge_key=alert.merge_key, by=c.by, via=c.via)]


def _look(c: Look, alert: Alert, inbox: Inbox, plan: Planner, now: datetime) -> Sequence[Fact]:
    return [AlertViewed(alert=alert.id, by=c.by, via=c.via)]


def _owning(c: Command, alert: Alert) -> list[Fact]:
    """The claim that goes with it; none if it is theirs already."""
    _must_be_open(alert)
    if alert.owner is None:
        return [AlertClaimed(alert=alert.id, by=c.by, via=c.via)]
    if alert.owner != c.by:
        raise NotPossible(f"{alert.owner} has it; hand it over first")
    return []


def _must_be_open(alert: Alert) -> None:
    if alert.resolved_at is not None:
        raise NotPossible(f"{alert.resolved_by} has resolved it; reopen it first")
    if not alert.is_open:
        raise NotPossible(f"it is {alert.status}" + (f" into {alert.merged_into}" if alert.status == "merged" else ""))


def _talking(inbox: Inbox) -> Alert | None:
    """The alert under which a clinician talks to the person: there is one conversation, however many alerts."""
    return next((alert for alert in inbox.alerts.values() if alert.taken_over_by is not None), None)


def _sealed(note: str | None) -> Sealed[str] | None:
    return Sealed(note) if note is not None else None


_RULES: Final[Mapping[type[Command], Callable[[Any, Alert, Inbox, Planner, datetime], Sequence[Fact]]]] = {
    Claim: _claim,
    Acknowledge: _acknowledge,
    Note: _note,
    HandOver: _hand_over,
    TakeOver: _take_over,
    Say: _say,
    HandBack: _hand_back,
    Contacted: _contacted,
    Resolve: _resolve,
    Reopen: _reopen,
    Correct: _correct,
    Silence: _silence,
    Unsilence: _unsilence,
    Look: _look,
}
"""Every command there is, and its rule."""
