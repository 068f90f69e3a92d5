"""Telling a clinician, what staff did then, and proof of both. Alerts of a person are told apart by `alert`, the id of
their `alert.raised`."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from namjai.events.envelope import Fact
from namjai.events.risk import Category, Level
from namjai.events.sealed import Sealed

Channel = Literal["line", "email", "webhook"]
Via = Literal["line", "cli", "console", "api", "system"]
"""From where a member of staff did it."""
TriggerCause = Literal["raised", "higher_level", "repeated", "unacknowledged", "reopened", "unreached"]
Disposition = Literal["contacted", "referred", "emergency", "false_alarm", "no_contact", "other"]


class AlertRaised(Fact, frozen=True, kw_only=True):
    """A person must look. Alerts with the same merge key are one while they are open."""

    TYPE: ClassVar[str] = "alert.raised.v1"
    level: Level
    category: Category
    merge_key: str
    message: str
    reason: Literal["finding", "unscreened", "reassessed", "unanswered"] = "finding"
    """`reassessed`: a second look raised the first verdict. `unanswered`: no answer to a follow-up."""
    received_at: datetime | None = None
    """When the message reached us: the clock of the person who waits."""


class AlertMerged(Fact, frozen=True, kw_only=True):
    """A repeat at the same or a lower level: counted on the open alert, nobody is told twice."""

    TYPE: ClassVar[str] = "alert.merged.v1"
    alert: str
    into: str
    silenced: bool = False
    """It stayed quiet because staff had silenced this kind of alert."""


class AlertTriggered(Fact, frozen=True, kw_only=True):
    """A chain of escalation begins; all that its timing needs is here, so that a change of config moves no clock."""

    TYPE: ClassVar[str] = "alert.triggered.v1"
    alert: str
    run: int
    """1, 2, …: a chain begins anew when a claim comes to nothing, when an alert is reopened or its level rises."""
    cause: TriggerCause
    """`repeated`: said again when nobody had done anything for a while. `unreached`: the one before found nobody."""
    policy: str
    level: Level
    base: datetime
    """From here the seconds below are counted."""
    due_s: tuple[float, ...]
    """When each step is due; the levels of the policy, repeated as often as it says."""
    levels: tuple[int, ...]
    """The policy's level of each step."""
    end_s: float
    """When the chain has ended without anybody."""
    ack_timeout_s: float
    """How long a claim or an acknowledgement may stay without a human word."""


class AlertNotified(Fact, frozen=True, kw_only=True):
    """One staff member was told over one channel (the channel accepted it)."""

    TYPE: ClassVar[str] = "alert.notified.v1"
    alert: str
    step: int
    staff: str
    channel: Channel
    level: Level
    run: int = 1


class AlertNotifyFailed(Fact, frozen=True, kw_only=True):
    """One channel did not take it; the others were tried."""

    TYPE: ClassVar[str] = "alert.notify_failed.v1"
    alert: str
    step: int
    staff: str
    channel: Literal["line", "email", "webhook", "none"]
    reason: str
    run: int = 1


class AlertEscalated(Fact, frozen=True, kw_only=True):
    """A step of the chain was carried out: these were to be told, so many of them could be."""

    TYPE: ClassVar[str] = "alert.escalated.v1"
    alert: str
    run: int
    step: int
    targets: tuple[str, ...]
    reached: int
    late_s: float = 0.0
    """How long after its time."""


class AlertExhausted(Fact, frozen=True, kw_only=True):
    """The end of the chain: everybody was told and nobody came. Loud, never silence."""

    TYPE: ClassVar[str] = "alert.exhausted.v1"
    alert: str
    run: int
    fallback: tuple[str, ...] = ()


class AlertEscalationFailed(Fact, frozen=True, kw_only=True):
    """The watchdog found a step that was due and left no trace; it is carried out now."""

    TYPE: ClassVar[str] = "alert.escalation_failed.v1"
    alert: str
    run: int
    step: int
    overdue_s: float


class AlertClaimed(Fact, frozen=True, kw_only=True):
    """Somebody takes it on: the chain stops."""

    TYPE: ClassVar[str] = "alert.claimed.v1"
    alert: str
    by: str
    via: Via


class AlertAcknowledged(Fact, frozen=True, kw_only=True):
    """Somebody has looked at it. A human word must follow within the time-out."""

    TYPE: ClassVar[str] = "alert.acknowledged.v1"
    alert: str
    by: str
    via: Via
    note: Sealed[str] | None = None


class AlertUnacknowledged(Fact, frozen=True, kw_only=True):
    """No human word came in time: it is nobody's again, and the chain begins anew."""

    TYPE: ClassVar[str] = "alert.unacknowledged.v1"
    alert: str
    by: str
    waited_s: float


class AlertNoted(Fact, frozen=True, kw_only=True):
    """A member of staff wrote something down for the others."""

    TYPE: ClassVar[str] = "alert.noted.v1"
    alert: str
    by: str
    via: Via
    note: Sealed[str]


class AlertHandedOver(Fact, frozen=True, kw_only=True):
    """One passes it on to another, who is told."""

    TYPE: ClassVar[str] = "alert.handed_over.v1"
    alert: str
    by: str
    to: str
    via: Via
    note: Sealed[str] | None = None


class AlertTakenOver(Fact, frozen=True, kw_only=True):
    """A clinician takes over the conversation: the bot falls silent."""

    TYPE: ClassVar[str] = "alert.taken_over.v1"
    alert: str
    by: str
    via: Via


class AlertHandedBack(Fact, frozen=True, kw_only=True):
    """The clinician is done talking: the bot answers again."""

    TYPE: ClassVar[str] = "alert.handed_back.v1"
    alert: str
    by: str
    via: Via


class AlertSaid(Fact, frozen=True, kw_only=True):
    """Words of a clinician to the person: the first of them stop the clock."""

    TYPE: ClassVar[str] = "alert.said.v1"
    alert: str
    by: str
    via: Via
    words: Sealed[str]


class AlertContacted(Fact, frozen=True, kw_only=True):
    """The person was reached another way: by telephone, in person. Stops the clock too."""

    TYPE: ClassVar[str] = "alert.contacted.v1"
    alert: str
    by: str
    how: Literal["telephone", "in_person", "line", "other"]
    via: Via
    note: Sealed[str] | None = None


class AlertResolved(Fact, frozen=True, kw_only=True):
    """It ended, and how."""

    TYPE: ClassVar[str] = "alert.resolved.v1"
    alert: str
    by: str
    disposition: Disposition
    via: Via
    note: Sealed[str] | None = None


class AlertReopened(Fact, frozen=True, kw_only=True):
    """It was not over after all."""

    TYPE: ClassVar[str] = "alert.reopened.v1"
    alert: str
    by: str
    via: Via
    note: Sealed[str] | None = None


class AlertCorrected(Fact, frozen=True, kw_only=True):
    """A clinician's own judgement of the message: for the alert's urgency, and to learn from."""

    TYPE: ClassVar[str] = "alert.corrected.v1"
    alert: str
    by: str
    message: str
    level: Level
    category: Category
    was: Level
    via: Via
    note: Sealed[str] | None = None


class AlertSilenced(Fact, frozen=True, kw_only=True):
    """Alerts with this merge key stay quiet until a time; never those of level crisis."""

    TYPE: ClassVar[str] = "alert.silenced.v1"
    merge_key: str
    by: str
    until: datetime
    reason: Sealed[str]
    via: Via


class AlertUnsilenced(Fact, frozen=True, kw_only=True):
    """They may be heard again before that time."""

    TYPE: ClassVar[str] = "alert.unsilenced.v1"
    merge_key: str
    by: str
    via: Via


class AlertViewed(Fact, frozen=True, kw_only=True):
    """A member of staff read the person's words; each look is on record."""

    TYPE: ClassVar[str] = "alert.viewed.v1"
    alert: str
    by: str
    via: Via


class AlertFollowUpDue(Fact, frozen=True, kw_only=True):
    """Time for a caring contact after a resolved alert: the 1st, 2nd, 3rd."""

    TYPE: ClassVar[str] = "alert.follow_up_due.v1"
    alert: str
    number: int
    level: Level


class AlertFollowUpEnded(Fact, frozen=True, kw_only=True):
    """What came of a caring contact. Silence is for a human to ask about, not for one more message of ours."""

    TYPE: ClassVar[str] = "alert.follow_up_ended.v1"
    alert: str
    number: int
    outcome: Literal["answered", "unanswered", "stopped"]
    """`stopped`: the person paused or blocked us, or is in a new alert: there will be no more of them."""


class AlertContactTold(Fact, frozen=True, kw_only=True):
    """The one whom the person named was written to, or could not be: then staff has to call."""

    TYPE: ClassVar[str] = "alert.contact_told.v1"
    alert: str | None
    basis: Literal["consent", "policy"]
    channel: Literal["email", "none"]
    reason: str = ""
    """Why there was no channel, or what became of the mail."""


class AlertWiped(Fact, frozen=True, kw_only=True):
    """The person was erased: the record stays, its words are gone, and nobody is to be called about it any more."""

    TYPE: ClassVar[str] = "alert.wiped.v1"
    alert: str


FACTS = (
    AlertRaised,
    AlertMerged,
    AlertTriggered,
    AlertNotified,
    AlertNotifyFailed,
    AlertEscalated,
    AlertExhausted,
    AlertEscalationFailed,
    AlertClaimed,
    AlertAcknowledged,
    AlertUnacknowledged,
    AlertNoted,
    AlertHandedOver,
    AlertTakenOver,
    AlertHandedBack,
    AlertSaid,
    AlertContacted,
    AlertResolved,
    AlertReopened,
    AlertCorrected,
    AlertSilenced,
    AlertUnsilenced,
    AlertViewed,
    AlertFollowUpDue,
    AlertFollowUpEnded,
    AlertContactTold,
    AlertWiped,
)
