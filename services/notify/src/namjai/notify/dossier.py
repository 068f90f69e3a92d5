"""Everything that helps a clinician to judge an alert before opening the conversation, opened for this one look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from namjai.events import Envelope, Fact, Sealed, Stored, subjects
from namjai.events.checkin import CheckInRecorded
from namjai.events.instrument import InstrumentAnswered
from namjai.events.member import ContactNamed, MemberConsented
from namjai.events.message import MessageReceived
from namjai.events.reply import ReplyIssued
from namjai.events.risk import RiskAssessed
from namjai.notify.domain.view import AlertView, view
from namjai.notify.room import Room
from namjai.runtime.log import Log

REACH: Final = timedelta(days=7)
LAST_MAX: Final = 20
_BEGINNING: Final = datetime(2020, 1, 1, tzinfo=UTC)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the alert's own history."""

    at: datetime
    what: str
    who: str | None
    via: str | None
    detail: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the conversation; None where it cannot be read any more."""

    at: datetime
    from_person: bool
    text: str | None
    event: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict of the last days."""

    at: datetime
    message: str
    level: str
    category: str
    policy: str


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Why the screener spoke: the words, which rule, and how they were read."""

    rule: str
    level: str
    category: str
    words: str | None
    readings: Sequence[str]


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the person named, and whether they may be told."""

    name: str | None
    telephone: str | None
    email: str | None
    consent: bool


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """An alert with what was said and found."""

    alert: AlertView
    assessment: str | None
    """Id of the verdict, for `api.risk.explain`."""
    evidence: Sequence[Evidence]
    history: Sequence[Step]
    conversation: Sequence[Line]
    trend: Sequence[Verdict]
    instruments: Sequence[Mapping[str, Any]]
    checkins: Sequence[Mapping[str, Any]]
    contact: Contact | None


class Dossiers:
    """Made anew at each look from the log; nothing of it is kept."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def of(self, member: str, name: str) -> Dossier:
        """The dossier of one alert. Raises `LogUnavailable` or `KeysUnavailable`."""
        now = self._room.clock()
        inbox = self._room.board.inbox(member)
        alert = inbox.alerts[name]
        since = min(alert.received_at, now) - REACH
        messages = await self._recent(MessageReceived, member, since)
        replies = await self._recent(ReplyIssued, member, since)
        verdicts = await self._recent(RiskAssessed, member, since)
        told = [each for each in await self._alert_facts(member, alert.raised_at) if _about(each.event, name)]
        verdict = next((v for v in verdicts if v.event.data.message == alert.message), None)
        spoken = next((m for m in messages if m.event.id == alert.message), None)
        return Dossier(
            alert=view(alert, inbox, self._room.roster.rules(), now),
            assessment=verdict.event.id if verdict else None,
            evidence=_evidence(verdict, _words(spoken)),
            history=[_step(each.event) for each in told],
            conversation=_conversation(messages, replies),
            trend=[_verdict(each.event) for each in verdicts[-LAST_MAX:]],
            instruments=[_plain(each) for each in await self._recent(InstrumentAnswered, member, since)][-LAST_MAX:],
            checkins=[_plain(each) for each in await self._recent(CheckInRecorded, member, since)][-LAST_MAX:],
            contact=await self._contact(member),
        )

    @property
    def _log(self) -> Log:
        return self._room.journal.log

    async def _recent(self, kind: type[Fact], member: str, since: datetime) -> list[Stored[Any]]:
        found = await self._log.recent(subjects.event(kind.TYPE, member), since)
        return [Stored(each.sequence, await self._room.journal.open(each.event)) for each in found[-LAST_MAX:]]

    async def _alert_facts(self, member: str, since: datetime) -> list[Stored[Any]]:
        found = await self._log.recent(subjects.area("alert", member), since - timedelta(minutes=1))
        return [Stored(each.sequence, await self._room.journal.open(each.event)) for each in found]

    async def _contact(self, member: str) -> Contact | None:
        named = await self._log.last([subjects.event(ContactNamed.TYPE, member)])
        if not named:
            return None
        fact: Any = (await self._room.journal.open(named[-1].event)).data
        consents = await self._log.recent(subjects.event(MemberConsented.TYPE, member), _BEGINNING)
        chosen = [e.event.data for e in consents if isinstance(e.event.data, MemberConsented)]
        granted = [fact.granted for fact in chosen if fact.purpose == "contact"]
        return Contact(
            name=_open(fact.name),
            telephone=_open(fact.telephone),
            email=_open(fact.email),
            consent=bool(granted and granted[-1]),
        )


def _open(sealed: Sealed[str] | None) -> str | None:
    return sealed.get(None) if sealed is not None else None


def _words(message: Stored[Any] | None) -> str | None:
    return _open(message.event.data.text) if message is not None else None


def _evidence(verdict: Stored[Any] | None, words: str | None) -> list[Evidence]:
    if verdict is None:
        return []
    return [
        Evidence(
            rule=finding.rule,
            level=finding.level,
            category=finding.category,
            words=words[finding.start : finding.end] if words is not None else None,
            readings=finding.readings,
        )
        for finding in verdict.event.data.findings
    ]


def _conversation(messages: Sequence[Stored[Any]], replies: Sequence[Stored[Any]]) -> list[Line]:
    said = [
        Line(
            at=each.event.time,
            from_person=True,
            text=_words(each) if each.event.data.text is not None else f"({each.event.data.kind})",
            event=each.event.id,
        )
        for each in messages
    ]
    answered = [
        Line(at=each.event.time, from_person=False, text=_spoken(each.event.data.messages), event=each.event.id)
        for each in replies
    ]
    return sorted([*said, *answered], key=lambda line: line.at)[-LAST_MAX:]


def _spoken(messages: Sealed[list[dict[str, Any]]]) -> str | None:
    bubbles = messages.get(None)
    if bubbles is None:
        return None
    return "\n".join(str(bubble.get("text") or bubble.get("altText") or f"({bubble['type']})") for bubble in bubbles)


def _verdict(event: Envelope[Any]) -> Verdict:
    fact = event.data
    level = fact.level if fact.outcome == "screened" else fact.outcome
    return Verdict(at=event.time, message=fact.message, level=level, category=fact.category, policy=fact.policy)


def _about(event: Envelope[Any], alert: str) -> bool:
    return event.id == alert or alert in (getattr(event.data, "alert", None), getattr(event.data, "into", None))


_SHOWN: Final = (
    *("level", "reason", "cause", "policy", "run", "step", "staff", "channel", "targets", "reached", "fallback"),
    *("to", "how", "disposition", "was", "category", "number", "outcome", "basis", "until", "late_s", "waited_s"),
)


def _step(event: Envelope[Any]) -> Step:
    fact = event.data
    details = [f"{name}={getattr(fact, name)}" for name in _SHOWN if getattr(fact, name, None) not in (None, "", ())]
    note = _open(getattr(fact, "note", None)) or _open(getattr(fact, "words", None))
    return Step(
        at=event.time,
        what=event.type.split(".")[1],
        who=getattr(fact, "by", None),
        via=getattr(fact, "via", None),
        detail=" ".join([*details, *([f"“{note}”"] if note else [])]),
    )


def _plain(stored: Stored[Any]) -> dict[str, Any]:
    return {"at": stored.event.time, **msgspec.structs.asdict(stored.event.data)}
