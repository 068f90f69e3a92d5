"""Whether anybody watches, until when, and where nobody will: found out before it happens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from namjai.notify.domain.roster import LEVELS, AlertsSection, targets
from namjai.notify.domain.schedule import Override, Segment, merged, segments

CHECK_AHEAD: Final = timedelta(days=14)
HORIZON: Final = timedelta(hours=72)
"""So far ahead a gap is looked for."""


@dataclass(frozen=True)
class Gap:
    """Nobody is on call: at one level of the policy, or where `level` is None, at none of them."""

    start: datetime
    end: datetime
    level: int | None = None


@dataclass(frozen=True)
class Coverage:
    """`until` is when `watched` changes, as far as is known."""

    watched: bool
    until: datetime | None
    people: tuple[str, ...]
    gaps: tuple[Gap, ...]
    levels: int


def coverage(
    section: AlertsSection, at: datetime, overrides: Sequence[Override] = (), horizon: timedelta = HORIZON
) -> Coverage:
    """Who would be told if somebody were in danger now, and when nobody would be."""
    end = at + horizon
    by_level = crisis_levels(section, at, end, overrides)
    anybody = merged(_together(by_level))
    watched = bool(anybody[0].people)
    changes = (piece.start for piece in anybody[1:] if bool(piece.people) != watched)
    return Coverage(
        watched=watched,
        until=next(changes, None),
        people=anybody[0].people,
        gaps=tuple(sorted(_gaps(anybody, by_level), key=lambda gap: (gap.start, gap.level or 0))),
        levels=len(by_level),
    )


def doubts(section: AlertsSection, now: datetime, overrides: Sequence[Override]) -> Iterator[str]:
    """What is allowed, and most likely not meant."""
    if not section.by_name:
        yield "no active staff: alerts go to the staff that the notify service was started with, if any"
        return
    used = {section.route.policy(level) for level in LEVELS}
    for name in sorted(section.policies.keys() - used):
        yield f"policies.{name}: no level of alert takes it; see route"
    wanted = [target for name in used for level in section.plans[name].levels for target in level.targets]
    wanted += [target for name in used for target in section.plans[name].fallback] + [*section.fallback]
    for name in sorted(section.schedules):
        if f"schedule:{name}" not in wanted:
            yield f"schedules.{name}: no policy in use names it"
    for gap in coverage(section, now, overrides, CHECK_AHEAD).gaps:
        level = "at any level" if gap.level is None else f"at level {gap.level}"
        yield f"nobody is on call for a crisis {level} from {gap.start:%Y-%m-%d %H:%M} to {gap.end:%Y-%m-%d %H:%M} UTC"


def crisis_levels(
    section: AlertsSection, start: datetime, end: datetime, overrides: Sequence[Override] = ()
) -> tuple[tuple[Segment, ...], ...]:
    """For each level of the crisis policy, whom it reaches when."""
    policy = section.route.crisis
    cuts = _cuts(section, start, end, overrides)
    return tuple(
        merged(
            Segment(a, b, tuple(one.name for one in targets(section, policy, number, a, overrides)))
            for a, b in pairwise(cuts)
        )
        for number in range(1, len(section.plans[policy].levels) + 1)
    )


def _cuts(section: AlertsSection, start: datetime, end: datetime, overrides: Sequence[Override]) -> Sequence[datetime]:
    """The ends of the interval, and every instant between at which some schedule changes hands."""
    found = {start.astimezone(UTC), end.astimezone(UTC)}
    for name, schedule in section.rotas.items():
        found.update(piece.start for piece in segments(schedule, start, end, section.valid(name, overrides)))
    return sorted(found)


def _together(by_level: Sequence[Sequence[Segment]]) -> Iterator[Segment]:
    """Everybody that any of the levels reaches."""
    cuts = sorted({edge for level in by_level for piece in level for edge in (piece.start, piece.end)})
    for a, b in pairwise(cuts):
        names = (name for level in by_level for piece in level if piece.start <= a < piece.end for name in piece.people)
        yield Segment(a, b, tuple(dict.fromkeys(names)))


def _gaps(anybody: Sequence[Segment], by_level: Sequence[Sequence[Segment]]) -> Iterator[Gap]:
    """Where nobody is there at all; and of single levels only the gaps that others stand in for."""
    nobody = [Gap(piece.start, piece.end) for piece in anybody if not piece.people]
    yield from nobody
    for number, level in enumerate(by_level, start=1):
        for piece in level:
            if not piece.people and not any(gap.start <= piece.start and piece.end <= gap.end for gap in nobody):
                yield Gap(piece.start, piece.end, number)
