"""Moves alerts along: does what their clock asks for, carries out what staff commands, and sets the clock anew.

One engine for everybody who may wake it (a new alert, a timer, a command, the watchdog, a start after a crash): each
of them only says whose alerts to look at; what there is to do follows from the log alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from namjai.events import Envelope, Fact, derive_id, subjects
from namjai.events.alert import (
    AlertAcknowledged,
    AlertClaimed,
    AlertContacted,
    AlertEscalated,
    AlertExhausted,
    AlertFollowUpDue,
    AlertFollowUpEnded,
    AlertNotified,
    AlertNotifyFailed,
    AlertRaised,
    AlertResolved,
    AlertSaid,
    AlertUnacknowledged,
    AlertWiped,
)
from namjai.notify.board import Board
from namjai.notify.domain.begin import begin, trigger
from namjai.notify.domain.command import Command, carry_out
from namjai.notify.domain.due import Due, Rules, What, dues
from namjai.notify.domain.inbox import Alert, Inbox
from namjai.notify.domain.roster import Staff
from namjai.notify.ports import Answered, Clock, Meters, Roster
from namjai.notify.tell import Occasion, Teller, nobody
from namjai.runtime.errors import Conflict, Duplicate, Retry
from namjai.runtime.journal import Journal
from namjai.runtime.keyed import KeyedLocks
from namjai.runtime.log import Expect
from namjai.runtime.logs import get_logger
from namjai.runtime.timers import Timer, Timers

SOURCE: Final = "notify-alerts"
TIMER: Final = "alert"
STAGES: Final[Mapping[type[Fact], str]] = {
    AlertClaimed: "claimed",
    AlertAcknowledged: "acknowledged",
    AlertSaid: "word",
    AlertContacted: "word",
    AlertResolved: "resolved",
}
"""What staff does about an alert, and how far it is then."""
STEPS_AT_ONCE_MAX: Final = 200
CONFLICTS_MAX: Final = 20
EARLY: Final = timedelta(milliseconds=50)
"""A timer's time has milliseconds and ours has microseconds: what is due in a moment is due."""

_log = get_logger(__name__)


@dataclass(frozen=True)
class Desk:
    """What casework needs of the world."""

    board: Board
    journal: Journal
    timers: Timers
    roster: Roster
    teller: Teller
    answered: Answered
    meters: Meters
    clock: Clock


class Casework:
    """The engine. Whatever it decides is appended on condition that nobody has said anything in between."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turns = KeyedLocks()
        self._set: dict[str, datetime] = {}
        self._do: Mapping[What, Callable[[Due, Alert, Inbox], Awaitable[None]]] = {
            "begin": self._begin,
            "step": self._step,
            "exhaust": self._exhaust,
            "again": self._again,
            "tell_heir": self._tell_heir,
            "unacknowledge": self._unacknowledge,
            "follow_up": self._follow_up,
            "end_follow_up": self._end_follow_up,
        }

    async def advance(self, member: str, *, knowing: str | None = None) -> None:
        """Do all that is due about a person's alerts, and have the rest come back in time.

        `knowing` is an alert that must have been read by now. Raises `LogUnavailable`, or `Retry` when it was not.
        """
        async with self._turns(member):
            inbox = await self._read(member)
            if knowing is not None and knowing not in inbox.alerts:
                raise Retry("the alert cannot be read yet", 0.2)
            await self._settle(member, inbox)

    async def on_due(self, timer: Timer) -> None:
        """A timer has come."""
        self._set.pop(timer.key, None)
        await self.advance(timer.member)

    async def command(self, member: str, command: Command, alert: str, *, request: str | None = None) -> Alert:
        """Carry out what staff wants. `request` names the wish, so that it is done once however often it is sent.

        Returns the alert as it is then. Raises `NotPossible`, `LogUnavailable`, `KeysUnavailable` or `Reject`.
        """
        cause = request or str(uuid.uuid4())
        async with self._turns(member):
            for _ in range(CONFLICTS_MAX):
                inbox = await self._read(member)
                plan = self._desk.roster.plan
                facts = carry_out(command, inbox.alerts[alert], inbox, plan, self._desk.clock())
                try:
                    await self._say(inbox, inbox.alerts[alert], f"{type(command).__name__}|{cause}", facts)
                except Conflict:
                    continue
                break
            else:
                raise Conflict
            inbox = await self._settle(member, await self._read(member))
            return inbox.alerts[alert]

    async def wipe(self, member: str) -> None:
        """The person was erased: nobody is to be called about them any more."""
        async with self._turns(member):
            inbox = await self._read(member)
            for alert in inbox.alerts.values():
                if not alert.wiped:
                    await self._say(inbox, alert, "wiped", [AlertWiped(alert=alert.id)], conditional=False)
            await self._settle(member, await self._read(member))

    async def record(self, member: str, alert: Alert, why: str, fact: Fact) -> None:
        """Put one more fact about an alert on record; said once for each `why`."""
        await self._say(Inbox(member=member), alert, why, [fact], conditional=False)

    async def _read(self, member: str) -> Inbox:
        await self._desk.board.refresh(self._desk.clock())
        return self._desk.board.inbox(member)

    async def _settle(self, member: str, inbox: Inbox) -> Inbox:
        """Do what is due until nothing is, then set the clock for what comes next."""
        for _ in range(STEPS_AT_ONCE_MAX):
            waiting = dues(inbox, self._rules)
            if not waiting or waiting[0].at > self._desk.clock() + EARLY:
                await self._set_clock(inbox, waiting)
                return inbox
            now_due = waiting[0]
            try:
                await self._do[now_due.what](now_due, inbox.alerts[now_due.alert], inbox)
            except Conflict:
                _log.info("alert_conflict", what=now_due.what)
            inbox = await self._read(member)
        raise Retry("an alert does not come to rest", 1.0)

    @property
    def _rules(self) -> Rules:
        return self._desk.roster.rules()

    async def _set_clock(self, inbox: Inbox, waiting: Sequence[Due]) -> None:
        for each in waiting:
            if self._set.get(each.alert) != each.at:
                timer = Timer(service="notify", key=each.alert, kind=TIMER, member=inbox.member, due=each.at)
                await self._desk.timers.schedule(timer)
                self._set[each.alert] = each.at
        for alert in inbox.alerts.keys() - {each.alert for each in waiting}:
            if self._set.pop(alert, None) is not None:
                await self._desk.timers.cancel("notify", alert)

    # What the clock may ask for.

    async def _begin(self, what: Due, alert: Alert, inbox: Inbox) -> None:
        plan = self._desk.roster.plan(alert.level)
        facts = begin(alert, inbox, plan, self._desk.clock())
        await self._say(inbox, alert, "begin", facts)
        self._desk.meters.alerts.labels("none", "merged" if facts[0].TYPE.startswith("alert.merged") else "begun").inc()

    async def _step(self, what: Due, alert: Alert, inbox: Inbox) -> None:
        """Tell this step's people. The clock of the next step does not wait for them."""
        chain = alert.chain
        assert chain is not None
        now = self._desk.clock()
        occasion = Occasion(alert, chain.run, what.number, alert.level, now, f"{chain.run}|{what.number}")
        people = await self._desk.roster.targets(chain.policy, chain.levels[what.number - 1], now)
        reached = await self._tell(people, occasion, inbox.member)
        done = AlertEscalated(
            alert=alert.id,
            run=chain.run,
            step=what.number,
            targets=tuple(person.name for person in people),
            reached=reached,
            late_s=max(0.0, (now - what.at).total_seconds()),
        )
        self._desk.meters.late_seconds.observe(done.late_s)
        await self.record(inbox.member, alert, f"step|{chain.run}|{what.number}", done)

    async def _exhaust(self, what: Due, alert: Alert, inbox: Inbox) -> None:
        """The end of the chain: loud, and the last people there are are told."""
        chain = alert.chain
        assert chain is not None
        now = self._desk.clock()
        people = self._desk.roster.fallback(chain.policy)
        occasion = Occasion(alert, chain.run, chain.done + 1, alert.level, now, f"{chain.run}|fallback")
        self._desk.meters.exhausted.labels(alert.level).inc()
        _log.error("alert_chain_ended", alert=alert.id, level=alert.level, run=chain.run, reached=chain.reached)
        if people:
            await self._tell(people, occasion, inbox.member)
        ended = AlertExhausted(alert=alert.id, run=chain.run, fallback=tuple(person.name for person in people))
        await self.record(inbox.member, alert, f"exhausted|{chain.run}", ended)

    async def _again(self, what: Due, alert: Alert, inbox: Inbox) -> None:
        plan = self._desk.roster.plan(alert.level)
        chain = trigger(alert, "unreached", plan, self._desk.clock())
        await self._say(inbox, alert, f"again|{chain.run}", [chain])

    async def _tell_heir(self, what: Due, alert: Alert, inbox: Inbox) -> None:
        """Whoever was handed it is told, each time anew; if they cannot be, their clock runs all the same."""
        heir = self._desk.roster.staff(alert.owner or "")
        run, now = alert.chain.run if alert.chain else 0, self._desk.clock()
        occasion = Occasion(alert, run, 0, alert.level, now, f"handed|{what.number}")
        await self._tell([heir] if heir is not None else [], occasion, inbox.member)

    async def _unacknowledge(self, what: Due, alert: Alert, inbox: Inbox) -> None:
        now = self._desk.clock()
        assert alert.owner is not None
        assert alert.waits_since is not None
        waited_s = (now - alert.waits_since).total_seconds()
        chain = trigger(alert, "unacknowledged", self._desk.roster.plan(alert.level), now)
        _log.error("alert_unacknowledged", alert=alert.id, level=alert.level, run=chain.run)
        facts = [AlertUnacknowledged(alert=alert.id, by=alert.owner, waited_s=waited_s), chain]
        await self._say(inbox, alert, f"unacknowledged|{chain.run}", facts)

    async def _follow_up(self, what: Due, alert: Alert, inbox: Inbox) -> None:
        """A caring contact, unless the person wants none, or is in a new alert."""
        busy = any(other.is_open for other in inbox.alerts.values())
        fact: Fact
        if busy or await self._desk.answered.wants_silence(inbox.member):
            fact = AlertFollowUpEnded(alert=alert.id, number=what.number, outcome="stopped")
        else:
            fact = AlertFollowUpDue(alert=alert.id, number=what.number, level=alert.level)
        await self._say(inbox, alert, f"follow_up|{alert.reopened}|{what.number}", [fact])

    async def _end_follow_up(self, what: Due, alert: Alert, inbox: Inbox) -> None:
        """An unanswered one becomes a task for a human."""
        assert alert.follow_up_at is not None
        why = f"follow_up_ended|{alert.reopened}|{what.number}"
        if await self._desk.answered.since(inbox.member, alert.follow_up_at):
            ended = AlertFollowUpEnded(alert=alert.id, number=what.number, outcome="answered")
            await self._say(inbox, alert, why, [ended])
            return
        if await self._desk.answered.wants_silence(inbox.member):
            stopped = AlertFollowUpEnded(alert=alert.id, number=what.number, outcome="stopped")
            await self._say(inbox, alert, why, [stopped])
            return
        task = AlertRaised(
            level="medium",
            category=alert.category,
            merge_key=f"{inbox.member}:follow_up",
            message=alert.message,
            reason="unanswered",
        )
        ended = AlertFollowUpEnded(alert=alert.id, number=what.number, outcome="unanswered")
        await self._say(inbox, alert, why, [ended, task])

    # Telling and saying.

    async def _tell(self, people: Sequence[Staff], occasion: Occasion, member: str) -> int:
        alert = occasion.alert

        async def record(fact: AlertNotified | AlertNotifyFailed) -> None:
            why = f"told|{occasion.key}|{fact.staff}|{fact.channel}|{fact.TYPE}"
            await self.record(member, alert, why, fact)

        if not people:
            await record(nobody(occasion, "nobody on call"))
        reached = await self._desk.teller.tell(people, occasion, record)
        if not reached:
            self._desk.meters.nobody.inc()
            _log.error("alert_reached_nobody", alert=alert.id, level=alert.level, step=occasion.step)
        return reached

    async def _say(
        self, inbox: Inbox, alert: Alert, why: str, facts: Sequence[Fact], *, conditional: bool = True
    ) -> None:
        """Append, all or none. The ids follow from `why`: said again, they are the same facts."""
        if not facts:
            return
        now = self._desk.clock()
        events = [
            Envelope(
                id=derive_id(f"{SOURCE}|{why}", alert.id, n),
                source=SOURCE,
                type=fact.TYPE,
                subject=inbox.member,
                time=now,
                correlationid=alert.correlationid,
                causationid=alert.id,
                data=fact,
            )
            for n, fact in enumerate(facts)
        ]
        expect = Expect(subjects.area("alert", inbox.member), inbox.sequence) if conditional else None
        try:
            await self._desk.journal.append(events, expect=expect)
        except Duplicate:
            return
        for fact in facts:
            self._desk.meters.appended(fact.TYPE)
            self._measure(alert, fact, now)

    def _measure(self, alert: Alert, fact: Fact, now: datetime) -> None:
        """How long it took staff to get here; a claim that came to nothing was none, so the next is measured anew."""
        stage = STAGES.get(type(fact))
        if stage is None or (stage == "word" and alert.word_at is not None):
            return
        since = alert.received_at if stage == "word" else alert.raised_at
        waited_s = max(0.0, (now - since).total_seconds())
        self._desk.meters.response_seconds.labels(stage, alert.level).observe(waited_s)
