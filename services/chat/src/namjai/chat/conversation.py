"""The conversation worker: woken by deliveries, it reads the log, decides, composes, and appends one turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cachetools import LRUCache

from namjai.chat.domain import guard
from namjai.chat.domain.compose import Composed, compose
from namjai.chat.domain.decide import Answer, Rules, Skip, Wait, decide
from namjai.chat.domain.state import State, fold
from namjai.chat.ports import Chat
from namjai.chat.wording import unless, worded
from namjai.events import Envelope, Fact, Sealed, Stored, derive_id, subjects
from namjai.events.alert import AlertRaised
from namjai.events.conversation import TurnSkipped
from namjai.events.member import ErasureRequested, MemberFollowed
from namjai.events.message import MessageReceived, PostbackReceived
from namjai.events.reply import ReplyIssued
from namjai.runtime.errors import Conflict, Duplicate, KeysUnavailable, LogUnavailable, Reject, Retry
from namjai.runtime.log import Expect
from namjai.runtime.logs import get_logger
from namjai.runtime.tracing import traceparent

SOURCE: Final = "chat"
TURN: Final = "chat.turn"
"""Turns derive their ids from a name of their own: a handler's facts about the same message must not look the same."""
CONFLICTS_MAX: Final = 20
SNAPSHOT_EVERY_EVENTS: Final = 200
LEASE_RETRY_S: Final = 0.05

_log = get_logger(__name__)


@dataclass
class Talk:
    """One person's place in this process: their state, the opened events it still needs, and who is waiting.

    `known` is the highest sequence that anybody has told us of: the log is read at least up to there.
    """

    state: State = field(default_factory=State)
    loaded: bool = False
    snapshot_at: int = 0
    events: dict[int, Envelope[Fact]] = field(default_factory=dict)
    first_seen: dict[str, datetime] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    animated: int = 0
    known: int = 0
    users: int = 0


class Conversations:
    """All conversations of this process. A person's state is cached; the log is asked only for what is new."""

    def __init__(self, chat: Chat, rules: Rules, *, states_max: int) -> None:
        self._chat = chat
        self._rules = rules
        self._idle: LRUCache[str, Talk] = LRUCache(states_max)
        self._active: dict[str, Talk] = {}

    async def wake(self, member: str, sequence: int) -> None:
        """Something about this member is in the log up to `sequence`: answer what is due, and wait for what is not.

        Returns when nothing at or before `sequence` waits for a turn, so that its delivery can be acknowledged.
        Raises `LogUnavailable`, `KeysUnavailable` or `Retry`.
        """
        async with self._talk(member) as talk:
            talk.known = max(talk.known, sequence)
            talk.heard.set()  # whoever waits for a verdict or a pause looks again
            async with talk.lock:
                await self._converse(member, talk, sequence)

    def is_unsent(self, member: str, message_id: str) -> bool:
        """Whether the person took this message back, as far as this process has read."""
        talk = self._active.get(member) or self._idle.get(member)
        return talk is not None and message_id in talk.state.unsent

    @asynccontextmanager
    async def _talk(self, member: str) -> AsyncIterator[Talk]:
        """A talk in use stays; one that nobody uses may be forgotten when there are too many."""
        talk = self._active.get(member) or self._idle.pop(member, None) or Talk()
        self._active[member] = talk
        talk.users += 1
        try:
            yield talk
        finally:
            talk.users -= 1
            if talk.users == 0:
                del self._active[member]
                self._idle[member] = talk

    async def _converse(self, member: str, talk: Talk, sequence: int) -> None:
        conflicts = 0
        anew = looked = False
        while True:
            talk.heard.clear()
            await self._read(member, talk, anew=anew)
            anew = False
            now = self._chat.clock()
            for each in talk.state.pending:
                talk.first_seen.setdefault(each.event, now)
            step = decide(talk.state, talk.first_seen, now, self._rules)
            if step is None or not self._concerns(talk.state, sequence):
                return
            if isinstance(step, Wait):
                await self._pause(talk, step.until, now)
                continue
            if isinstance(step, Answer) and not step.screened and not looked:
                anew = looked = True  # the verdict may have been delivered to another replica
                continue
            try:
                await self._take(member, talk, step, now)
            except Conflict:  # another replica was first: look at what it said
                conflicts += 1
                anew = True
                if conflicts > CONFLICTS_MAX:
                    raise Retry("too many conflicts") from None

    def _concerns(self, state: State, sequence: int) -> bool:
        """Whether anything that this delivery could be about is still to be answered."""
        return bool(state.owed) or any(each.sequence <= sequence for each in state.pending)

    async def _read(self, member: str, talk: Talk, *, anew: bool = False) -> None:
        """Read what we were told of; `anew` looks for more than that, such as another replica's turn."""
        if not talk.loaded:
            talk.state = await self._chat.snapshots.load(member) or State()
            talk.snapshot_at = talk.state.through
            talk.loaded = True
        if talk.state.through >= talk.known and not anew:
            return
        for stored in await self._chat.journal.history(member, after=talk.state.through, at_least=talk.known):
            self._learn(talk, stored)
        await self._save(member, talk)

    def _learn(self, talk: Talk, stored: Stored[Fact]) -> None:
        talk.state = fold(talk.state, stored)
        if isinstance(stored.event.data, MessageReceived | PostbackReceived | MemberFollowed):
            talk.events[stored.sequence] = stored.event
        if len(talk.events) > len(talk.state.pending):
            waiting = {each.sequence for each in talk.state.pending}
            talk.events = {sequence: event for sequence, event in talk.events.items() if sequence in waiting}
            events = {each.event for each in talk.state.pending}
            talk.first_seen = {event: seen for event, seen in talk.first_seen.items() if event in events}

    async def _save(self, member: str, talk: Talk) -> None:
        """A snapshot now and then, only when nothing is pending: a person's words are never in it."""
        if talk.state.through - talk.snapshot_at >= SNAPSHOT_EVERY_EVENTS and not talk.state.pending:
            await self._chat.snapshots.save(member, talk.state)
            talk.snapshot_at = talk.state.through

    async def _pause(self, talk: Talk, until: datetime, now: datetime) -> None:
        await self._animate(talk)
        try:
            async with asyncio.timeout((until - now).total_seconds()):
                await talk.heard.wait()
        except TimeoutError:
            return

    async def _animate(self, talk: Talk) -> None:
        """The three dots, once a turn: LINE ends them by itself with our next message."""
        newest = talk.state.pending[-1]
        if newest.sequence > talk.animated and newest.kind == "message":
            talk.animated = newest.sequence
            to = _recipient(talk.events[newest.sequence])
            if to is not None:
                await self._chat.loading(to)

    async def _take(self, member: str, talk: Talk, step: Answer | Skip, now: datetime) -> None:
        if isinstance(step, Answer):
            async with self._chat.lease(member) as mine:
                if not mine and step.danger is None:
                    await asyncio.sleep(LEASE_RETRY_S)  # another replica is composing; look at its turn, or make ours
                person = talk.state.person
                events = [talk.events[each.sequence] for each in step.pending]
                events = events or [await self._answered_event(member, step.verdicts[-1].message)]
                composed = compose(step, events, person, now=now, clinic=self._chat.clinic)
                if composed is not None:
                    question = guard.question(step, events, composed, person.consents) if self._chat.model else None
                    final = await self._worded(member, talk, question, composed, mine) if question else composed
                    if final is not None:  # else there is something else to decide first
                        await self._append(member, talk, self._turn(member, talk.state, step, final, events, now))
                    return
            step = Skip(step.pending, "paused")
        await self._append(member, talk, [self._silence(member, talk, step, now)])

    async def _worded(self, member: str, talk: Talk, question: str, composed: Composed, mine: bool) -> Composed | None:
        """The turn in a model's words, or as it was; None when what has been heard meanwhile comes first (G5)."""

        async def elsewhere() -> Composed:
            await asyncio.sleep(self._chat.model_wait_s)  # one replica asks; ours is the answer if that one dies
            return composed

        asked = worded(self._chat.model, question, composed) if mine and self._chat.model else elsewhere()
        return await unless(self._overtaken(member, talk, talk.state.replied), asked)

    async def _overtaken(self, member: str, talk: Talk, replied: int) -> None:
        """Return once a turn in the making must not be said: danger, words taken back, or another replica's turn."""
        while True:
            await talk.heard.wait()
            talk.heard.clear()
            try:
                await self._read(member, talk)
            except (LogUnavailable, KeysUnavailable):
                return  # the loop reads again, and says so to the frame
            step = decide(talk.state, talk.first_seen, self._chat.clock(), self._rules)
            danger = isinstance(step, Answer) and step.danger is not None
            if danger or step is None or isinstance(step, Skip) or talk.state.replied != replied:
                return

    async def _answered_event(self, member: str, message: str) -> Envelope[Fact]:
        """A message that has its turn already; rare, so the whole history is read for it."""
        for stored in await self._chat.journal.history(member):
            if stored.event.id == message:
                return stored.event
        raise Reject("the message in danger is gone")

    def _turn(
        self,
        member: str,
        state: State,
        step: Answer,
        composed: Composed,
        events: Sequence[Envelope[Any]],
        now: datetime,
    ) -> list[Envelope[Fact]]:
        newest = events[-1]
        late = not step.pending  # danger found after the answer: its cause is the verdict, and the token is used
        cause = step.verdicts[-1].assessment if late else newest.id
        to = _recipient(newest)
        token: Sealed[str] | None = None if late else newest.data.reply_token
        reply = ReplyIssued(
            answers=tuple(each.event for each in step.pending),
            through=max((each.sequence for each in step.pending), default=0),
            assessments=tuple(verdict.assessment for verdict in step.verdicts),
            screened=step.screened,
            level=step.danger.level if step.danger else "none",
            kind=composed.kind,
            responder=composed.responder,
            content=composed.content,
            review=composed.review,
            language=composed.language,
            intent=composed.intent,
            stage=composed.stage,
            previous=state.last_reply,
            urgent=step.danger is not None,
            received_at=now if late else step.pending[-1].received_at,
            messages=Sealed(list(composed.messages)),
            to=Sealed(to or ""),
            reply_token=token if token is not None and not token.is_erased else None,
        )
        facts: list[Fact] = [reply, *(_with_sender(fact, to) for fact in composed.facts)]
        if not step.screened:
            facts.append(_overdue(member, newest.id))
        return [_envelope(member, newest, cause, n, fact, now) for n, fact in enumerate(facts)]

    def _silence(self, member: str, talk: Talk, step: Skip, now: datetime) -> Envelope[Fact]:
        newest = talk.events[step.pending[-1].sequence]
        fact = TurnSkipped(
            answers=tuple(each.event for each in step.pending),
            through=step.pending[-1].sequence,
            reason=step.reason,
        )
        return _envelope(member, newest, newest.id, 0, fact, now)

    async def _append(self, member: str, talk: Talk, events: Sequence[Envelope[Fact]]) -> None:
        expect = Expect(subjects.area("reply", member), talk.state.replied)
        try:
            last = await self._chat.journal.append(events, expect=expect)
        except Duplicate:
            raise Conflict from None
        except Reject:
            talk.loaded, talk.state = False, State()
            raise
        self._chat.turns(events[0].data)
        talk.known = max(talk.known, last)
        await self._read(member, talk)  # not from memory: a message may have come between our look and our turn
        _log.info("turn", kind=events[0].type, answers=len(getattr(events[0].data, "answers", ())))


def _recipient(event: Envelope[Any]) -> str | None:
    sender: Sealed[str] | None = event.data.sender
    return sender.get(None) if sender is not None else None


def _with_sender(fact: Fact, to: str | None) -> Fact:
    return ErasureRequested(sender=Sealed(to)) if isinstance(fact, ErasureRequested) and to else fact


def _overdue(member: str, message: str) -> AlertRaised:
    """Risk could not be waited for (G3), so chat says it: nobody knows how this person is, and a human must look."""
    return AlertRaised(
        level="high", category="other", merge_key=f"{member}:unscreened", message=message, reason="unscreened"
    )


def _envelope(member: str, origin: Envelope[Any], cause: str, n: int, fact: Fact, now: datetime) -> Envelope[Fact]:
    return Envelope(
        id=derive_id(TURN, cause, n),
        source=SOURCE,
        type=fact.TYPE,
        subject=member,
        time=now,
        correlationid=origin.correlationid,
        causationid=cause,
        traceparent=traceparent() or origin.traceparent,
        data=fact,
    )
