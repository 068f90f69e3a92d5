"""What can be asked about being on call, and what is answered: the words of `api.notify.oncall.*`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

DAYS_MAX: Final = 92
KEY_CHARS_MAX: Final = 100

Time = Annotated[datetime, Meta(tz=True)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Key = Annotated[str, Meta(min_length=1, max_length=KEY_CHARS_MAX)]
"""Names a wish, so that it is carried out once however often it is sent."""
Days = Annotated[int, Meta(ge=1, le=DAYS_MAX)]


class Show(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is on call; now, unless `at` says another time."""

    at: Time | None = None
    schedule: Name | None = None


class OnCall(Struct, frozen=True, kw_only=True):
    """One schedule: until `until` these, then `then`. Without `until` nothing changes in the next three months."""

    schedule: str
    timezone: str
    people: tuple[str, ...]
    until: datetime | None = None
    then: tuple[str, ...] = ()


class Told(Struct, frozen=True, kw_only=True):
    """One level of a policy that alerts take: so many seconds after the alert, these would be told."""

    policy: str
    level: int
    after_s: float
    targets: tuple[str, ...]
    people: tuple[str, ...]


class SetByHand(Struct, frozen=True, kw_only=True):
    """An override that holds or will hold."""

    id: str
    schedule: str
    staff: str
    start: datetime
    end: datetime
    by: str
    instead_of: str | None = None


class Shown(Struct, frozen=True, kw_only=True):
    """`watched`: whether anybody would be told of a crisis, and until when that is so, as far as is known."""

    at: datetime
    watched: bool
    until: datetime | None
    route: dict[str, str]
    schedules: tuple[OnCall, ...]
    levels: tuple[Told, ...]
    overrides: tuple[SetByHand, ...]


class Override(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`staff` is on call from `start` to `end`, for everybody or only for `instead_of`."""

    schedule: Name
    staff: Name
    start: Time
    end: Time
    by: Name
    instead_of: Name | None = None
    key: Key | None = None


class Half(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time that somebody is on call and gives away."""

    staff: Name
    start: Time
    end: Time


class Swap(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two people take over each other's time in one schedule."""

    schedule: Name
    first: Half
    second: Half
    by: Name
    key: Key | None = None


class Cancel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The override with this id is to hold no longer."""

    override: Name
    by: Name
    key: Key | None = None


class Done(Struct, frozen=True, kw_only=True):
    """The ids of the overrides that were set or cancelled."""

    overrides: tuple[str, ...]


class Gaps(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When is nobody on call in the days to come?"""

    days: Days = 14


class GapFound(Struct, frozen=True, kw_only=True):
    """Nobody: in a schedule, at a level of the crisis policy, or where neither is said, at none of its levels."""

    start: datetime
    end: datetime
    schedule: str | None = None
    level: int | None = None
    timezone: str | None = None


class GapsFound(Struct, frozen=True, kw_only=True):
    """The gaps of the crisis policy first, then those of each schedule."""

    gaps: tuple[GapFound, ...]


class Ical(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The duty of a schedule or of one person as a calendar: the last week and so many days to come."""

    schedule: Name | None = None
    staff: Name | None = None
    days: Days = 60


class Calendar(Struct, frozen=True, kw_only=True):
    """RFC 5545."""

    text: str


class Check(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Would this section of the config do?"""

    section: dict[str, Any] = msgspec.field(default_factory=dict)


class Checked(Struct, frozen=True, kw_only=True):
    """`problems` keep it from being used; `warnings` are for somebody to think about."""

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
