"""Makes the events of a turn: what is said and the facts that go with it, or silence and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from namjai.chat.domain.composed import Composed
from namjai.chat.domain.decide import Answer, Skip
from namjai.chat.domain.state import Cue, State
from namjai.chat.people import Address
from namjai.events import Envelope, Fact, Sealed, derive_id
from namjai.events.alert import AlertRaised
from namjai.events.conversation import TurnSkipped
from namjai.events.mail import MailRequested
from namjai.events.member import ErasureRequested
from namjai.events.plan import PlanShared
from namjai.events.reply import ReplyIssued
from namjai.runtime.tracing import traceparent

SOURCE: Final = "chat"
TURN: Final = "chat.turn"
"""Turns derive their ids from a name of their own: a handler's facts about the same message must not look the same."""


@dataclass(frozen=True)
class Origin:
    """What a turn follows from. Ids derive from `cause`, so that the same turn is never in the log twice."""

    member: str
    cause: str
    event: Envelope[Any] | None = None

    def says(self, facts: Sequence[Fact], now: datetime) -> list[Envelope[Fact]]:
        """The facts as the events of one decision."""
        return [
            Envelope(
                id=derive_id(TURN, self.cause, n),
                source=SOURCE,
                type=fact.TYPE,
                subject=self.member,
                time=now,
                correlationid=self.event.correlationid if self.event else self.cause,
                causationid=self.cause,
                traceparent=traceparent() or (self.event.traceparent if self.event else None),
                data=fact,
            )
            for n, fact in enumerate(_linked(facts, self.cause))
        ]


def answer(
    step: Answer, said: Composed, state: State, where: Address, member: str, now: datetime
) -> list[Envelope[Fact]]:
    """The turn for messages; for danger found after the answer, its cause is the verdict and no token is left."""
    late = not step.pending
    origin = Origin(member, step.verdicts[-1].assessment if late else where.event.id, where.event)
    reply = _reply(
        said,
        state,
        where.to,
        answers=tuple(each.event for each in step.pending),
        through=max((each.sequence for each in step.pending), default=0),
        assessments=tuple(verdict.assessment for verdict in step.verdicts),
        screened=step.screened,
        level=step.danger.level if step.danger else "none",
        urgent=step.danger is not None,
        received_at=now if late else step.pending[-1].received_at,
        reply_token=None if late else _usable(where.event.data.reply_token),
    )
    facts: list[Fact] = [reply, *(_with_sender(fact, where.to) for fact in said.facts)]
    if not step.screened:
        facts.append(_overdue(member, where.event.id, reply.received_at))
    return origin.says(facts, now)


def carry(
    cue: Cue, said: Composed, state: State, where: Address, origin: Origin, now: datetime
) -> list[Envelope[Fact]]:
    """The turn for a cue. It is pushed, unless a clinician answers a message whose reply token nobody used."""
    left = state.unspent if cue.kind == "said" else None
    unspent = left if left is not None and left.event == where.event.id else None
    reply = _reply(
        said,
        state,
        where.to,
        answers=(cue.event,),
        through=cue.sequence,
        screened=True,
        received_at=unspent.received_at if unspent else now,
        reply_token=_usable(where.event.data.reply_token) if unspent else None,
    )
    return origin.says([reply, *said.facts], now)


def silence(step: Skip, origin: Origin, now: datetime) -> list[Envelope[Fact]]:
    """No answer, on record."""
    fact = TurnSkipped(
        answers=tuple(each.event for each in step.pending), through=step.pending[-1].sequence, reason=step.reason
    )
    return origin.says([fact], now)


def nowhere(step: Answer, member: str, now: datetime) -> list[Envelope[Fact]]:
    """A card that is owed to somebody whom we cannot write to."""
    fact = TurnSkipped(answers=tuple(verdict.message for verdict in step.verdicts), through=0, reason="no_recipient")
    return Origin(member, step.verdicts[-1].assessment).says([fact], now)


def _reply(said: Composed, state: State, to: str, **of_turn: Any) -> ReplyIssued:
    return ReplyIssued(
        kind=said.kind,
        skill=said.skill,
        uses=said.uses,
        responder=said.responder,
        content=said.content,
        review=said.review,
        language=said.language,
        intent=said.intent,
        stage=said.stage,
        asks=said.asks,
        previous=state.last_reply,
        messages=Sealed(list(said.messages)),
        to=Sealed(to),
        **of_turn,
    )


def _usable(token: Sealed[str] | None) -> Sealed[str] | None:
    return token if token is not None and not token.is_erased else None


def _linked(facts: Sequence[Fact], cause: str) -> list[Fact]:
    """What was shared by e-mail names that e-mail; its id is known only here, where ids are derived."""
    mails = [derive_id(TURN, cause, n) for n, fact in enumerate(facts) if isinstance(fact, MailRequested)]
    return [PlanShared(mail=mails[-1]) if isinstance(fact, PlanShared) and mails else fact for fact in facts]


def _with_sender(fact: Fact, to: str) -> Fact:
    return ErasureRequested(sender=Sealed(to)) if isinstance(fact, ErasureRequested) and to else fact


def _overdue(member: str, message: str, received_at: datetime) -> AlertRaised:
    """Risk could not be waited for (G3), so chat says it: nobody knows how this person is, and a human must look."""
    return AlertRaised(
        level="high",
        category="other",
        merge_key=f"{member}:unscreened",
        message=message,
        reason="unscreened",
        received_at=received_at,
    )
