"""Delivers a turn: waits for the turn before, asks `domain/deliver.py` for each next step, and takes it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from datetime import timedelta
from time import monotonic
from typing import Final

from namjai.events import Fact
from namjai.events.delivery import DeliveryFailed, DeliverySent
from namjai.events.envelope import NAMESPACE
from namjai.notify.desk import Work
from namjai.notify.domain.deliver import Case, Done, GiveUp, Later, Push, Reply, Try, Via, decide
from namjai.notify.domain.outcome import Outcome, TokenInvalid
from namjai.notify.domain.split import Message, calls, plainly
from namjai.notify.ports import Notify, ReplyEvent
from namjai.runtime.delivery import this_delivery
from namjai.runtime.errors import Retry
from namjai.runtime.logs import get_logger

HOLD_S: Final = 20.0
"""A handler waits so long in place; after that the event goes back to the log until it is time."""
SEEN_BEFORE_S: Final = 30.0
"""A turn older than this may have been delivered in an earlier life of the log, so the log is asked."""
RESENT: Final = "again."
OVERTAKEN: Final = timedelta(minutes=10)
"""A turn that an urgent one overtook is not the newest on record; it is looked for so far back."""
RECORD_WAIT_S: Final = 1.0
RECORD_POLL_S: Final = 0.1
CLOCKS_APART: Final = timedelta(minutes=5)

_log = get_logger(__name__)


class _SentByAnother(Exception):
    """Another process sent this turn, and has said so in the log."""


async def deliver(event: ReplyEvent, notify: Notify) -> Sequence[Fact]:
    """Send one turn, in its order, and say what became of it."""
    delivery = this_delivery()
    resent = delivery.msg.subject.startswith(RESENT)
    work = notify.desk.take(event.id, delivery.attempt, resent=resent)
    async with work.busy:
        if work.facts is not None:
            return work.facts
        # Old ones come again when the log was restored, and with it every consumer began anew.
        again = work.former or _age_s(event, notify) > SEEN_BEFORE_S
        if again and await notify.story.is_settled(event.subject, event.id, event.time - CLOCKS_APART):
            return notify.desk.finish(event.id, work, [])
        if event.data.to.is_erased or event.data.messages.is_erased:
            return notify.desk.finish(event.id, work, [DeliveryFailed(reply=event.id, reason="erased")])
        await _wait_for_turn(event, notify)
        try:
            return notify.desk.finish(event.id, work, await _deliver(event, work, notify))
        except _SentByAnother:
            return notify.desk.finish(event.id, work, [])


async def _wait_for_turn(event: ReplyEvent, notify: Notify) -> None:
    previous = event.data.previous
    if event.data.urgent or previous is None:
        return

    async def settled() -> bool:
        newest = await notify.story.last_settled(event.subject)
        return previous in newest or await notify.story.is_settled(event.subject, previous, event.time - OVERTAKEN)

    if not await notify.desk.after(previous, settled):
        raise Retry("the turn before is not out yet", 1.0)


async def _deliver(event: ReplyEvent, work: Work, notify: Notify) -> Sequence[Fact]:
    """Part by part: the first on the reply token, what does not fit in it as pushes after it."""
    parts = calls(event.data.messages.value)
    sent = 0
    ends: list[Done] = []
    for n, part in enumerate(parts):
        end = await _deliver_part(event, n, part, work, notify)
        if isinstance(end, GiveUp):
            return _said(event, work, notify, sent, ends, end)
        ends.append(end)
        sent += len(part)
    return _said(event, work, notify, sent, ends, None if parts else GiveUp("empty"))


async def _deliver_part(event: ReplyEvent, n: int, part: list[Message], work: Work, notify: Notify) -> Done | GiveUp:
    tries = work.tries.setdefault(n, [])
    until = monotonic() + HOLD_S
    while True:
        case = Case(
            age_s=_age_s(event, notify),
            token=n == 0 and _token(event) is not None,
            urgent=event.data.urgent,
            former=work.former,
            may_push=notify.may_push(),
            tries=tries,
            spread=0.5 + uuid.UUID(event.id).int % 1_000 / 2_000,
        )
        match decide(case):
            case Reply(plain=plain):
                tries.append(await _call("reply", plain, event, n, part, notify))
                if _was_used(case, tries[-1]) and await _is_on_record(event, notify):
                    raise _SentByAnother
            case Push(plain=plain):
                tries.append(await _call("push", plain, event, n, part, notify))
            case Later(after_s=after_s) if monotonic() + after_s > until:
                raise Retry("line does not take it now", after_s)
            case Later(after_s=after_s):
                await asyncio.sleep(after_s)
            case end:
                return end


def _was_used(case: Case, last: Try) -> bool:
    """Whether LINE refuses a token that we know nothing of, so that only another process can have used it.

    The log may hand a turn over as if for the first time though another replica had it: a server of the log that is
    killed takes along which deliveries it had made.
    """
    return isinstance(last.outcome, TokenInvalid) and not case.former and not case.tries[:-1]


async def _is_on_record(event: ReplyEvent, notify: Notify) -> bool:
    """Whether a delivery of this turn is in the log by now; whoever made it may be just about to say so."""
    until = monotonic() + RECORD_WAIT_S
    while not await notify.story.is_settled(event.subject, event.id, event.time - CLOCKS_APART):
        if monotonic() >= until:
            return False
        await asyncio.sleep(RECORD_POLL_S)
    return True


async def _call(via: Via, plain: bool, event: ReplyEvent, n: int, part: list[Message], notify: Notify) -> Try:
    began = _age_s(event, notify)
    messages = plainly(part) if plain else part
    urgent = event.data.urgent
    token = _token(event)
    outcome: Outcome
    if via == "reply" and token is not None:
        outcome = await notify.line.reply(token, messages, urgent=urgent)
    else:
        outcome = await notify.line.push(
            event.data.to.value, messages, retry_key(event.id, n, plain=plain), urgent=urgent
        )
    notify.observed(outcome)
    return Try(via, outcome, began, _age_s(event, notify), plain)


def retry_key(reply: str, part: int, *, plain: bool) -> str:
    """The same for the same words to the same person, whichever process sends them, and for nothing else."""
    return str(uuid.uuid5(NAMESPACE, f"push|{reply}|{part}|{'plain' if plain else 'whole'}"))


def _said(
    event: ReplyEvent, work: Work, notify: Notify, sent: int, ends: Sequence[Done], failed: GiveUp | None
) -> Sequence[Fact]:
    tried = [each for part in work.tries.values() for each in part]
    request_id = next((each.outcome.request_id for each in reversed(tried) if each.outcome.request_id), None)
    facts: list[Fact] = []
    if ends:
        presumed, twice = any(end.presumed for end in ends), any(end.perhaps_twice for end in ends)
        latency_s = _age_s(event, notify)
        facts.append(
            DeliverySent(
                reply=event.id,
                via=ends[0].via,
                messages=sent,
                calls=len(tried),
                presumed=presumed,
                perhaps_twice=twice,
                request_id=request_id,
                latency_ms=round(latency_s * 1000),
            )
        )
        notify.meters.reply_seconds.labels(notify.meters.reply_kind(event.data.kind)).observe(latency_s)
        outcome = "presumed" if presumed else "perhaps_twice" if twice else "sent"
        notify.meters.deliveries.labels(ends[0].via, outcome).inc()
        if presumed or twice:
            _log.warning("delivery_in_doubt", reply=event.id, outcome=outcome, calls=len(tried))
    if failed is not None:
        facts.append(DeliveryFailed(reply=event.id, reason=failed.reason, status=failed.status, request_id=request_id))
        notify.meters.deliveries.labels("none", failed.reason).inc()
        tell = _log.error if event.data.urgent else _log.warning
        tell("delivery_failed", reply=event.id, reason=failed.reason, urgent=event.data.urgent, parts_sent=len(ends))
    return facts


def _token(event: ReplyEvent) -> str | None:
    return event.data.reply_token.get(None) if event.data.reply_token is not None else None


def _age_s(event: ReplyEvent, notify: Notify) -> float:
    return max(0.0, (notify.clock() - event.data.received_at).total_seconds())
