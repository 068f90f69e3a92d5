"""The conversation worker: woken by deliveries, it reads the log, decides, composes, and appends one turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from cachetools import LRUCache

from namjai.chat import turns
from namjai.chat.domain.compose import called, compose, compose_cue, finish_visit, recorded
from namjai.chat.domain.composed import Composed, Scene
from namjai.chat.domain.decide import Answer, Carry, Perceive, Rules, Skip, Wait, decide
from namjai.chat.domain.fold import fold
from namjai.chat.domain.state import Pending, State
from namjai.chat.domain.visit import Flow, Visit
from namjai.chat.overtaking import unless
from namjai.chat.people import Address, address_of, contact_of, recipient
from namjai.chat.surroundings import Chat
from namjai.chat.turns import Origin
from namjai.events import Envelope, Fact, Stored, subjects
from namjai.events.alert import AlertSaid
from namjai.events.conversation import FlowMoved, SkipReason
from namjai.events.uses import ModelUse
from namjai.runtime.errors import Conflict, Duplicate, KeysUnavailable, LogUnavailable, Reject, Retry
from namjai.runtime.log import Expect
from namjai.runtime.logs import get_logger
from namjai.runtime.pressure import prune_cache
from namjai.runtime.tracing import also_from

CONFLICTS_MAX: Final = 20
SNAPSHOT_EVERY_EVENTS: Final = 200
LEASE_RETRY_S: Final = 0.05
READ_ELSEWHERE_S: Final = 0.5
"""How long to leave a picture or a voice to the replica that reads it, before looking whether it has."""
WORTH_DOTS_S: Final = 0.25
"""A shorter pause shows no three dots: they might reach LINE after the answer, and stay."""

_log = get_logger(__name__)


_NOBODY_WAITS: Final = asyncio.Event()
"""What an idle talk has in place of an event of its own, which is the largest part of it."""


@dataclass(slots=True)
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
    heard: asyncio.Event = _NOBODY_WAITS
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

    def prune(self, keep: float) -> int:
        """Forget what the process knows of those who said nothing for longest; the log tells it again."""
        return prune_cache(self._idle, keep)

    @asynccontextmanager
    async def _talk(self, member: str) -> AsyncIterator[Talk]:
        """A talk in use stays; one that nobody uses may be forgotten when there are too many."""
        talk = self._active.get(member) or self._idle.pop(member, None) or Talk()
        self._active[member] = talk
        if talk.users == 0:
            talk.heard = asyncio.Event()
        talk.users += 1
        try:
            yield talk
        finally:
            talk.users -= 1
            if talk.users == 0:
                del self._active[member]
                talk.heard = _NOBODY_WAITS
                self._idle[member] = talk

    async def _converse(self, member: str, talk: Talk, sequence: int) -> None:
        conflicts = 0
        anew = looked = False
        while True:
            talk.heard.clear()
            await self._read(member, talk, anew=anew)
            anew = False
            now = self._chat.clock()
            for each in _judged_ids(talk.state):
                talk.first_seen.setdefault(each, now)
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
        return (
            bool(state.owed) or state.unrecorded is not None or any(each.sequence <= sequence for each in state.waiting)
        )

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
        needed = talk.state.needed
        if stored.sequence in needed:
            talk.events[stored.sequence] = stored.event
        if len(talk.events) > len(needed):
            talk.events = {sequence: event for sequence, event in talk.events.items() if sequence in needed}
            judged = set(_judged_ids(talk.state))
            talk.first_seen = {event: seen for event, seen in talk.first_seen.items() if event in judged}

    async def _save(self, member: str, talk: Talk) -> None:
        """A snapshot now and then, only when nothing waits for a turn: nobody's words are ever in it."""
        if talk.state.through - talk.snapshot_at >= SNAPSHOT_EVERY_EVENTS and not talk.state.waiting:
            await self._chat.snapshots.save(member, talk.state)
            talk.snapshot_at = talk.state.through

    async def _pause(self, talk: Talk, until: datetime, now: datetime) -> None:
        pause_s = (until - now).total_seconds()
        if pause_s >= WORTH_DOTS_S:
            await self._animate(talk)
        await self._listen(talk, pause_s)

    async def _listen(self, talk: Talk, within_s: float) -> None:
        """Until something new is heard, or so long."""
        try:
            async with asyncio.timeout(within_s):
                await talk.heard.wait()
        except TimeoutError:
            return

    async def _animate(self, talk: Talk) -> None:
        """The three dots, once a turn: LINE ends them by itself with our next message."""
        newest = talk.state.pending[-1]
        if newest.sequence > talk.animated and newest.kind == "message" and talk.state.takeover is None:
            talk.animated = newest.sequence
            to = recipient(talk.events[newest.sequence])
            if to is not None:
                await self._chat.loading(to)

    async def _take(self, member: str, talk: Talk, step: Answer | Carry | Perceive | Skip, now: datetime) -> None:
        match step:
            case Perceive():
                async with self._chat.lease(member) as mine:
                    if mine:
                        await self._perceive(member, talk, step.pending)
                if not mine:  # another replica reads it: look at what it found, or read it ourselves
                    await self._listen(talk, READ_ELSEWHERE_S)
                    await self._read(member, talk, anew=True)
            case Skip():
                await self._append(member, talk, turns.silence(step, self._origin(member, talk, step), now))
            case Carry():
                await self._append(member, talk, await self._carried(member, talk, step, now))
            case Answer():
                async with self._chat.lease(member) as mine:
                    if not mine and step.danger is None:
                        await asyncio.sleep(LEASE_RETRY_S)  # another replica composes; look at its turn, or make ours
                    said = await self._answered(member, talk, step, now, mine=mine)
                    if said:  # else there is something else to decide first
                        await self._append(member, talk, said)

    async def _answered(
        self, member: str, talk: Talk, step: Answer, now: datetime, *, mine: bool
    ) -> list[Envelope[Fact]] | None:
        """The events of a turn for messages, or for danger that was found after their turn."""
        events = [talk.events[each.sequence] for each in step.pending]
        also_from(event.traceparent for event in events)
        if events:
            where: Address | None = Address(recipient(events[-1]) or "", events[-1])
        else:
            where = await address_of(self._chat.journal, member)
        if where is None:
            return turns.nowhere(step, member, now)
        scene = await self._scene(member, talk.state, now, card=step.danger is not None)
        flow = await self._flow(member, talk, now) if step.danger is None else None
        draft = compose(step, events, talk.state, scene, readings=_readings(talk, step), flow=flow)
        if draft is None:
            skip = Skip(step.pending, "taken_over" if step.taken_over else "paused")
            return turns.silence(skip, self._origin(member, talk, skip), now)
        final = await self._visited(member, talk, step, draft, mine) if isinstance(draft, Visit) else draft
        return turns.answer(step, final, talk.state, where, member, now) if final is not None else None

    async def _visited(self, member: str, talk: Talk, step: Answer, visit: Visit, mine: bool) -> Composed | None:
        """A skill's words; None when what has been heard meanwhile comes first (G5)."""
        uses: list[ModelUse] = []
        making = self._chat.skills().turn(visit, self._chat.desk(member, uses, mine))
        said = await unless(self._overtaken(member, talk, talk.state.replied), making)
        return finish_visit(step, visit, replace(said, uses=tuple(uses))) if said is not None else None

    async def _flow(self, member: str, talk: Talk, now: datetime) -> Flow | None:
        """The open conversation of a skill, with what it has gathered; None once its time is over."""
        at = talk.state.flow
        if at is None or (at.until is not None and at.until <= now):
            return None
        event = talk.events.get(at.sequence)
        if event is None:  # our state came from a snapshot
            found = await self._chat.journal.log.last([subjects.event(FlowMoved.TYPE, member)])
            event = await self._chat.journal.open(found[-1].event) if found else None
        if event is None or not isinstance(event.data, FlowMoved):
            return None
        slots = event.data.slots.get({}) if event.data.slots is not None else {}
        return Flow(at.skill, at.step, slots, at.until)

    async def _perceive(self, member: str, talk: Talk, pending: Pending) -> None:
        """Read what is in a picture or a voice message; whoever is in danger meanwhile does not wait for it."""
        if self._chat.senses is None:
            raise AssertionError("nothing reads media here, and none is asked for")
        await self._animate(talk)
        event = talk.events[pending.sequence]
        reading = self._chat.senses(event, talk.state)
        if (found := await unless(self._overtaken(member, talk, talk.state.replied), reading)) is None:
            return
        origin = Origin(member, f"{pending.event}:read", event)
        try:
            last = await self._chat.journal.append(origin.says([found], self._chat.clock()))
        except Duplicate:  # another replica has read it too
            last = talk.known
        talk.known = max(talk.known, last)
        await self._read(member, talk, anew=True)

    async def _carried(self, member: str, talk: Talk, step: Carry, now: datetime) -> list[Envelope[Fact]]:
        """The events of a turn that staff or a timer asked for."""
        cue, event = step.cue, talk.events[step.cue.sequence]
        origin = Origin(member, cue.event, event)
        scene = await self._scene(member, talk.state, now, card=True)
        if facts := recorded(cue, talk.state, scene):
            return origin.says(facts, now)
        words = event.data.words.get("").strip() if isinstance(event.data, AlertSaid) else None
        if cue.kind == "reminder":
            composed = self._chat.skills().called(called(cue, talk.state, scene))
        else:
            composed = compose_cue(cue, words, talk.state, scene)
        where = await address_of(self._chat.journal, member)
        if composed is None or where is None:
            nothing: SkipReason = "paused" if cue.kind == "reminder" else "erased"  # the clinic has switched it off
            return turns.silence(Skip((cue,), nothing if where else "no_recipient"), origin, now)
        return turns.carry(cue, composed, talk.state, where, origin, now)

    async def _scene(self, member: str, state: State, now: datetime, *, card: bool) -> Scene:
        """A card must not wait, and names nobody."""
        wanted = state.person.has_contact and not card
        contact = await contact_of(self._chat.journal, member) if wanted else None
        return self._chat.skills().scene(Scene(now, self._chat.clinic, self._chat.watch(now), contact))

    def _origin(self, member: str, talk: Talk, step: Skip) -> Origin:
        newest = talk.events[step.pending[-1].sequence]
        return Origin(member, newest.id, newest)

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
            other = not isinstance(step, Answer | Perceive | Wait) or (
                isinstance(step, Answer) and step.danger is not None
            )
            if other or talk.state.takeover is not None or talk.state.replied != replied:
                return

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
        if self._chat.after_turn is not None:
            self._chat.after_turn(member, talk.state.person)
        _log.info("turn", kind=events[0].type, answers=len(getattr(events[0].data, "answers", ())))


def _judged_ids(state: State) -> tuple[str, ...]:
    return tuple(event for each in state.pending for event in each.ids)


def _readings(talk: Talk, step: Answer) -> dict[str, Envelope[Fact]]:
    """What was found in the pictures and voice messages of a turn, by the event of the message."""
    return {each.event: talk.events[each.read.sequence] for each in step.pending if each.read is not None}
