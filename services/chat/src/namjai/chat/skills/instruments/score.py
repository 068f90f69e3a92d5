"""From answers to a result by the form's own rules: total, band, positive or not; incomplete is never 0."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from namjai.chat.skills.instruments.definition import Band, Definition, Flag, Item, Lead, Sex
from namjai.chat.skills.instruments.walk import Answers, asked

UNKNOWN_SEX: Final = "sex_unknown"
"""The flag of a result whose cut-off depends on a sex that nobody has told us: the lower one was taken."""


@dataclass(frozen=True)
class Incomplete:
    """No score: these items still want an answer, or were left out."""

    missing: tuple[int, ...]


@dataclass(frozen=True)
class Scored:
    """What a finished form says. A screen: neither a diagnosis nor the absence of one."""

    band: Band
    positive: bool
    total: int | None = None
    cutoff: int | None = None
    subscores: dict[str, int] = field(default_factory=dict)
    bands_by_group: dict[str, str] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    sex_unknown: bool = False
    leads: tuple[Lead, ...] = ()

    @property
    def flag_ids(self) -> tuple[str, ...]:
        """All flags by name."""
        return (*(flag.id for flag in self.flags), *((UNKNOWN_SEX,) if self.sex_unknown else ()))


def score(
    definition: Definition, answers: Answers, *, sex: Sex | None = None, cutoff: int | None = None
) -> Scored | Incomplete:
    """The result. `cutoff` is the clinic's own, and then holds for everybody; without it the form's own holds."""
    to_answer = asked(definition, answers)
    missing = tuple(item.number for item in to_answer if item.is_required and answers.get(item.number) is None)
    if missing:
        return Incomplete(missing)
    match definition.scoring.method:
        case "sum":
            result = _summed(definition, answers, to_answer, sex, cutoff)
        case "per_group":
            result = _by_group(definition, answers, to_answer)
        case "triage":
            band = next(band for band in definition.bands if band.when is None or band.when.holds(answers))
            result = Scored(band=band, positive=band.positive)
    return _with_marks(definition, answers, result)


def _summed(
    definition: Definition, answers: Answers, to_answer: tuple[Item, ...], sex: Sex | None, own: int | None
) -> Scored:
    scoring = definition.scoring
    total = _sum(answers, to_answer)
    by_form = scoring.cutoff_by_sex.get(sex, scoring.cutoff) if sex else scoring.cutoff
    cutoff = by_form if own is None else own
    positive = cutoff is not None and total >= cutoff
    depends = bool(scoring.cutoff_by_sex) and own is None and sex is None
    return Scored(
        band=_band(definition, total, cutoff),
        positive=positive or (scoring.positive_when is not None and scoring.positive_when.holds(answers)),
        total=total,
        cutoff=cutoff,
        sex_unknown=depends,
    )


def _by_group(definition: Definition, answers: Answers, to_answer: tuple[Item, ...]) -> Scored:
    """A total for each substance ever used; the form's band is that of the gravest."""
    used = dict.fromkeys(item.group for item in to_answer if item.group and item.scored)
    subscores = {
        group: _sum(answers, tuple(item for item in to_answer if item.group == group)) for group in used if group
    }
    bands = {group: _band(definition, total, None, group) for group, total in subscores.items()}
    order = [band.id for band in definition.bands]
    worst = max(bands.values(), key=lambda band: order.index(band.id), default=definition.bands[0])
    return Scored(
        band=worst,
        positive=worst.positive,
        subscores=subscores,
        bands_by_group={group: band.id for group, band in bands.items()},
    )


def _sum(answers: Answers, items: tuple[Item, ...]) -> int:
    return sum(answers.get(item.number) or 0 for item in items if item.scored)


def _band(definition: Definition, total: int, cutoff: int | None, group: str = "") -> Band:
    """The highest band that the total reaches."""

    def start(band: Band) -> int:
        own = band.at_least if band.at_least is not None else cutoff
        return band.at_least_for.get(group, own if own is not None else 0)

    return max((band for band in definition.bands if start(band) <= total), key=start)


def _with_marks(definition: Definition, answers: Answers, result: Scored) -> Scored:
    flags = tuple(flag for flag in definition.flags if flag.when.holds(answers))
    leads = tuple(lead for lead in definition.leads_to if (lead.when.holds(answers) if lead.when else result.positive))
    return replace(result, flags=flags, leads=leads)
