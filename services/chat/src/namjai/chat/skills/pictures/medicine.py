"""What is told about a medicine: what its packet says, what kind of thing it is, and what it must not meet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from namjai.chat.domain.crisis import lines_for
from namjai.chat.domain.doing import do
from namjai.chat.domain.faults import leads_elsewhere
from namjai.chat.domain.messages import Action
from namjai.chat.domain.visit import Visit
from namjai.chat.skills.pictures.mixing import Mix, kinds_in, mixes_of, mixing, risky_with
from namjai.chat.skills.pictures.reading import Reading
from namjai.chat.skills.pictures.texts import LISTED, Field, texts

NAME: Final = "pictures"
EDUCATION: Final = "education"
KINDS_MAX: Final = 4
PRINTED_CHARS_MAX: Final = 1_500
"""Of one packet; what is beyond that is for reading on the packet itself."""
MOBILE_EMERGENCY: Final = "112"
NOTHING, RATHER_NOT = "nothing", "rather_not"
BUDDHIST_ERA_YEARS: Final = 543
_FIRST_BUDDHIST_YEAR: Final = 2_400
_YEAR_LAST: Final = re.compile(r"(?:(\d{1,2})\s*[./-]\s*)?(\d{1,2})\s*[./-]\s*(\d{4})")
_YEAR_FIRST: Final = re.compile(r"(\d{4})\s*[./年-]\s*(\d{1,2})")


def kinds_of(reading: Reading) -> tuple[str, ...]:
    """The kinds of medicine that its print tells; the words round the names may name other medicines."""
    return kinds_in((*reading.names, *reading.ingredients))[:KINDS_MAX]


def printed(reading: Reading, visit: Visit) -> str:
    """What the packet says, in its own words, and marked as such."""
    words = texts(visit.view.language)
    said = {name: _quotable(reading, name) for name in LISTED}
    if not said["names"]:
        return words.nothing_printed
    listed = [
        f"• {words.fields[name]}: {' / '.join(f'“{each}”' for each in said[name])}" for name in LISTED if said[name]
    ]
    over = [words.expired] if is_over(reading.expiry, visit.now.date()) else []
    whole = "\n".join([words.printed, *listed])
    cut = whole if len(whole) <= PRINTED_CHARS_MAX else f"{whole[:PRINTED_CHARS_MAX]}…"
    return "\n".join([cut, *over])


def about(kinds: Sequence[str], visit: Visit) -> str:
    """What kind of medicine that is, in plain words of the table."""
    words, language = texts(visit.view.language), visit.view.language
    if not kinds:
        return words.no_kind
    return words.kinds.format(kinds="; ".join(mixing().kinds[kind].names[language] for kind in kinds))


def warned(mixes: Sequence[Mix], visit: Visit, taken: Sequence[str] = ()) -> str:
    """What does not go together, the gravest first, and whom to call."""
    words, language = texts(visit.view.language), visit.view.language
    lines = [f"{words.mixes[mix.grade]} {mix.words[language]}" for mix in mixes]
    if taken:
        lines.append(words.from_you.format(taken=named(taken, visit)))
    if any(mix.grade == "danger" for mix in mixes):
        lines.append(words.emergency.format(number=emergency_number(visit)))
    return "\n\n".join(lines)


def named(substances: Sequence[str], visit: Visit) -> str:
    """Substances as people call them."""
    return ", ".join(mixing().substances[each].names[visit.view.language] for each in substances)


def together(medicines: Sequence[tuple[str, ...]]) -> tuple[Mix, ...]:
    """What must not be mixed among medicines that were shown together."""
    found: list[Mix] = []
    for place, kinds in enumerate(medicines):
        others = [kind for at, each in enumerate(medicines) if at != place for kind in each]
        meets = {as_what for kind in others if (as_what := mixing().kinds[kind].counts_as) is not None}
        found.extend(mix for mix in mixes_of(kinds, meets) if mix not in found)
    return tuple(found)


def asked(kinds: Sequence[str], visit: Visit) -> list[Action]:
    """The buttons under "do you take something else?": they say themselves what it was about, and can wait."""
    words, of = texts(visit.view.language), ",".join(kinds)
    table = mixing().substances
    offered = [(table[each].names[visit.view.language], each) for each in risky_with(kinds)]
    others = [(words.labels["nothing"], NOTHING), (words.labels["rather_not"], RATHER_NOT)]
    return [do(label, NAME, "mix", of=of, **{"with": what}) for label, what in (*offered, *others)]


def leaflets(kinds: Sequence[str], substances: Sequence[str], visit: Visit) -> list[Action]:
    """A button to the first leaflet that fits, where there are leaflets."""
    table = mixing()
    topics = [table.kinds[kind].leaflet for kind in kinds] + [table.substances[each].leaflet for each in substances]
    topic = next((each for each in topics if each), None)
    if topic is None or EDUCATION not in visit.scene.skills:
        return []
    return [do(texts(visit.view.language).labels["leaflet"], EDUCATION, "open", topic=topic)]


def emergency_number(visit: Visit) -> str:
    """Of the person's country; where our table has none, the one that every mobile network knows."""
    ours = lines_for(visit.view.country, ("medical",), visit.now, limit=1)
    return ours[0].number if ours else MOBILE_EMERGENCY


def is_over(expiry: str, today: date) -> bool:
    """Whether a printed date of expiry is past; False where it cannot be told for sure.

    The month counts to its end. Thai packets count years from the Buddha's death.
    """
    if (found := _YEAR_FIRST.search(expiry)) is not None:
        year, month = int(found[1]), int(found[2])
    elif (found := _YEAR_LAST.search(expiry)) is not None:
        year, month = int(found[3]), int(found[2])
    else:
        return False
    if year > _FIRST_BUDDHIST_YEAR:
        year -= BUDDHIST_ERA_YEARS
    return 1 <= month <= 12 and (year, month) < (today.year, today.month)


def _quotable(reading: Reading, name: Field) -> tuple[str, ...]:
    """The print without what would lead elsewhere: a number or a link of a stranger's is none of ours to pass on."""
    found = getattr(reading, name)
    lines = (found,) if isinstance(found, str) else found
    return tuple(line for each in lines if (line := " ".join(each.split())) and not leads_elsewhere(line))
