"""Everything that helps a clinician to judge an alert before opening the conversation, opened for this one look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from namjai.events import Envelope, Fact, Sealed, Stored, subjects
from namjai.events.alert import AlertSilenced, AlertUnsilenced
from namjai.events.checkin import CheckInRecorded
from namjai.events.instrument import InstrumentAnswered
from namjai.events.media import MediaTranscribed
from namjai.events.member import ContactNamed, MemberConsented
from namjai.events.message import MessageReceived
from namjai.events.reply import ReplyIssued
from namjai.events.risk import RiskAssessed
from namjai.notify.domain.inbox import Alert
from namjai.notify.domain.view import view
from namjai.notify.inbox_words import Contact, Dossier, Evidence, Line, Step, Verdict
from namjai.notify.room import Room
from namjai.runtime.log import Log

REACH: Final = timedelta(days=7)
LAST_MAX: Final = 20
_BEGINNING: Final = datetime(2020, 1, 1, tzinfo=UTC)


def _none(event: Envelope[Any]) -> bool:
    return False


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
        messages = [
            message
            for kind in (MessageReceived, MediaTranscribed)
            for message in await self._recent(kind, member, since, lambda event: event.id == alert.message)
        ]
        replies = await self._recent(ReplyIssued, member, since)
        verdicts = await self._recent(RiskAssessed, member, since, lambda event: _judges(event, alert.message))
        told = [each for each in await self._alert_facts(member, alert.raised_at) if _about(each.event, alert)]
        verdict = next((v for v in verdicts if v.event.data.message == alert.message), None)
        spoken = next((m for m in messages if m.event.id == alert.message), None)
        return Dossier(
            alert=view(alert, inbox, self._room.roster.rules(), now),
            assessment=verdict.event.id if verdict else None,
            message=_heard(spoken) if spoken else None,
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

    async def _recent(
        self, kind: type[Fact], member: str, since: datetime, keep: Callable[[Envelope[Any]], bool] = _none
    ) -> list[Stored[Any]]:
        """The newest, and however many came after it, the one that is to be kept."""
        found = await self._log.recent(subjects.event(kind.TYPE, member), since)
        kept = [each for each in found[:-LAST_MAX] if keep(each.event)][-1:]
        newest = [*kept, *found[-LAST_MAX:]]
        return [Stored(each.sequence, await self._room.journal.open(each.event)) for each in newest]

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
            start=finding.start,
            end=finding.end,
            words=words[finding.start : finding.end] if words is not None else None,
            readings=finding.readings,
        )
        for finding in verdict.event.data.findings
    ]


def _conversation(messages: Sequence[Stored[Any]], replies: Sequence[Stored[Any]]) -> list[Line]:
    said = [_heard(each) for each in messages]
    answered = [
        Line(at=each.event.time, from_person=False, text=_spoken(each.event.data.messages), event=each.event.id)
        for each in replies
    ]
    return sorted([*said, *answered], key=lambda line: line.at)[-LAST_MAX:]


def _heard(message: Stored[Any]) -> Line:
    """What was said, and where it was not typed, in what it was heard or seen."""
    fact = message.event.data
    text = _words(message) if fact.text is not None else f"({fact.kind})"
    if isinstance(fact, MediaTranscribed) and text is not None:
        text = f"({fact.kind}) {text}"
    return Line(at=message.event.time, from_person=True, text=text, event=message.event.id)


def _spoken(messages: Sealed[list[dict[str, Any]]]) -> str | None:
    bubbles = messages.get(None)
    if bubbles is None:
        return None
    return "\n".join(str(bubble.get("text") or bubble.get("altText") or f"({bubble['type']})") for bubble in bubbles)


def _verdict(event: Envelope[Any]) -> Verdict:
    fact = event.data
    level = fact.level if fact.outcome == "screened" else fact.outcome
    return Verdict(at=event.time, message=fact.message, level=level, category=fact.category, policy=fact.policy)


def _judges(event: Envelope[Any], message: str) -> bool:
    return bool(event.data.message == message)


def _about(event: Envelope[Any], alert: Alert) -> bool:
    fact = event.data
    if isinstance(fact, AlertSilenced | AlertUnsilenced):
        return fact.merge_key == alert.merge_key
    return event.id == alert.id or alert.id in (getattr(fact, "alert", None), getattr(fact, "into", None))


_SHOWN: Final = (
    *("level", "reason", "cause", "policy", "run", "step", "staff", "channel", "targets", "reached", "fallback"),
    *("to", "how", "disposition", "was", "category", "number", "outcome", "basis", "until", "late_s", "waited_s"),
)


def _step(event: Envelope[Any]) -> Step:
    fact = event.data
    shown = {name: getattr(fact, name, None) for name in _SHOWN}
    details = [
        f"{name}={_short(value)}"
        for name, value in shown.items()
        if value not in (None, "", ()) and not isinstance(value, Sealed)
    ]
    sealed = [getattr(fact, name, None) for name in ("note", "words", "reason")]
    note = next((_open(each) for each in sealed if isinstance(each, Sealed)), None)
    return Step(
        at=event.time,
        what=event.type.split(".")[1],
        who=getattr(fact, "by", None),
        via=getattr(fact, "via", None),
        detail=" ".join([*details, *([f"“{note}”"] if note else [])]),
    )


def _short(value: Any) -> str:
    """As a person reads it."""
    match value:
        case float():
            return f"{value:.1f}"
        case datetime():
            return value.isoformat(timespec="minutes")
        case tuple():
            return ",".join(map(str, value))
    return str(value)


def _plain(stored: Stored[Any]) -> dict[str, Any]:
    return {"at": stored.event.time, **msgspec.structs.asdict(stored.event.data)}
