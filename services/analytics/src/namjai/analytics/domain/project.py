"""From events to what they change in the read models. No event's personal fields are looked at, so no key is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Final, NamedTuple

import msgspec

from namjai.analytics.domain.change import Change, Consent, Entry, Removed, Verdict
from namjai.analytics.domain.latency import bound_ms
from namjai.events import Fact, Stored
from namjai.events.alert import (
    AlertAcknowledged,
    AlertClaimed,
    AlertContacted,
    AlertContactTold,
    AlertCorrected,
    AlertEscalated,
    AlertEscalationFailed,
    AlertExhausted,
    AlertFollowUpDue,
    AlertFollowUpEnded,
    AlertHandedBack,
    AlertHandedOver,
    AlertMerged,
    AlertNoted,
    AlertNotified,
    AlertNotifyFailed,
    AlertRaised,
    AlertReopened,
    AlertResolved,
    AlertSaid,
    AlertSilenced,
    AlertTakenOver,
    AlertTriggered,
    AlertUnacknowledged,
    AlertUnsilenced,
    AlertViewed,
    AlertWiped,
)
from namjai.events.checkin import CheckInRecorded, ReminderDue, RemindersSet
from namjai.events.conversation import (
    ContactRequested,
    CrisisEnded,
    CrisisStarted,
    CrisisStepped,
    ExerciseEnded,
    FlowMoved,
    StageChanged,
    TurnSkipped,
)
from namjai.events.delivery import DeliveryFailed, DeliverySent, QuotaObserved
from namjai.events.duty import OverrideCancelled, OverrideSet, WatchChanged
from namjai.events.instrument import InstrumentAnswered, InstrumentCompleted, InstrumentStarted, InstrumentStopped
from namjai.events.leaflet import LeafletMade
from namjai.events.mail import MailFailed, MailRequested, MailSent
from namjai.events.media import MediaTranscribed, MediaUnread
from namjai.events.member import (
    ContactNamed,
    ErasureRequested,
    LanguageChosen,
    MemberConsented,
    MemberErased,
    MemberFollowed,
    MemberPaused,
    MemberRegistered,
    MemberResumed,
    MemberUnfollowed,
    RegistrationFailed,
)
from namjai.events.memory import MemoryForgotten, MemoryNoted, MemorySummarised
from namjai.events.message import (
    MessageEdited,
    MessageOther,
    MessageReceived,
    MessageRemoved,
    MessageUnsent,
    PostbackReceived,
)
from namjai.events.plan import PlanShared, PlanWritten
from namjai.events.reply import ReplyIssued
from namjai.events.risk import (
    MonitoringEnded,
    MonitoringStarted,
    PolicyActivated,
    PolicyPublished,
    RiskAssessed,
    RiskReassessed,
    SilenceNoticed,
)
from namjai.events.subjects import NOBODY


class At(NamedTuple):
    """Where and when a fact was said, and about whom."""

    sequence: int
    id: str
    member: str
    time: datetime
    day: date


ISSUED: Final = "issued"
DELIVERED: Final = "delivered"
ACTIVE: Final = "active"

BY_PERSON: Final[frozenset[type[Fact]]] = frozenset(
    {
        MessageReceived,
        PostbackReceived,
        MessageEdited,
        MessageUnsent,
        MemberFollowed,
        MemberUnfollowed,
        MemberConsented,
        LanguageChosen,
        MemberPaused,
        MemberResumed,
        ContactNamed,
        InstrumentAnswered,
        InstrumentStarted,
        CheckInRecorded,
        RemindersSet,
        PlanWritten,
        PlanShared,
        MemberRegistered,
        RegistrationFailed,
        MemoryForgotten,
        ErasureRequested,
    }
)
"""What the person did; everything else is what we did, or noticed."""

SUMMARY: Final[Mapping[type[Fact], tuple[str, ...]]] = {
    MessageReceived: ("kind", "source_kind", "mode", "throttled", "redelivered", "length_utf16"),
    PostbackReceived: ("source_kind", "mode", "throttled", "redelivered"),
    MessageEdited: ("kind", "source_kind", "mode", "throttled", "length_utf16"),
    MessageUnsent: (),
    MessageRemoved: ("event", "sequence"),
    MessageOther: ("kind", "source_kind", "mode"),
    MemberFollowed: ("unblocked",),
    MemberUnfollowed: (),
    MemberConsented: ("purpose", "granted", "text_version"),
    LanguageChosen: ("language",),
    MemberPaused: (),
    MemberResumed: (),
    ContactNamed: (),
    InstrumentAnswered: ("instrument", "version", "item", "value", "about_death"),
    InstrumentStarted: ("instrument", "version"),
    InstrumentCompleted: ("instrument", "version", "total", "band", "positive", "subscores", "flags"),
    InstrumentStopped: ("instrument", "version", "answered", "reason"),
    CheckInRecorded: ("craving", "mood", "used", "readiness", "importance", "confidence"),
    RemindersSet: ("on", "hour", "by"),
    ReminderDue: ("number",),
    PlanWritten: ("step",),
    PlanShared: (),
    LeafletMade: ("leaflet", "source", "language", "level", "version", "review"),
    MailRequested: ("kind", "language"),
    MailSent: ("request", "kind"),
    MailFailed: ("request", "kind", "reason"),
    MediaTranscribed: ("message", "kind", "language"),
    MediaUnread: ("message", "kind", "reason"),
    MemorySummarised: ("through", "turns"),
    MemoryNoted: ("note", "by"),
    MemoryForgotten: ("note",),
    MemberRegistered: ("code", "method"),
    RegistrationFailed: ("reason", "tries", "locked_until"),
    FlowMoved: ("skill", "step", "until"),
    StageChanged: ("before", "after", "by"),
    ExerciseEnded: ("exercise", "completed", "before", "after"),
    ErasureRequested: (),
    MemberErased: ("receipt",),
    RiskAssessed: ("message", "outcome", "level", "category", "subject", "cssrs_item", "policy", "raised_by"),
    RiskReassessed: ("message", "was", "level", "category", "subject", "by", "confidence"),
    MonitoringStarted: ("level", "category", "until"),
    MonitoringEnded: ("reason", "by"),
    SilenceNoticed: ("since", "level", "category"),
    PolicyPublished: ("name", "by"),
    PolicyActivated: ("name", "by"),
    AlertRaised: ("level", "category", "reason", "message"),
    AlertNotified: ("alert", "step", "channel", "level"),
    AlertNotifyFailed: ("alert", "step", "channel", "reason"),
    AlertMerged: ("alert", "into", "silenced"),
    AlertTriggered: ("alert", "run", "cause", "policy", "level"),
    AlertEscalated: ("alert", "run", "step", "targets", "reached", "late_s"),
    AlertExhausted: ("alert", "run", "fallback"),
    AlertEscalationFailed: ("alert", "run", "step", "overdue_s"),
    AlertClaimed: ("alert", "by", "via"),
    AlertAcknowledged: ("alert", "by", "via"),
    AlertUnacknowledged: ("alert", "by", "waited_s"),
    AlertNoted: ("alert", "by", "via"),
    AlertHandedOver: ("alert", "by", "to", "via"),
    AlertTakenOver: ("alert", "by", "via"),
    AlertHandedBack: ("alert", "by", "via"),
    AlertSaid: ("alert", "by", "via"),
    AlertContacted: ("alert", "by", "how", "via"),
    AlertResolved: ("alert", "by", "disposition", "via"),
    AlertReopened: ("alert", "by", "via"),
    AlertCorrected: ("alert", "by", "message", "level", "category", "was", "via"),
    AlertSilenced: ("by", "until", "via"),
    AlertUnsilenced: ("by", "via"),
    AlertViewed: ("alert", "by", "via"),
    AlertFollowUpDue: ("alert", "number", "level"),
    AlertFollowUpEnded: ("alert", "number", "outcome"),
    AlertContactTold: ("alert", "basis", "channel", "reason"),
    AlertWiped: ("alert",),
    OverrideSet: ("schedule", "staff", "start", "end", "by", "instead_of"),
    OverrideCancelled: ("override", "by"),
    WatchChanged: ("watched", "until"),
    ReplyIssued: (
        "answers",
        "screened",
        "level",
        "kind",
        "responder",
        "review",
        "language",
        "intent",
        "stage",
        "skill",
    ),
    DeliverySent: ("reply", "via", "messages", "calls", "presumed", "latency_ms"),
    DeliveryFailed: ("reply", "reason", "status"),
    QuotaObserved: ("limit", "used"),
    TurnSkipped: ("answers", "reason"),
    CrisisStarted: ("level", "category", "subject"),
    CrisisStepped: ("step", "answer"),
    CrisisEnded: ("by",),
    ContactRequested: ("basis",),
}
"""The clear fields of each type that a clinician may want to see on a timeline. A type that is missing shows none."""


def project(events: Iterable[Stored[Fact]], zone: tzinfo) -> Change:
    """Fold a run of events. `zone` is the clinic's clock: it says where a day begins."""
    change = Change()
    for stored in events:
        event = stored.event
        at = At(stored.sequence, event.id, event.subject, event.time, event.time.astimezone(zone).date())
        kind = type(event.data)
        by_person = kind in BY_PERSON
        change.timeline.append(
            Entry(stored.sequence, event.subject, event.type, event.time, at.day, by_person, summary(event.data))
        )
        if event.subject != NOBODY:
            member = change.member(event.subject)
            if by_person:
                member.seen(event.time)
                change.active.add((at.day, event.subject))
        if (tell := PROJECTIONS.get(kind)) is not None:
            tell(change, at, event.data)
    change.members.pop(NOBODY, None)  # LINE may withhold who it was: counted, but no member
    return change


def summary(fact: Fact) -> str:
    """The chosen clear fields of a fact, as JSON."""
    names = SUMMARY.get(type(fact), ())
    return _ENCODE({name: getattr(fact, name) for name in names}).decode() if names else "{}"


_ENCODE: Final = msgspec.json.Encoder().encode


def measures(kind: str, throttled: bool) -> tuple[str, ...]:
    """What one message counts as. Also asked when a message is taken out again."""
    return (f"message.{kind}", "throttled") if throttled else (f"message.{kind}",)


def _count(change: Change, at: At, *names: str) -> None:
    for name in names:
        change.days[at.day, name] += 1


def _message(change: Change, at: At, fact: MessageReceived) -> None:
    change.member(at.member).messages += 1
    _count(change, at, *measures(fact.kind, fact.throttled))


def _postback(change: Change, at: At, fact: PostbackReceived) -> None:
    _count(change, at, *measures("postback", fact.throttled))


def _removed(change: Change, at: At, fact: MessageRemoved) -> None:
    change.removed.append(Removed(fact.sequence, fact.event, at.sequence, at.time))
    _count(change, at, "removed")


def _followed(change: Change, at: At, _: MemberFollowed) -> None:
    change.member(at.member).follows = True
    _count(change, at, "followed")


def _unfollowed(change: Change, at: At, _: MemberUnfollowed) -> None:
    change.member(at.member).follows = False
    _count(change, at, "unfollowed")


def _consented(change: Change, at: At, fact: MemberConsented) -> None:
    change.consents[at.member, fact.purpose] = Consent(fact.granted, fact.text_version, at.time)


def _language(change: Change, at: At, fact: LanguageChosen) -> None:
    change.member(at.member).language = fact.language


def _paused(change: Change, at: At, _: MemberPaused) -> None:
    change.member(at.member).paused = True


def _resumed(change: Change, at: At, _: MemberResumed) -> None:
    change.member(at.member).paused = False


def _erased(change: Change, at: At, _: MemberErased) -> None:
    change.member(at.member).erased_at = at.time
    _count(change, at, "erased")


def _assessed(change: Change, at: At, fact: RiskAssessed) -> None:
    change.verdicts.append(
        Verdict(at.sequence, at.member, fact.message, fact.outcome, fact.level, fact.category, fact.policy, at.time)
    )
    _count(change, at, f"risk.{fact.level}" if fact.outcome == "screened" else f"risk.{fact.outcome}")
    if fact.outcome == "screened":  # "no text" and "failed" say nothing about the person
        member = change.member(at.member)
        member.level, member.level_at = fact.level, at.time


def _raised(change: Change, at: At, fact: AlertRaised) -> None:
    alert = change.alert(at.id, at.member)
    alert.level, alert.category, alert.reason, alert.raised_at = fact.level, fact.category, fact.reason, at.time
    _count(change, at, f"alert.{fact.level}")
    if fact.reason == "unscreened":
        _count(change, at, "alert.unscreened")


def _notified(change: Change, at: At, fact: AlertNotified) -> None:
    change.alert(fact.alert, at.member).told(at.time)


def _notify_failed(change: Change, at: At, fact: AlertNotifyFailed) -> None:
    change.alert(fact.alert, at.member).failed += 1


def _merged(change: Change, at: At, fact: AlertMerged) -> None:
    change.alert(fact.alert, at.member).merged_into = fact.into


def _issued(change: Change, at: At, fact: ReplyIssued) -> None:
    _count(change, at, f"reply.{fact.kind}")
    if not fact.screened:
        _count(change, at, "unscreened")
    _took(change, at, ISSUED, (at.time - fact.received_at).total_seconds() * 1_000)


def _sent(change: Change, at: At, fact: DeliverySent) -> None:
    _count(change, at, "delivered")
    _took(change, at, DELIVERED, fact.latency_ms)


def _failed(change: Change, at: At, _: DeliveryFailed) -> None:
    _count(change, at, "delivery_failed")


def _skipped(change: Change, at: At, _: TurnSkipped) -> None:
    _count(change, at, "skipped")


def _took(change: Change, at: At, step: str, duration_ms: float) -> None:
    hour = at.time.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    change.reply_times[hour, step, bound_ms(duration_ms)] += 1


PROJECTIONS: Final[Mapping[type[Fact], Callable[[Change, At, Any], None]]] = {
    MessageReceived: _message,
    PostbackReceived: _postback,
    MessageRemoved: _removed,
    MemberFollowed: _followed,
    MemberUnfollowed: _unfollowed,
    MemberConsented: _consented,
    LanguageChosen: _language,
    MemberPaused: _paused,
    MemberResumed: _resumed,
    MemberErased: _erased,
    RiskAssessed: _assessed,
    AlertRaised: _raised,
    AlertNotified: _notified,
    AlertNotifyFailed: _notify_failed,
    AlertMerged: _merged,
    ReplyIssued: _issued,
    DeliverySent: _sent,
    DeliveryFailed: _failed,
    TurnSkipped: _skipped,
}
"""Every fact that means more than a line on the timeline."""
