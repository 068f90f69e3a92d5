"""Who is on call when: layers that take turns by local time, and what staff changed by hand on top of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

WEEK_DAYS: Final = 7
PERIOD_DAYS_MAX: Final = 400
"""The longest interval that is worked out at once."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = timedelta(days=1)


def _clock(value: object) -> object:
    """YAML reads an unquoted 18:00 as the number 1080, which would become 00:18."""
    if not isinstance(value, str | time):
        raise ValueError('a time of day is written in quotes, like "18:00"')
    return value


def _no_zone(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("a time of day has no zone of its own; the schedule has one")
    return value


def _zone_is_known(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("unknown time zone; write one of the IANA list, like Asia/Bangkok") from None
    return name


def _as_turn(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Name = Annotated[str, Field(min_length=1, max_length=100)]
Clock = Annotated[time, BeforeValidator(_clock), AfterValidator(_no_zone)]
Turn = Annotated[tuple[Name, ...], BeforeValidator(_as_turn), Field(max_length=20)]
"""One person, or several who are on call together."""


class Part(BaseModel):
    """A piece of the configuration: it never changes, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Hours(Part):
    """A restriction: from `start` to `end` on these weekdays. An end that is not after the start is on the next day,
    so that "00:00" to "00:00" is a whole day."""

    days: tuple[Weekday, ...] = Field(WEEKDAYS, min_length=1, max_length=WEEK_DAYS)
    start: Clock
    end: Clock


class Layer(Part):
    """People who take turns: the next turn begins every `turn_days` at `hand_over`, local time."""

    people: tuple[Turn, ...] = Field(min_length=1, max_length=100)
    start: date
    """The first turn begins on this day, at the hour of the hand-over."""
    end: date | None = None
    """On this day, at the hour of the hand-over, the layer ends."""
    turn_days: int = Field(WEEK_DAYS, ge=1, le=366)
    hand_over: Clock = time(9)
    hand_over_day: Weekday | None = None
    """For turns of whole weeks: the weekday they change on, when it is not that of `start`; the first turn is then
    the shorter one."""
    only: tuple[Hours, ...] = Field((), max_length=50)
    """Only within these hours; without any, always."""

    @model_validator(mode="after")
    def _fits(self) -> Layer:
        if self.hand_over_day is not None and self.turn_days % WEEK_DAYS:
            raise ValueError("hand_over_day goes with turns of whole weeks only: turn_days 7, 14, …")
        if self.end is not None and self.end <= self.start:
            raise ValueError("a layer ends after its start")
        return self

    @cached_property
    def anchor(self) -> date:
        """The hand-over day from which turns are counted: on `start`, or within the week before it."""
        if self.hand_over_day is None:
            return self.start
        return self.start - timedelta(days=(self.start.weekday() - WEEKDAYS.index(self.hand_over_day)) % WEEK_DAYS)


class Schedule(Part):
    """Layers, the stronger ones later in the list: where two cover an instant, the last of them is on call."""

    timezone: Annotated[str, AfterValidator(_zone_is_known)] = "Asia/Bangkok"
    layers: tuple[Layer, ...] = Field(min_length=1, max_length=10)

    @property
    def zone(self) -> ZoneInfo:
        """Of all local times in it."""
        return ZoneInfo(self.timezone)

    def people(self) -> frozenset[str]:
        """Everybody who takes a turn in it."""
        return frozenset(name for layer in self.layers for turn in layer.people for name in turn)

    def without(self, away: frozenset[str]) -> Schedule:
        """The same turns, with nobody in them who is away: a lower layer covers what becomes empty."""
        if away.isdisjoint(self.people()):
            return self
        kept = (
            layer.model_copy(update={"people": tuple(tuple(n for n in turn if n not in away) for turn in layer.people)})
            for layer in self.layers
        )
        return self.model_copy(update={"layers": tuple(kept)})


@dataclass(frozen=True)
class Override:
    """`staff` is on call from `start` until `end`, for everybody or only for `instead_of`."""

    id: str
    schedule: str
    staff: str
    start: datetime
    end: datetime
    instead_of: str | None = None
    by: str = ""

    def applied(self, people: tuple[str, ...]) -> tuple[str, ...]:
        """Who is on call while it holds, where these would be without it."""
        if self.instead_of is None:
            return (self.staff,)
        return tuple(dict.fromkeys(self.staff if name == self.instead_of else name for name in people))


@dataclass(frozen=True)
class Segment:
    """From `start` until `end` these are on call; nobody, where `people` is empty."""

    start: datetime
    end: datetime
    people: tuple[str, ...]

    @property
    def length(self) -> timedelta:
        return self.end - self.start


def on_call(schedule: Schedule, at: datetime, overrides: Sequence[Override] = ()) -> tuple[str, ...]:
    """Who is on call at an instant. `overrides` are this schedule's, in the order they were set: the newest wins."""
    people = next(filter(None, (_turn(layer, schedule.zone, at) for layer in reversed(schedule.layers))), ())
    for override in overrides:
        if override.start <= at < override.end:
            people = override.applied(people)
    return people


def segments(
    schedule: Schedule, start: datetime, end: datetime, overrides: Sequence[Override] = ()
) -> tuple[Segment, ...]:
    """The interval without holes or overlaps, in pieces between which the people change. Times are UTC."""
    if end - start > timedelta(days=PERIOD_DAYS_MAX):
        raise ValueError(f"more than {PERIOD_DAYS_MAX} days at once")
    if end <= start:
        return ()
    near = [override for override in overrides if override.start < end and override.end > start]
    cuts = {start.astimezone(UTC), end.astimezone(UTC)}
    for layer in schedule.layers:
        cuts.update(cut for cut in _cuts(layer, schedule.zone, start, end) if start < cut < end)
    cuts.update(cut for each in near for cut in (each.start.astimezone(UTC), each.end.astimezone(UTC)))
    inside = sorted(cut for cut in cuts if start <= cut <= end)
    return merged(Segment(a, b, on_call(schedule, a, near)) for a, b in pairwise(inside))


def gaps(schedule: Schedule, start: datetime, end: datetime, overrides: Sequence[Override] = ()) -> tuple[Segment, ...]:
    """When nobody is on call."""
    return tuple(segment for segment in segments(schedule, start, end, overrides) if not segment.people)


def merged(pieces: Iterator[Segment]) -> tuple[Segment, ...]:
    """Neighbours with the same people as one."""
    found: list[Segment] = []
    for piece in pieces:
        if found and found[-1].people == piece.people:
            piece = Segment(found.pop().start, piece.end, piece.people)
        found.append(piece)
    return tuple(found)


def not_a_swap(schedule: Schedule, first: Override, second: Override, overrides: Sequence[Override] = ()) -> str | None:
    """Why two overrides are no swap. In a swap each takes over what the other was on call for, so that nobody's duty is
    lost or counted twice."""
    if first.start < second.end and second.start < first.end:
        return "the two times overlap"
    for override in (first, second):
        for segment in segments(schedule, override.start, override.end, overrides):
            if override.instead_of not in segment.people:
                return f"{override.instead_of} is not on call all of that time"
            if override.staff in segment.people:
                return f"{override.staff} is on call then already"
    return None


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """A local time as an instant. One that the clock leaps over counts by the offset before the leap, and of one that
    comes twice the first is meant, as in RFC 5545 §3.3.5."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def _turn(layer: Layer, zone: ZoneInfo, at: datetime) -> tuple[str, ...]:
    if at < instant(layer.start, layer.hand_over, zone):
        return ()
    if layer.end is not None and at >= instant(layer.end, layer.hand_over, zone):
        return ()
    today = at.astimezone(zone).date()
    if layer.only and not any(_is_within(hours, today, zone, at) for hours in layer.only):
        return ()
    turn = (today - layer.anchor).days // layer.turn_days + 1  # where clocks go back over midnight, today comes twice
    while at < instant(layer.anchor + timedelta(days=turn * layer.turn_days), layer.hand_over, zone):
        turn -= 1
    return layer.people[turn % len(layer.people)]


def _is_within(hours: Hours, today: date, zone: ZoneInfo, at: datetime) -> bool:
    return any(
        begin <= at < end
        for day in (today - _DAY, today, today + _DAY)
        if (window := _window(hours, day, zone)) is not None
        for begin, end in (window,)
    )


def _window(hours: Hours, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """The hours that begin on a day; those that fall into a leap of the clock are none."""
    if WEEKDAYS[day.weekday()] not in hours.days:
        return None
    last = day if hours.end > hours.start else day + _DAY
    return instant(day, hours.start, zone), instant(last, hours.end, zone)


def _cuts(layer: Layer, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """Every instant near the interval at which this layer may change."""
    yield instant(layer.start, layer.hand_over, zone)
    if layer.end is not None:
        yield instant(layer.end, layer.hand_over, zone)
    first, last = start.astimezone(zone).date() - 2 * _DAY, end.astimezone(zone).date() + 2 * _DAY
    for n in range((last - first).days + 1):
        day = first + n * _DAY
        if (day - layer.anchor).days % layer.turn_days == 0:
            yield instant(day, layer.hand_over, zone)
        for hours in layer.only:
            if (window := _window(hours, day, zone)) is not None:
                yield from window
