"""Who is told of an alert, in which order: staff, on-call schedules and escalation policies, as the clinic wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from namjai.events.risk import Level
from namjai.notify.domain.begin import Plan
from namjai.notify.domain.schedule import Name, Override, Part, Schedule, on_call

LEVELS: Final[tuple[Level, ...]] = ("medium", "high", "crisis")
"""The levels that alerts have."""
DEFAULT: Final = "default"
INBOX: Final = "inbox"
EVERYONE: Final = "everyone"
FALLBACK: Final = "fallback"
MINUTE_S: Final = 60.0
DAY_MIN: Final = 24 * 60.0
DEFAULT_DELAY_MIN: Final = 5.0
PROBLEMS_MAX: Final = 50


class Staff(Part):
    """A person, or a machine, that is told of alerts. What is not given is not used."""

    name: Name
    """Stands in the log for who was told: a staff name or number, never a patient's."""
    level: int = Field(1, ge=1, le=10)
    """Where no policy is written: the level at which this one is told."""
    line_user: str | None = Field(None, pattern=r"^U[0-9a-f]{32}$", repr=False)
    email: str | None = Field(None, max_length=254, repr=False)
    webhook: str | None = Field(None, pattern=r"^https?://", max_length=2_000, repr=False)
    webhook_kind: Literal["generic", "pagerduty"] = "generic"
    webhook_secret: str | None = Field(None, repr=False)
    """Signs a generic webhook (HMAC-SHA256), or is PagerDuty's routing key."""
    language: Literal["th", "en", "zh-TW", "zh-CN"] | None = None
    """Of what is written to this one; without it, Thai and English."""
    active: bool = True
    """False: away for now. Stays in schedules and policies, and is not told."""

    @property
    def can_be_reached(self) -> bool:
        return bool(self.line_user or self.email or self.webhook)


def _is_target(target: str) -> str:
    kind, _, name = target.partition(":")
    if target in (EVERYONE, FALLBACK) or (kind in ("person", "schedule") and name):
        return target
    raise ValueError('a target is "person:NAME", "schedule:NAME", "everyone" or "fallback"')


Target = Annotated[str, Field(max_length=120), AfterValidator(_is_target)]


class PolicyLevel(Part):
    """These are told together."""

    targets: tuple[Target, ...] = Field(min_length=1, max_length=50)
    delay_min: float = Field(0.0, ge=0, le=DAY_MIN)
    """Minutes after the level before; for the first, after the alert. A fraction is allowed."""


class Policy(Part):
    """An escalation policy: its levels one after the other, all of them again `repeat` times, then the loud end."""

    levels: tuple[PolicyLevel, ...] = Field(min_length=1, max_length=10)
    repeat: int = Field(0, ge=0, le=9)
    round_min: float = Field(5.0, gt=0, le=7 * DAY_MIN)
    """Minutes from the last level to the next round, and at last to the end of the chain."""
    ack_timeout_min: float = Field(10.0, gt=0, le=7 * DAY_MIN)
    """Minutes that a claim or an acknowledgement may stay without a human word."""
    fallback: tuple[Target, ...] = Field((), max_length=50)
    """Who is told at the end of the chain; without any, the section's fallback."""


class Route(Part):
    """Which policy an alert of each level takes."""

    medium: Name = INBOX
    high: Name = DEFAULT
    crisis: Name = DEFAULT

    def policy(self, level: Level) -> str:
        """The policy's name; what is below medium goes the way of medium."""
        match level:
            case "crisis":
                return self.crisis
            case "high":
                return self.high
        return self.medium


class AlertsSection(Part):
    """The live config section `alerts`. Policies called `default` and `inbox` exist even where none is written."""

    staff: tuple[Staff, ...] = Field((), max_length=200)
    schedules: Mapping[Name, Schedule] = Field(default_factory=dict, max_length=50)
    policies: Mapping[Name, Policy] = Field(default_factory=dict, max_length=50)
    route: Route = Route()
    fallback: tuple[Target, ...] = Field((), max_length=50)
    """Who is told when a chain has ended without anybody; without any, everyone."""
    follow_up_days: tuple[Annotated[float, Field(gt=0, le=366)], ...] = Field((1.5, 7.0, 30.0), max_length=10)
    """When people are asked how they are, after an alert of level high or crisis was resolved."""

    @model_validator(mode="after")
    def _holds_together(self) -> AlertsSection:
        if found := list(_dangling(self))[:PROBLEMS_MAX]:
            raise ValueError("\n".join(found))
        return self

    @cached_property
    def by_name(self) -> Mapping[str, Staff]:
        """Those who can be told: active staff, in their order."""
        return {one.name: one for one in self.staff if one.active}

    @cached_property
    def rotas(self) -> Mapping[str, Schedule]:
        """The schedules without those who are away."""
        away = frozenset(one.name for one in self.staff if not one.active)
        return {name: schedule.without(away) for name, schedule in self.schedules.items()}

    @cached_property
    def plans(self) -> Mapping[str, Policy]:
        """The policies, the two that always exist included."""
        return {DEFAULT: _default(self), INBOX: _inbox(self), **self.policies}

    def with_staff(self, staff: Sequence[Staff]) -> AlertsSection:
        """This one, or where it names nobody, the same with these."""
        if self.staff:
            return self
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return self.model_construct(**{**fields, "staff": tuple(staff)})

    def on_call(self, schedule: str, at: datetime, overrides: Sequence[Override] = ()) -> tuple[str, ...]:
        """Who is on call in a schedule; overrides by people who are away or gone hold nothing."""
        return on_call(self.rotas[schedule], at, self.valid(schedule, overrides))

    def valid(self, schedule: str, overrides: Sequence[Override]) -> list[Override]:
        """The overrides of a schedule that still name somebody who can be told."""
        return [each for each in overrides if each.schedule == schedule and each.staff in self.by_name]


def plan(section: AlertsSection, level: Level) -> Plan:
    """When each step of an alert of this level is due."""
    name = section.route.policy(level)
    policy = section.plans[name]
    due_s, levels, at_min = [], [], 0.0
    for number in range(policy.repeat + 1):
        for n, each in enumerate(policy.levels, start=1):
            at_min += policy.round_min if number and n == 1 else each.delay_min
            due_s.append(at_min * MINUTE_S)
            levels.append(n)
    return Plan(
        policy=name,
        due_s=tuple(due_s),
        levels=tuple(levels),
        end_s=(at_min + policy.round_min) * MINUTE_S,
        ack_timeout_s=policy.ack_timeout_min * MINUTE_S,
    )


def targets(
    section: AlertsSection, policy: str, level_no: int, at: datetime, overrides: Sequence[Override] = ()
) -> tuple[Staff, ...]:
    """Whom a level of a policy reaches at a time, each once; empty when nobody is on call.

    A policy or level that was taken out of the config while its chain ran is as good as the fallback: never silence.
    """
    known = section.plans.get(policy)
    if known is None or not 1 <= level_no <= len(known.levels):
        return fallback(section, policy, at, overrides)
    return _resolve(section, policy, known.levels[level_no - 1].targets, at, overrides)


def fallback(
    section: AlertsSection, policy: str, at: datetime, overrides: Sequence[Override] = ()
) -> tuple[Staff, ...]:
    """Whom the end of a chain reaches: the policy's fallback, else the section's, else everyone.

    A fallback whose schedules have nobody on call is everyone too.
    """
    known = section.plans.get(policy)
    wanted = (known.fallback if known else ()) or section.fallback
    return _resolve(section, policy, wanted, at, overrides) or tuple(section.by_name.values())


def problems(document: Any) -> list[str]:
    """What is wrong with a section as it was written, a sentence each that says where; none when it may be used."""
    try:
        AlertsSection.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return [line for fault in found[:PROBLEMS_MAX] for line in _lines(fault["loc"], fault["msg"])]
    return []


def _lines(place: tuple[int | str, ...], message: str) -> Iterator[str]:
    where = ".".join(map(str, place))
    for line in message.removeprefix("Value error, ").splitlines():
        yield f"{where}: {line}" if where else line


def _resolve(
    section: AlertsSection, policy: str, wanted: Sequence[str], at: datetime, overrides: Sequence[Override]
) -> tuple[Staff, ...]:
    found: dict[str, Staff] = {}
    for target in wanted:
        kind, _, name = target.partition(":")
        match kind:
            case "person":
                names: Sequence[str] = (name,)
            case "schedule":
                names = section.on_call(name, at, overrides)
            case "fallback":
                names = [one.name for one in fallback(section, policy, at, overrides)]
            case _:
                names = tuple(section.by_name)
        found |= {each: section.by_name[each] for each in names if each in section.by_name}
    return tuple(found.values())


def _default(section: AlertsSection) -> Policy:
    """Everybody by the level written beside their name, five minutes apart, three times over."""
    numbers = sorted({one.level for one in section.by_name.values()})
    levels = tuple(
        PolicyLevel(targets=_of_level(section, number), delay_min=DEFAULT_DELAY_MIN if n else 0.0)
        for n, number in enumerate(numbers)
    )
    return Policy(levels=levels or (PolicyLevel(targets=(EVERYONE,)),), repeat=2)


def _inbox(section: AlertsSection) -> Policy:
    """The first line once; who finds it still open a day later is everyone."""
    first = min((one.level for one in section.by_name.values()), default=0)
    told = _of_level(section, first) or (EVERYONE,)
    return Policy(levels=(PolicyLevel(targets=told),), round_min=DAY_MIN, ack_timeout_min=DAY_MIN)


def _of_level(section: AlertsSection, number: int) -> tuple[str, ...]:
    return tuple(f"person:{one.name}" for one in section.by_name.values() if one.level == number)


def _dangling(section: AlertsSection) -> Iterator[str]:
    """What each part of the section says of another that is not so."""
    names = [one.name for one in section.staff]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"staff: {name} is there twice; give each a name of their own"
    for one in section.staff:
        if one.active and not one.can_be_reached:
            yield f"staff.{one.name}: cannot be reached; write line_user, email or webhook, or active: false"
    for name, schedule in section.schedules.items():
        for unknown in sorted(schedule.people().difference(names)):
            yield f"schedules.{name}: nobody of the staff is called {unknown}; write them under staff"
    for name, policy in section.policies.items():
        for n, level in enumerate(policy.levels, start=1):
            yield from _unknown(section, f"policies.{name}, level {n}", level.targets)
        yield from _unknown(section, f"policies.{name}.fallback", policy.fallback, last=True)
    yield from _unknown(section, "fallback", section.fallback, last=True)
    for route in LEVELS:
        if (wanted := getattr(section.route, route)) not in (DEFAULT, INBOX, *section.policies):
            yield f"route.{route}: there is no policy called {wanted}; write it under policies"


def _unknown(section: AlertsSection, where: str, wanted: Sequence[str], *, last: bool = False) -> Iterator[str]:
    for target in wanted:
        kind, _, name = target.partition(":")
        if kind == "person" and all(one.name != name for one in section.staff):
            yield f"{where}: nobody of the staff is called {name}; write them under staff"
        elif kind == "schedule" and name not in section.schedules:
            yield f"{where}: there is no schedule called {name}; write it under schedules"
        elif last and target == FALLBACK:
            yield f"{where}: a fallback cannot be the fallback; write a person, a schedule or everyone"
