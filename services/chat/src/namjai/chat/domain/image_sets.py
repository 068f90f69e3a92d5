"""Pictures that were sent together: each comes as its own event, in any order, and not always with their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Annotated, Final

import msgspec

from namjai.chat.domain.state import ImageSet, Pending

MEMBERS_MAX: Final = 100
"""A set that says it has more members than anybody can choose at once says something wrong."""


@dataclass(frozen=True, kw_only=True)
class SetRules:
    """How long the rest of a set is waited for, and how much of it is read."""

    pause: timedelta = timedelta(seconds=4)
    """After the picture of the set that came last."""
    pauses_max: int = 5
    """Nor longer than so many of them after the first one."""
    read_max: int = 3


class _Numbered(msgspec.Struct, frozen=True):
    id: Annotated[str, msgspec.Meta(min_length=1)]
    index: int | None = None
    total: int | None = None


class _Message(msgspec.Struct, frozen=True, rename={"image_set": "imageSet"}):
    image_set: _Numbered | None = None


def image_set(raw: str) -> ImageSet | None:
    """Which set a picture belongs to, by LINE's own `message` object; None where it came alone, or nobody can tell.

    The id is LINE's, and is kept as a short hash of it. A number that cannot be is as good as none.
    """
    try:
        found = msgspec.json.decode(raw, type=_Message).image_set
    except msgspec.MsgspecError:
        return None
    if found is None:
        return None
    total = found.total if found.total is not None and 1 <= found.total <= MEMBERS_MAX else None
    index = found.index if found.index is not None and 1 <= found.index <= (total or MEMBERS_MAX) else None
    return ImageSet(id=blake2b(found.id.encode(), digest_size=8).hexdigest(), index=index, total=total)


def open_until(pending: Sequence[Pending], now: datetime, rules: SetRules) -> datetime | None:
    """Until when more pictures of a set may come; None when every set is whole, or has had its time."""
    ends = (_end(members, rules) for members in _sets(pending))
    return max((end for end in ends if end is not None and now < end), default=None)


def left_out(pending: Sequence[Pending], rules: SetRules) -> frozenset[str]:
    """The events of pictures that are not read: of each set the first ones are, as the person had them in order."""
    return frozenset(each.event for members in _sets(pending) for each in _ordered(members)[rules.read_max :])


def in_order(pending: Sequence[Pending]) -> tuple[Pending, ...]:
    """As they came, but for the pictures of a set, which are in the person's order."""
    ordered = {members[0].event: _ordered(members) for members in _sets(pending)}
    together = {each.event for members in ordered.values() for each in members}
    placed: list[Pending] = []
    for each in pending:
        if each.event in ordered:
            placed.extend(ordered[each.event])
        elif each.event not in together:
            placed.append(each)
    return tuple(placed)


def _sets(pending: Sequence[Pending]) -> list[list[Pending]]:
    """The members of each set, as they came."""
    found: dict[str, list[Pending]] = {}
    for each in pending:
        if each.image_set is not None:
            found.setdefault(each.image_set.id, []).append(each)
    return list(found.values())


def _ordered(members: Sequence[Pending]) -> list[Pending]:
    """By number; those without one after the others, as they came."""
    return sorted(members, key=_place)


def _place(member: Pending) -> tuple[int, int]:
    index = member.image_set.index if member.image_set is not None else None
    return (index if index is not None else MEMBERS_MAX + 1, member.sequence)


def _end(members: Sequence[Pending], rules: SetRules) -> datetime | None:
    """When a set that is not whole is waited for no longer; None for one that is."""
    total = max((each.image_set.total or 0 for each in members if each.image_set is not None), default=0)
    if total and len(members) >= total:
        return None
    received = [each.received_at for each in members]
    return min(max(received) + rules.pause, min(received) + rules.pause * rules.pauses_max)
