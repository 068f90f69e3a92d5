"""Message in, verdict out; and an alert when somebody must look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from namjai.events import Envelope, Fact
from namjai.events.alert import AlertRaised
from namjai.events.checkin import CheckInRecorded
from namjai.events.instrument import InstrumentAnswered
from namjai.events.media import MediaTranscribed, MediaUnread
from namjai.events.message import MessageEdited, MessageReceived, PostbackReceived
from namjai.events.risk import Finding, RiskAssessed
from namjai.risk.domain import model
from namjai.risk.domain.answers import judge_answer, judge_checkin
from namjai.risk.domain.assess import alarm, assess, in_context
from namjai.risk.domain.context import WORST
from namjai.risk.domain.policy import Policy
from namjai.risk.domain.words import Worded, is_gone, said
from namjai.risk.ports import Risk
from namjai.runtime.consumer import Handlers
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.logs import get_logger

NOWHERE: Final = model.Span(0, 0)
HISTORY_TRIES: Final = 3
"""When the past cannot be read so often, what the message says by itself must do: nobody waits longer than that."""

_log = get_logger(__name__)


async def on_words(event: Envelope[Worded], risk: Risk) -> Sequence[Fact]:
    """Judge a message and say what we found; what cannot be judged is for a human, never fine (G2).

    What was heard in a voice or seen in a picture is judged when it is known, as words of their own.
    """
    if is_gone(event.data):
        return []  # its words are gone for ever, and with them the person's wish to be known to us
    policy = risk.policy()
    try:
        words = said(event.data)
        assessment = _judge(words, policy, risk)
    except Exception:  # whatever it is, the person is not fine until somebody has looked
        _log.exception("screening_failed", kind=event.data.kind)
        return [_unjudged(event, policy, "failed"), _alert_unscreened(event)]
    if not words.strip():
        return [_unjudged(event, policy, "no_text")]
    assessment = await _in_context(event, assessment, risk)
    return [_assessed(event, assessment), *_alerts(event, assessment, event.data.received_at)]


async def on_media_unread(event: Envelope[MediaUnread], risk: Risk) -> Sequence[Fact]:
    """A voice that nobody has heard may say anything, so it goes to the inbox (G2); of a picture, words are a guess."""
    if event.data.kind != "audio" or event.data.reason == "unsent":
        return []
    return [
        AlertRaised(
            level="medium",
            category="other",
            merge_key=f"{event.subject}:unheard",
            message=event.data.message,
            reason="unscreened",
            received_at=event.time,
        )
    ]


async def on_postback(event: Envelope[PostbackReceived], risk: Risk) -> Sequence[Fact]:
    """A button carries our own words; the verdict says that there was nothing of theirs to judge."""
    return [_unjudged(event, risk.policy(), "no_text")]


async def on_instrument_answered(event: Envelope[InstrumentAnswered], risk: Risk) -> Sequence[Fact]:
    """An answer about death is judged at once, whether or not the questionnaire is ever finished."""
    if (alone := judge_answer(event.data)) is None:
        return []
    found = await _in_context(event, alone, risk)
    return [_assessed(event, found), *_alerts(event, found, event.time)]


async def on_checkin_recorded(event: Envelope[CheckInRecorded], risk: Risk) -> Sequence[Fact]:
    """A verdict only where the rulers mean something; it calls nobody."""
    if judge_checkin(event.data, WORST) is None:
        return []
    found = judge_checkin(event.data, await risk.history.context(event.subject, risk.clock()))
    return [_assessed(event, found)] if found else []


def _judge(words: str, policy: Policy, risk: Risk) -> model.Assessment:
    """The rules and the learned model; where the model breaks, what the rules find must not be lost with it."""
    if risk.classifier is not None:
        try:
            return assess(words, (), policy, risk.classifier)
        except Exception:
            _log.exception("judged_without_model")
    return assess(words, (), policy)


async def _in_context(event: Envelope[Fact], alone: model.Assessment, risk: Risk) -> model.Assessment:
    """The past is read only where it can change something: not for ordinary messages, not for explicit danger."""
    if in_context(alone, WORST) is alone:
        return alone
    try:
        return in_context(alone, await risk.history.context(event.subject, risk.clock()))
    except LogUnavailable:
        if risk.attempt() < HISTORY_TRIES:
            raise
        _log.warning("judged_without_history", reason="unavailable")
    except Exception:  # a person's odd past must not cost them the verdict on what they say now
        _log.exception("judged_without_history")
    return alone


def _assessed(event: Envelope[Fact], found: model.Assessment) -> RiskAssessed:
    return RiskAssessed(
        message=event.id,
        outcome="screened",
        level=found.level.value,
        category=found.category,
        subject=found.subject,
        cssrs_item=found.cssrs_item,
        policy=found.policy,
        findings=tuple(_explained(finding) for finding in found.findings),
        raised_by=found.raised_by,
    )


def _explained(finding: model.Finding) -> Finding:
    first = finding.spans[0] if finding.spans else NOWHERE  # a number on a ruler has no place in a text
    readings = (finding.polarity, finding.tense, finding.frame, *finding.changes)
    return Finding(
        rule=finding.rule,
        level=finding.level.value,
        category=finding.category,
        subject=finding.subject,
        start=first.start,
        end=first.end,
        cssrs_item=finding.cssrs_item,
        readings=readings,
        confidence=finding.confidence,
    )


def _alerts(event: Envelope[Fact], found: model.Assessment, received_at: datetime) -> Sequence[AlertRaised]:
    if (due := alarm(found)) is None:
        return []
    return [
        AlertRaised(
            level=due.level.value,
            category=due.category,
            merge_key=f"{event.subject}:{due.merge_key}",
            message=event.id,
            received_at=received_at,
        )
    ]


def _unjudged(event: Envelope[Fact], policy: Policy, outcome: Literal["no_text", "failed"]) -> RiskAssessed:
    return RiskAssessed(
        message=event.id,
        outcome=outcome,
        level="none",
        policy=policy.version,
    )


def _alert_unscreened(event: Envelope[Worded]) -> AlertRaised:
    return AlertRaised(
        level="high",
        category="other",
        merge_key=f"{event.subject}:unscreened",
        message=event.id,
        reason="unscreened",
        received_at=event.data.received_at,
    )


HANDLERS: Handlers[Risk] = {
    MessageReceived: on_words,
    MessageEdited: on_words,
    MediaTranscribed: on_words,
    MediaUnread: on_media_unread,
    PostbackReceived: on_postback,
    InstrumentAnswered: on_instrument_answered,
    CheckInRecorded: on_checkin_recorded,
}
