"""What staff does about being on call: look, stand in for somebody, swap, take it back, find the gaps."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

from namjai.events.duty import OverrideCancelled, OverrideSet
from namjai.notify import oncall_words as words
from namjai.notify.domain import ical as icalendar
from namjai.notify.domain.coverage import coverage, doubts
from namjai.notify.domain.roster import LEVELS, AlertsSection, plan, problems, targets
from namjai.notify.domain.schedule import Override, Schedule, gaps, not_a_swap, segments
from namjai.runtime.micro import Endpoint, Refused

OVERRIDE_MAX: Final = timedelta(days=31)
AHEAD_MAX: Final = timedelta(days=365)
BACKDATED_MAX: Final = timedelta(minutes=5)
"""Clocks differ, and somebody types a moment ago."""
NEXT_CHANGE_WITHIN: Final = timedelta(days=words.DAYS_MAX)
CALENDAR_BACK: Final = timedelta(days=7)


class Sections(Protocol):
    """The section in force."""

    @property
    def section(self) -> AlertsSection: ...


class Overrides(Protocol):
    """What was set by hand, in the order it was set. Raises `LogUnavailable`."""

    async def overrides(self) -> Sequence[Override]: ...

    async def say(self, facts: Sequence[OverrideSet | OverrideCancelled], cause: str) -> Sequence[str]:
        """Append all or nothing, once for each cause. Returns the ids."""
        ...

    def ids(self, cause: str, count: int) -> Sequence[str]:
        """The ids that facts of a cause have or would have."""
        ...


@dataclass(frozen=True)
class Oncall:
    """What this needs of the world."""

    sections: Sections
    duty: Overrides
    clock: Callable[[], datetime]


async def show(asked: words.Show, oncall: Oncall) -> words.Shown:
    """Who is on call, per schedule and per level of the policies in use."""
    section, overrides = oncall.sections.section, await oncall.duty.overrides()
    at = asked.at or oncall.clock()
    names = [asked.schedule] if asked.schedule else list(section.schedules)
    for name in names:
        _schedule(section, name)
    found = coverage(section, at, overrides)
    return words.Shown(
        at=at,
        watched=found.watched,
        until=found.until,
        route={level: section.route.policy(level) for level in LEVELS},
        schedules=tuple(_on_call(section, name, at, overrides) for name in names),
        levels=tuple(_told(section, at, overrides)),
        overrides=tuple(_by_hand(each) for each in overrides if each.end > at and each.schedule in names),
    )


async def override(asked: words.Override, oncall: Oncall) -> words.Done:
    """Somebody stands in. The newest override wins, so it may lie over others; it must change something."""
    section, overrides = oncall.sections.section, await oncall.duty.overrides()
    schedule = _schedule(section, asked.schedule)
    _known(section, asked.by)
    if asked.instead_of is not None:
        _known(section, asked.instead_of)
    half = words.Half(staff=asked.staff, start=asked.start, end=asked.end)
    wish = _taking(asked.schedule, half, asked.staff, asked.instead_of, asked.by)

    def allowed() -> None:
        _can_be_told(section, wish.staff)
        _is_timely(wish, oncall.clock())
        own = section.valid(asked.schedule, overrides)
        if segments(schedule, wish.start, wish.end, own) == segments(schedule, wish.start, wish.end, [*own, wish]):
            what = f"{asked.instead_of} is not" if asked.instead_of else f"{asked.staff} is"
            raise Refused(409, f"this would change nothing: {what} on call then")

    return await _say([wish], asked.key, allowed, overrides, oncall)


async def swap(asked: words.Swap, oncall: Oncall) -> words.Done:
    """Two people take over each other's time: two overrides, both or none."""
    section, overrides = oncall.sections.section, await oncall.duty.overrides()
    schedule = _schedule(section, asked.schedule)
    _known(section, asked.by)
    first, second = asked.first, asked.second
    taken = _taking(asked.schedule, first, second.staff, first.staff, asked.by)
    given = _taking(asked.schedule, second, first.staff, second.staff, asked.by)

    def allowed() -> None:
        if first.staff == second.staff:
            raise Refused(422, "a swap is between two people")
        for wish in (taken, given):
            _can_be_told(section, wish.staff)
            _is_timely(wish, oncall.clock())
        reason = not_a_swap(schedule, taken, given, section.valid(asked.schedule, overrides))
        if reason is not None:
            raise Refused(409, f"no swap: {reason}")

    return await _say([taken, given], asked.key, allowed, overrides, oncall)


async def cancel(asked: words.Cancel, oncall: Oncall) -> words.Done:
    """Take an override back. What it has brought about until now stays true."""
    _known(oncall.sections.section, asked.by)
    found = next((each for each in await oncall.duty.overrides() if each.id == asked.override), None)
    if found is None or found.end <= oncall.clock():
        raise Refused(404, "no override with this id holds or will hold; see `namjai oncall show`")
    fact = OverrideCancelled(override=asked.override, by=asked.by)
    await oncall.duty.say([fact], asked.key or str(uuid.uuid4()))
    return words.Done(overrides=(asked.override,))


async def find_gaps(asked: words.Gaps, oncall: Oncall) -> words.GapsFound:
    """When nobody is on call: for a crisis, and in each schedule."""
    section, overrides, now = oncall.sections.section, await oncall.duty.overrides(), oncall.clock()
    ahead = timedelta(days=asked.days)
    found = [
        words.GapFound(start=gap.start, end=gap.end, level=gap.level)
        for gap in coverage(section, now, overrides, ahead).gaps
    ]
    for name, schedule in section.rotas.items():
        found += (
            words.GapFound(start=gap.start, end=gap.end, schedule=name, timezone=schedule.timezone)
            for gap in gaps(schedule, now, now + ahead, section.valid(name, overrides))
        )
    return words.GapsFound(gaps=tuple(found))


async def ical(asked: words.Ical, oncall: Oncall) -> words.Calendar:
    """The duty of a schedule, of a person, or of a person in a schedule."""
    section, overrides, now = oncall.sections.section, await oncall.duty.overrides(), oncall.clock()
    if asked.schedule is None and asked.staff is None:
        raise Refused(422, "say whose calendar: a schedule or a member of staff")
    if asked.staff is not None:
        _known(section, asked.staff)
    if asked.schedule is not None:
        _schedule(section, asked.schedule)
    start = (now - CALENDAR_BACK).replace(hour=0, minute=0, second=0, microsecond=0)
    duties = [
        icalendar.Duty(name, person, piece.start, piece.end)
        for name, schedule in section.rotas.items()
        if asked.schedule in (None, name)
        for piece in segments(schedule, start, now + timedelta(days=asked.days), section.valid(name, overrides))
        for person in piece.people
        if asked.staff in (None, person)
    ]
    title = " · ".join(filter(None, ("On call", asked.schedule, asked.staff)))
    return words.Calendar(text=icalendar.calendar(title, duties, now))


async def check(asked: words.Check, oncall: Oncall) -> words.Checked:
    """Whether a section may be used, and what somebody should think about before."""
    if found := problems(asked.section):
        return words.Checked(problems=tuple(found))
    section = AlertsSection.model_validate(asked.section)
    overrides = await oncall.duty.overrides()
    return words.Checked(warnings=tuple(doubts(section, oncall.clock(), overrides)))


def endpoints(sections: Sections, duty: Overrides, clock: Callable[[], datetime]) -> Sequence[Endpoint]:
    """What can be asked of this."""
    oncall = Oncall(sections, duty, clock)
    return (
        Endpoint("oncall.show", words.Show, words.Shown, partial(show, oncall=oncall)),
        Endpoint("oncall.override", words.Override, words.Done, partial(override, oncall=oncall)),
        Endpoint("oncall.swap", words.Swap, words.Done, partial(swap, oncall=oncall)),
        Endpoint("oncall.cancel", words.Cancel, words.Done, partial(cancel, oncall=oncall)),
        Endpoint("oncall.gaps", words.Gaps, words.GapsFound, partial(find_gaps, oncall=oncall)),
        Endpoint("oncall.ical", words.Ical, words.Calendar, partial(ical, oncall=oncall)),
        Endpoint("oncall.check", words.Check, words.Checked, partial(check, oncall=oncall)),
    )


async def _say(
    wishes: Sequence[Override],
    key: str | None,
    allowed: Callable[[], None],
    overrides: Sequence[Override],
    oncall: Oncall,
) -> words.Done:
    """Once for each key: a wish that was granted, and whose answer was lost, is granted again without a look."""
    cause = key or str(uuid.uuid4())
    ids = oncall.duty.ids(cause, len(wishes))
    if not {each.id for each in overrides}.issuperset(ids):
        allowed()
        ids = await oncall.duty.say([_fact(wish) for wish in wishes], cause)
    return words.Done(overrides=tuple(ids))


def _taking(schedule: str, half: words.Half, staff: str, instead_of: str | None, by: str) -> Override:
    return Override("", schedule, staff, half.start, half.end, instead_of, by)


def _fact(wish: Override) -> OverrideSet:
    return OverrideSet(
        schedule=wish.schedule,
        staff=wish.staff,
        start=wish.start,
        end=wish.end,
        by=wish.by,
        instead_of=wish.instead_of,
    )


def _schedule(section: AlertsSection, name: str) -> Schedule:
    if (found := section.rotas.get(name)) is None:
        raise Refused(404, f"there is no schedule called {name}; there is: {_list(section.schedules)}")
    return found


def _known(section: AlertsSection, name: str) -> None:
    names = [one.name for one in section.staff]
    if name not in names:
        raise Refused(404, f"nobody of the staff is called {name}; there is: {_list(names)}")


def _can_be_told(section: AlertsSection, name: str) -> None:
    _known(section, name)
    if name not in section.by_name:
        raise Refused(409, f"{name} is away (active: false in the config)")


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing yet; see `namjai oncall set`"


def _is_timely(wish: Override, now: datetime) -> None:
    if wish.end <= wish.start:
        raise Refused(422, "the end must be after the start")
    if wish.end - wish.start > OVERRIDE_MAX:
        raise Refused(422, f"longer than {OVERRIDE_MAX.days} days; change the schedule instead")
    if wish.start < now - BACKDATED_MAX:
        raise Refused(422, "the start is in the past, and who was on call then cannot be changed")
    if wish.end > now + AHEAD_MAX:
        raise Refused(422, f"more than {AHEAD_MAX.days} days ahead")


def _on_call(section: AlertsSection, name: str, at: datetime, overrides: Sequence[Override]) -> words.OnCall:
    schedule = section.rotas[name]
    now, *later = segments(schedule, at, at + NEXT_CHANGE_WITHIN, section.valid(name, overrides))
    return words.OnCall(
        schedule=name,
        timezone=schedule.timezone,
        people=now.people,
        until=later[0].start if later else None,
        then=later[0].people if later else (),
    )


def _told(section: AlertsSection, at: datetime, overrides: Sequence[Override]) -> Iterator[words.Told]:
    due = {(made := plan(section, level)).policy: made for level in LEVELS}
    for name, policy in ((name, section.plans[name]) for name in due):
        for number, level in enumerate(policy.levels, start=1):
            yield words.Told(
                policy=name,
                level=number,
                after_s=due[name].due_s[number - 1],
                targets=level.targets,
                people=tuple(one.name for one in targets(section, name, number, at, overrides)),
            )


def _by_hand(override: Override) -> words.SetByHand:
    return words.SetByHand(
        id=override.id,
        schedule=override.schedule,
        staff=override.staff,
        start=override.start,
        end=override.end,
        by=override.by,
        instead_of=override.instead_of,
    )
