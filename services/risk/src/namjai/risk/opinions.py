"""A second look at messages by a model, for people who agreed to it; never before the first verdict, never instead."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from namjai.events import Envelope, Fact
from namjai.events.alert import AlertRaised
from namjai.events.media import MediaTranscribed
from namjai.events.member import MemberConsented, MemberErased
from namjai.events.message import MessageReceived
from namjai.events.risk import RiskAssessed, RiskReassessed
from namjai.risk.domain.model import Level
from namjai.risk.domain.opinion import Opinion, raised_to
from namjai.risk.domain.words import is_gone, said
from namjai.risk.ports import OpinionUnavailable, SecondLooks
from namjai.runtime.consumer import Handlers
from namjai.runtime.delivery import this_delivery
from namjai.runtime.errors import Retry

SOURCE: Final = "risk-opinion"
PURPOSE: Final = "model"
"""The consent that a person gives, or withdraws, for their words to be read by a model."""
EVER: Final = datetime(2020, 1, 1, tzinfo=UTC)
SKEW: Final = timedelta(seconds=5)
"""How far the clocks of two services may be apart."""
LOOKS_FOR_VERDICT: Final = 20
LOOK_EVERY_S: Final = 0.05


Judged = MessageReceived | MediaTranscribed


async def on_words(event: Envelope[Judged], second: SecondLooks) -> Sequence[Fact]:
    """Ask a model and raise the first verdict if it found more. Whatever goes wrong costs nobody anything."""
    outcome, facts = await _look_again(event, second)
    second.outcomes.labels(outcome).inc()
    return facts


async def _look_again(event: Envelope[Judged], second: SecondLooks) -> tuple[str, Sequence[Fact]]:
    if is_gone(event.data) or second.clock() - event.time > second.age_max:
        return "skipped", []
    words = said(event.data)
    if not words.strip():
        return "no_text", []
    if not await _agreed(event.subject, second):
        return "no_consent", []
    verdict_id, first = await _first_verdict(event, second)
    if first.outcome != "screened" or first.level == "crisis":
        return "not_needed", []
    try:
        opinion = await second.model.opinion(words)
    except OpinionUnavailable as failure:
        return failure.reason, []
    if (level := raised_to(first, opinion, second.confidence_min)) is None:
        return "agreed", []
    return "raised", _raised(event, verdict_id, first, opinion, level, second.by)


async def _agreed(member: str, second: SecondLooks) -> bool:
    """The person's last word on this purpose; silence is no."""
    agreed = False
    for each in await second.records.since(member, (MemberConsented, MemberErased), EVER):
        match each.event.data:
            case MemberErased():
                return False
            case MemberConsented(purpose=purpose, granted=granted) if purpose == PURPOSE:
                agreed = granted
    return agreed


async def _first_verdict(event: Envelope[Judged], second: SecondLooks) -> tuple[str, RiskAssessed]:
    """The verdict that is there within milliseconds; where the service is behind, wait for it longer and longer."""
    for _ in range(LOOKS_FOR_VERDICT):
        for each in await second.records.since(event.subject, (RiskAssessed,), event.time - SKEW):
            if isinstance(each.event.data, RiskAssessed) and each.event.data.message == event.id:
                return each.event.id, each.event.data
        await asyncio.sleep(LOOK_EVERY_S)
    raise Retry("no first verdict yet", 2.0 ** this_delivery().attempt)


def _raised(
    event: Envelope[Judged], verdict: str, first: RiskAssessed, opinion: Opinion, level: Level, by: str
) -> Sequence[Fact]:
    again = RiskReassessed(
        message=event.id,
        assessment=verdict,
        was=first.level,
        level=level.value,
        category=opinion.category,
        subject=opinion.subject,
        by=by,
        confidence=opinion.confidence,
    )
    if level < Level.MEDIUM:
        return [again]
    alert = AlertRaised(
        level=level.value,
        category=opinion.category,
        merge_key=f"{event.subject}:{opinion.category}",
        message=event.id,
        reason="reassessed",
        received_at=event.data.received_at,
    )
    return [again, alert]


HANDLERS: Handlers[SecondLooks] = {MessageReceived: on_words, MediaTranscribed: on_words}
