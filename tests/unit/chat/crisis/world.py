"""A person, their log and the decisions of the conversation, without a server: what the worker does, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from namjai.chat import turns
from namjai.chat.domain import guard
from namjai.chat.domain.compose import compose, compose_cue, finish_visit, recorded
from namjai.chat.domain.composed import Clinic, Composed, Scene
from namjai.chat.domain.decide import Answer, Carry, Rules, Skip, Wait, decide
from namjai.chat.domain.fold import fold
from namjai.chat.domain.state import State
from namjai.chat.domain.visit import Visit
from namjai.chat.people import Address
from namjai.chat.ports import Desk
from namjai.chat.skills import support
from namjai.chat.skills.skill import Skills
from namjai.chat.turns import Origin
from namjai.events import Envelope, Fact, Sealed, Stored, begin
from namjai.events.alert import AlertSaid
from namjai.events.message import MessageReceived, PostbackReceived
from namjai.events.reply import ReplyIssued
from namjai.events.risk import Category, Level, RiskAssessed
from tests.unit.chat.visits import Facts, at_once

START = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)
STEPS_MAX = 200
SKILLS = Skills([support.SKILL])


@dataclass
class World:
    """One person's part of the log, and the state folded from it."""

    clinic: Clinic = field(default_factory=lambda: Clinic("en", "TH"))
    rules: Rules = field(default_factory=Rules)
    state: State = field(default_factory=State)
    now: datetime = START
    seen: dict[str, datetime] = field(default_factory=dict)
    history: list[Stored[Fact]] = field(default_factory=list)
    model_questions: list[tuple[State, str]] = field(default_factory=list)

    def append(self, events: Sequence[Envelope[Fact]]) -> None:
        for event in events:
            assert event.id not in {stored.event.id for stored in self.history}, "said twice"
            self.history.append(Stored(len(self.history) + 1, event))
            self.state = fold(self.state, self.history[-1])

    def fact(self, fact: Fact) -> Envelope[Fact]:
        event = begin(fact, source="test", cause=str(len(self.history)), member="m1", time=self.now)
        self.append([event])
        return event

    def write(self, words: str | None) -> Envelope[Fact]:
        n = str(len(self.history))
        return self.fact(
            MessageReceived(
                kind="text" if words else "sticker",
                message_id=n,
                webhook_event_id=n,
                text=Sealed(words) if words else None,
                raw=Sealed("{}"),
                **self._from_webhook(),
            )
        )

    def press(self, data: str) -> Envelope[Fact]:
        n = str(len(self.history))
        return self.fact(PostbackReceived(webhook_event_id=n, postback=Sealed(data), **self._from_webhook()))

    def judge(self, message: str, level: Level = "none", category: Category = "suicide") -> None:
        self.fact(RiskAssessed(message=message, outcome="screened", level=level, category=category, policy="test"))

    def says(self, words: str, level: Level = "none", category: Category = "suicide") -> ReplyIssued:
        self.judge(self.write(words).id, level, category)
        return self.answer()

    def presses(self, data: str) -> ReplyIssued:
        self.judge(self.press(data).id)
        return self.answer()

    def answer(self) -> ReplyIssued:
        before = len(self.replies())
        self.run()
        assert len(self.replies()) > before, "no answer"
        return self.replies()[-1]

    def replies(self) -> list[ReplyIssued]:
        return self.of(ReplyIssued)

    def of(self, kind: type[Any]) -> list[Any]:
        return [stored.event.data for stored in self.history if isinstance(stored.event.data, kind)]

    def restart(self) -> None:
        """Another process, with a snapshot where there could be one, else from the beginning."""
        if not self.state.waiting:
            again = msgspec.json.decode(msgspec.json.encode(self.state), type=State)
        else:
            again = self.replayed()
        assert self.state == again
        self.state = again

    def replayed(self) -> State:
        state = State()
        for stored in self.history:
            state = fold(state, stored)
        return state

    def run(self) -> None:
        """Decide and append until there is nothing left to do."""
        for _ in range(STEPS_MAX):
            for each in self.state.pending:
                self.seen.setdefault(each.event, self.now)
            match decide(self.state, self.seen, self.now, self.rules):
                case None:
                    return
                case Wait(until=until):
                    assert until > self.now
                    self.now = until
                case Skip() as step:
                    self.append(turns.silence(step, self._origin(step.pending[-1].sequence), self.now))
                case Carry(cue=cue):
                    self._carry(cue.sequence)
                case Answer() as step:
                    self._answer(step)
            self.now += timedelta(milliseconds=1)
        raise AssertionError("it never ends")

    def _carry(self, sequence: int) -> None:
        origin, scene = self._origin(sequence), self._scene()
        cue = next(cue for cue in self.state.cues if cue.sequence == sequence)
        if facts := recorded(cue, self.state, scene):
            self.append(origin.says(facts, self.now))
            return
        event = self.history[sequence - 1].event
        words = event.data.words.get("") if isinstance(event.data, AlertSaid) else None
        composed, where = compose_cue(cue, words, self.state, scene), self._where()
        if composed is None or where is None:
            self.append(turns.silence(Skip((cue,), "erased" if where else "no_recipient"), origin, self.now))
            return
        self.append(turns.carry(cue, composed, self.state, where, origin, self.now))

    def _answer(self, step: Answer) -> None:
        events = [self.history[each.sequence - 1].event for each in step.pending]
        where = Address("U1", events[-1]) if events else self._where()
        if where is None:
            self.append(turns.nowhere(step, "m1", self.now))
            return
        composed = compose(step, events, self.state, self._scene())
        if isinstance(composed, Visit):
            said = at_once(SKILLS.turn(composed, Desk(records=Facts())))
            self._ask_model(replace(composed, view=replace(composed.view, consents=frozenset({"model"}))), said)
            composed = finish_visit(step, composed, said)
        if composed is None:
            skip = Skip(step.pending, "taken_over" if step.taken_over else "paused")
            self.append(turns.silence(skip, self._origin(step.pending[-1].sequence), self.now))
            return
        self.append(turns.answer(step, composed, self.state, where, "m1", self.now))

    def _ask_model(self, visit: Visit, said: Composed) -> None:
        if (question := guard.question(visit, said)) is not None:
            self.model_questions.append((self.state, question))

    def _scene(self) -> Scene:
        return Scene(self.now, self.clinic, between_languages=frozenset({"interpreter"}))

    def _where(self) -> Address | None:
        heard = [
            stored.event for stored in self.history if isinstance(stored.event.data, MessageReceived | PostbackReceived)
        ]
        return Address("U1", heard[-1]) if heard else None

    def _origin(self, sequence: int) -> Origin:
        event = self.history[sequence - 1].event
        return Origin("m1", event.id, event)

    def _from_webhook(self) -> dict[str, Any]:
        return {
            "source_kind": "user",
            "mode": "active",
            "sent_at": self.now,
            "received_at": self.now,
            "sender": Sealed("U1"),
            "reply_token": Sealed("t"),
        }
