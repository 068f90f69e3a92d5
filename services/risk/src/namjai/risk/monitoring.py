"""Watches people for a while after a grave verdict, and notices when nothing is heard of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from namjai.events import Envelope, Fact, Stored, follow
from namjai.events.alert import (
    AlertContacted,
    AlertCorrected,
    AlertRaised,
    AlertReopened,
    AlertResolved,
    AlertSaid,
)
from namjai.events.media import MediaTranscribed
from namjai.events.member import MemberErased
from namjai.events.risk import MonitoringEnded, MonitoringStarted, SilenceNoticed
from namjai.risk.domain.context import BEARING, FROM_THE_PERSON
from namjai.risk.domain.model import Level
from namjai.risk.domain.monitor import announced, moved, silence, unheard, watched
from namjai.risk.domain.standing import OF_WORDS, verdicts
from namjai.risk.ports import Monitoring
from namjai.runtime.consumer import Handlers
from namjai.runtime.errors import Duplicate, Retry
from namjai.runtime.timers import Timer

SERVICE: Final = "risk"
SOURCE: Final = "risk-monitor"
WATCH: Final = "watch"
SILENCE: Final = "silence"
NOT_VISIBLE_YET_S: Final = 0.2
WORDS_BEFORE_VERDICT: Final = timedelta(days=1)
"""So long before their verdict the words may lie, when the service was down."""
EVER: Final = datetime(2020, 1, 1, tzinfo=UTC)

_WATCHES: Final = (MonitoringStarted, MonitoringEnded, MemberErased)
_ABOUT_SILENCE: Final[tuple[type[Fact], ...]] = tuple(
    dict.fromkeys(
        (*BEARING, *FROM_THE_PERSON, MediaTranscribed, AlertSaid, AlertContacted, SilenceNoticed, MemberErased)
    )
)

Ruling = AlertCorrected | AlertResolved | AlertReopened


async def on_alert_raised(event: Envelope[AlertRaised], at_work: Monitoring) -> Sequence[Fact]:
    """Every verdict from medium up comes with an alert, and with nothing else does this service wake."""
    now = at_work.clock()
    if event.data.reason not in OF_WORDS or now - event.time > at_work.watch.reach:
        return []
    stored = await _story(event, now, at_work)
    verdict = next((v for v in verdicts(stored) if v.message == event.data.message), None)
    if verdict is not None and verdict.level >= Level.HIGH:
        await _schedule(event, SILENCE, verdict.at + at_work.patience, at_work, verdict=verdict.id)
    return await _watch(event, stored, now, at_work)


async def on_ruling(event: Envelope[Ruling], at_work: Monitoring) -> Sequence[Fact]:
    """A clinician's word is the only thing but time that ends a watch; it may also move one."""
    ruling = event.data
    if isinstance(ruling, AlertResolved) and ruling.disposition != "false_alarm":
        return []
    now = at_work.clock()
    if now - event.time > at_work.watch.reach:
        return []
    stored = await _story(event, now, at_work)
    on = announced(stored)
    if on is not None and watched(stored, now, at_work.watch) is None:
        await at_work.timers.cancel(SERVICE, _key(event.subject, WATCH))
        return [MonitoringEnded(started=on.began.id, reason="clinician", by=ruling.by)]
    return await _watch(event, stored, now, at_work)


async def on_member_erased(event: Envelope[MemberErased], at_work: Monitoring) -> Sequence[Fact]:
    """Whoever asked to be forgotten is not asked after."""
    for purpose in (WATCH, SILENCE):
        await at_work.timers.cancel(SERVICE, _key(event.subject, purpose))
    return []


async def on_due(timer: Timer, at_work: Monitoring) -> None:
    """A timer came: in time, late or twice. What the log says by now decides."""
    facts = await (_watch_over if timer.kind == WATCH else _silence_over)(timer, at_work)
    if facts:
        try:
            await at_work.append(facts)
        except Duplicate:
            return  # the same timer, handed over twice


async def _watch_over(timer: Timer, at_work: Monitoring) -> Sequence[Envelope[Fact]]:
    now = at_work.clock()
    stored = await _read(timer.member, now, at_work)
    if (on := announced(stored)) is None:
        return []
    if (wanted := watched(stored, now, at_work.watch)) is not None:
        await _schedule(on.began, WATCH, wanted.until, at_work)
        return []
    if any(isinstance(each.event.data, MemberErased) for each in stored):
        return []
    return [follow(on.began, MonitoringEnded(started=on.began.id, reason="time"), source=SOURCE, n=0, time=now)]


async def _silence_over(timer: Timer, at_work: Monitoring) -> Sequence[Envelope[Fact]]:
    now, verdict = at_work.clock(), timer.facts["verdict"]
    since = timer.due - at_work.patience - WORDS_BEFORE_VERDICT
    stored = await at_work.records.since(timer.member, _ABOUT_SILENCE, since)
    if (about := unheard(stored, verdict)) is None:
        return []
    cause = next(each.event for each in stored if each.event.id == verdict)
    if now < (due := about.at + at_work.patience):
        await _schedule(cause, SILENCE, due, at_work, verdict=verdict)
        return []
    said = silence(about, timer.member)
    return [follow(cause, fact, source=SOURCE, n=n, time=now) for n, fact in enumerate(said)]


async def _watch(
    event: Envelope[Fact], stored: Sequence[Stored[Fact]], now: datetime, at_work: Monitoring
) -> Sequence[Fact]:
    """Begin or move a watch. The timer first: after a crash in between it finds nothing to end, or is set again."""
    if (wanted := watched(stored, now, at_work.watch)) is None:
        return []
    await _schedule(event, WATCH, wanted.until, at_work)
    begun = moved(wanted, announced(stored))
    return [begun] if begun else []


async def _story(event: Envelope[Fact], now: datetime, at_work: Monitoring) -> Sequence[Stored[Fact]]:
    """What is on record, this event included: a replica of the log that lags behind it is asked again."""
    stored = await _read(event.subject, now, at_work)
    if all(each.event.id != event.id for each in stored):
        raise Retry("the log does not show this event yet", NOT_VISIBLE_YET_S)
    return stored


async def _read(member: str, now: datetime, at_work: Monitoring) -> Sequence[Stored[Fact]]:
    """What bears on verdicts as far back as it matters, and every watch there was: there are few."""
    bearing = await at_work.records.since(member, BEARING, now - at_work.watch.reach)
    return [*bearing, *await at_work.records.since(member, _WATCHES, EVER)]


async def _schedule(event: Envelope[Fact], purpose: str, due: datetime, at_work: Monitoring, **facts: str) -> None:
    await at_work.timers.schedule(
        Timer(
            service=SERVICE,
            key=_key(event.subject, purpose),
            kind=purpose,
            member=event.subject,
            due=due,
            facts=facts,
            correlationid=event.correlationid,
        )
    )


def _key(member: str, purpose: str) -> str:
    """One timer a person and purpose: a later one takes the place of the one before."""
    return f"{member}-{purpose}"


HANDLERS: Handlers[Monitoring] = {
    AlertRaised: on_alert_raised,
    AlertCorrected: on_ruling,
    AlertResolved: on_ruling,
    AlertReopened: on_ruling,
    MemberErased: on_member_erased,
}
