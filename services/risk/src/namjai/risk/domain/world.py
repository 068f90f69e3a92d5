"""History as it would have been under one policy: its verdicts, the past that they make, and whom they would call."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from namjai.events import Fact, Stored, begin
from namjai.events.risk import Finding, RiskAssessed
from namjai.risk.domain.assess import Classifier, alarm, assess, in_context
from namjai.risk.domain.context import WORST, Watch, context
from namjai.risk.domain.model import Assessment, Category, Level
from namjai.risk.domain.policy import Policy

OPEN_ALERT_S: Final = 72 * 3600
"""So long an alert is taken to be open: repeats in that time are the same alert."""
MEMBERS_MAX: Final = 200_000
"""People whose past is held at the same time; beyond that, who was silent longest is forgotten, and it is said."""
EVENTS_A_MEMBER_MAX: Final = 2_000
UNSCREENED: Final = "unscreened"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What is judged, with its place in the log."""

    id: str
    member: str
    sequence: int
    at: datetime
    words: str


class Verdict(msgspec.Struct, frozen=True):
    """What one policy made of a message."""

    level: Level
    category: Category
    alerts: bool
    """Whether somebody would be told."""


class Pasts:
    """Everybody's recent past, as long as it matters, within a bound."""

    def __init__(self, reach: timedelta, members_max: int = MEMBERS_MAX) -> None:
        self._reach = reach
        self._members_max = members_max
        self._stories: OrderedDict[str, deque[Stored[Fact]]] = OrderedDict()
        self.forgotten = 0

    def add(self, stored: Stored[Fact]) -> None:
        """One more event, later than all before it."""
        member, at = stored.event.subject, stored.event.time
        self._stories.setdefault(member, deque(maxlen=EVENTS_A_MEMBER_MAX)).append(stored)
        self._stories.move_to_end(member)
        self._trim(at)

    def of(self, member: str, now: datetime) -> Sequence[Stored[Fact]]:
        """A member's events that still matter."""
        story = self._stories.get(member, deque())
        while story and now - story[0].event.time > self._reach:
            story.popleft()
        return story

    def __len__(self) -> int:
        return len(self._stories)

    def _trim(self, now: datetime) -> None:
        """Who was silent longest comes first, so looking at the first is enough."""
        while self._stories:
            first = next(iter(self._stories.values()))
            overdue = not first or now - first[-1].event.time > self._reach
            if not overdue and len(self._stories) <= self._members_max:
                return
            self.forgotten += not overdue
            self._stories.popitem(last=False)


class OpenAlerts:
    """Alerts as notify merges them: same person and category within 72 h is one, but a higher level calls again."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, tuple[datetime, Level]] = OrderedDict()

    def take(self, key: str, level: Level, at: datetime) -> Literal["opened", "higher", "merged"]:
        """What an alert comes to."""
        while self._open and (at - next(iter(self._open.values()))[0]).total_seconds() > OPEN_ALERT_S:
            self._open.popitem(last=False)
        opened_at, before = self._open.get(key, (at, Level.NONE))
        if before == Level.NONE:
            self._open[key] = (at, level)
            return "opened"
        if level > before:
            self._open[key] = (opened_at, level)
            return "higher"
        return "merged"

    def __len__(self) -> int:
        return len(self._open)


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What one policy costs those on duty."""

    policy: str
    alerts: int
    """New alerts, repeats merged."""
    again: int
    """Calls for an open alert because it rose."""
    merged: int
    failed: int
    """Messages that could not be judged: each is an alert, too."""
    levels: dict[Level, int]
    """New alerts by the level they began with."""
    per_shift_mean: float
    per_shift_max: int
    busiest_shift: datetime | None


class World:
    """History as it would have been under one policy."""

    def __init__(self, policy: Policy, classifier: Classifier | None, watch: Watch) -> None:
        self.policy = policy
        self._classifier = classifier
        self._watch = watch
        self._pasts = Pasts(watch.reach)
        self._open = OpenAlerts()
        self._outcomes: Counter[str] = Counter()
        self._levels: Counter[Level] = Counter()
        self._shifts: Counter[datetime] = Counter()

    def remember(self, stored: Stored[Fact]) -> None:
        """Something of a person's past that no policy changes."""
        self._pasts.add(stored)

    def already_open(self, merge_key: str, level: Level, at: datetime) -> None:
        """An alert from before the time that is replayed."""
        self._open.take(merge_key, level, at)

    def judge(self, message: Message, shift: datetime) -> Verdict:
        """The verdict on a message; from then on it is part of this world's past."""
        try:
            found = self._assess(message)
        except Exception:  # as in the service: nobody is fine because screening broke
            self._outcomes["failed"] += 1
            self._call(f"{message.member}:{UNSCREENED}", Level.HIGH, message.at, shift)
            return Verdict(Level.HIGH, "other", alerts=True)
        if found.level > Level.NONE:
            self._pasts.add(_as_event(found, message))
        if (due := alarm(found)) is not None:
            self._call(f"{message.member}:{due.merge_key}", due.level, message.at, shift)
        return Verdict(found.level, found.category, alerts=due is not None)

    def load(self, shifts: int) -> Load:
        """What it came to, over so many shifts."""
        calls = self._shifts.most_common(1)
        return Load(
            policy=self.policy.version,
            alerts=self._outcomes["opened"],
            again=self._outcomes["higher"],
            merged=self._outcomes["merged"],
            failed=self._outcomes["failed"],
            levels=dict(sorted(self._levels.items(), key=lambda each: -each[0].rank)),
            per_shift_mean=round(sum(self._shifts.values()) / max(1, shifts), 3),
            per_shift_max=calls[0][1] if calls else 0,
            busiest_shift=calls[0][0] if calls else None,
        )

    @property
    def forgotten(self) -> int:
        """People whose past did not fit into memory."""
        return self._pasts.forgotten

    def _assess(self, message: Message) -> Assessment:
        try:
            alone = assess(message.words, (), self.policy, self._classifier)
        except Exception:  # as in the service: where the model breaks, the rules judge alone
            alone = assess(message.words, (), self.policy)
        if in_context(alone, WORST) is alone:
            return alone
        return in_context(alone, context(self._pasts.of(message.member, message.at), message.at, self._watch))

    def _call(self, key: str, level: Level, at: datetime, shift: datetime) -> None:
        outcome = self._open.take(key, level, at)
        self._outcomes[outcome] += 1
        if outcome == "opened":
            self._levels[level] += 1
        if outcome != "merged":
            self._shifts[shift] += 1


def _as_event(found: Assessment, message: Message) -> Stored[Fact]:
    """The verdict as the log would hold it, as much of it as a later verdict looks at."""
    asserted = max((finding.level for finding in found.findings), default=Level.NONE)
    said = Finding(rule="", level=asserted.value, category=found.category, subject=found.subject, start=0, end=0)
    fact = RiskAssessed(
        message=message.id,
        outcome="screened",
        level=found.level.value,
        category=found.category,
        subject=found.subject,
        policy="",
        findings=(said,),
        raised_by=found.raised_by,
    )
    event = begin(fact, source="replay", cause=message.id, member=message.member, time=message.at)
    return Stored(message.sequence, event)
