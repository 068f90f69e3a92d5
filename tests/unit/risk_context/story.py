"""Writes a person's past for tests: each line is one event, so many hours before now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from namjai.events import Envelope, Fact, Sealed, Stored, begin
from namjai.events.alert import AlertCorrected, AlertMerged, AlertRaised, AlertReopened, AlertResolved
from namjai.events.checkin import CheckInRecorded
from namjai.events.instrument import InstrumentAnswered
from namjai.events.media import MediaTranscribed
from namjai.events.message import MessageReceived
from namjai.events.risk import Finding, RiskAssessed, RiskReassessed
from namjai.risk.domain.context import Context, Watch, context

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MEMBER = "m1"
WATCH = Watch()
_n = count()


def at(age_h: float, fact: Fact, event: str | None = None, sequence: int | None = None) -> Stored[Fact]:
    """A fact as it stands in the log. Sequences follow age unless said otherwise."""
    time = NOW - timedelta(hours=age_h)
    envelope = begin(fact, source="test", cause=event or f"c{next(_n)}", member=MEMBER, time=time)
    if event is not None:
        envelope = Envelope(**{**{f: getattr(envelope, f) for f in envelope.__struct_fields__}, "id": event})
    return Stored(sequence if sequence is not None else 1_000_000 - round(age_h * 1_000), envelope)


def judged(age_h: float, level: Any, message: str = "", *, raised_from: Any = None, **more: Any) -> Stored[Fact]:
    """A verdict; `raised_from` is the level of its finding where history raised it."""
    message = message or f"message-{next(_n)}"
    more.setdefault("category", "suicide")
    finding = Finding(
        rule="r", level=raised_from or level, category=more["category"], subject="self", start=0, end=1, readings=()
    )
    fact = RiskAssessed(
        message=message,
        outcome="screened",
        level=level,
        policy="test",
        findings=(finding,),
        raised_by=("recent_high_72h",) if raised_from else (),
        **more,
    )
    return at(age_h, fact, f"verdict-of-{message}")


def second_look(age_h: float, message: str, level: Any, *, was: Any = "none", **more: Any) -> Stored[Fact]:
    more.setdefault("category", "suicide")
    fact = RiskReassessed(
        message=message, assessment=f"verdict-of-{message}", was=was, level=level, by="model", confidence=0.9, **more
    )
    return at(age_h, fact)


def alerted(age_h: float, level: Any, message: str, *, alert: str = "", **more: Any) -> Stored[Fact]:
    more.setdefault("category", "suicide")
    fact = AlertRaised(level=level, merge_key=f"{MEMBER}:suicide", message=message, **more)
    return at(age_h, fact, alert or f"alert-of-{message}")


def merged(age_h: float, message: str, into: str) -> Stored[Fact]:
    return at(age_h, AlertMerged(alert=f"alert-of-{message}", into=f"alert-of-{into}"))


def corrected(age_h: float, message: str, level: Any, *, was: Any = "high") -> Stored[Fact]:
    fact = AlertCorrected(
        alert=f"alert-of-{message}", by="dr", message=message, level=level, category="suicide", was=was, via="cli"
    )
    return at(age_h, fact)


def resolved(age_h: float, message: str, disposition: Any = "false_alarm", *, alert: str = "") -> Stored[Fact]:
    fact = AlertResolved(alert=alert or f"alert-of-{message}", by="dr", disposition=disposition, via="cli")
    return at(age_h, fact)


def reopened(age_h: float, message: str) -> Stored[Fact]:
    return at(age_h, AlertReopened(alert=f"alert-of-{message}", by="dr", via="cli"))


def answered(age_h: float, value: int = 1, *, about_death: bool = True) -> Stored[Fact]:
    return at(age_h, InstrumentAnswered(instrument="phq-9", version="1", item=9, value=value, about_death=about_death))


def checked_in(age_h: float, **ruler: Any) -> Stored[Fact]:
    return at(age_h, CheckInRecorded(**ruler))


def wrote(age_h: float, message: str) -> Stored[Fact]:
    time = NOW - timedelta(hours=age_h)
    fact = MessageReceived(
        kind="text",
        message_id=message,
        webhook_event_id=message,
        source_kind="user",
        mode="active",
        sent_at=time,
        received_at=time,
        raw=Sealed("{}"),
    )
    return at(age_h, fact, message)


def heard(age_h: float, voice: Stored[Fact], words: str) -> Stored[Fact]:
    """What was said in a voice message, known so many hours before now."""
    fact = MediaTranscribed(
        message=voice.event.id, message_id="v", kind="audio", text=Sealed(words), received_at=voice.event.time
    )
    return at(age_h, fact, f"heard-in-{voice.event.id}")


def past(*events: Stored[Fact] | Sequence[Stored[Fact]]) -> Context:
    """What these events amount to now."""
    flat = [each for event in events for each in ([event] if isinstance(event, Stored) else event)]
    return context(flat, NOW, WATCH)
