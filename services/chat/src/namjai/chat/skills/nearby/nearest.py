"""Which services are closest to a place: a table, a distance, and a choice that never leaves treatment out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec

from namjai.chat.content import LANGUAGES, Language, load
from namjai.chat.domain.heard import Place

Kind = Literal["treatment", "psychiatric", "hospital"]

EARTH_KM: Final = 6_371.0
NEAR_KM_MAX: Final = 150.0
SHOWN_MAX: Final = 3
FILE_BYTES_MAX: Final = 2_000_000
_CARES: Final[tuple[Kind, ...]] = ("treatment", "psychiatric")
"""What must be among those shown, the more fitting first: the nearest hospital is no help against a craving."""


class BadServices(ValueError):
    """The clinic's own list cannot be used; the message says why."""


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place where there is help. `verified` is true only with the date on which somebody checked it."""

    id: str
    country: str
    kind: Kind
    names: dict[Language, str]
    latitude: float
    longitude: float
    verified: bool
    verified_on: date | None = None
    telephone: str | None = None


class Found(NamedTuple):
    """A service and how far away it is."""

    service: Service
    km: float


@lru_cache(maxsize=1)
def shipped() -> tuple[Service, ...]:
    """The table that comes with Namjai."""
    return load("namjai.chat.skills.nearby", "services.yaml", tuple[Service, ...])


def read(file: Path) -> tuple[Service, ...]:
    """A clinic's own table, in place of the shipped one. Raises `BadServices`."""
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise BadServices(f"{file} is larger than {FILE_BYTES_MAX} bytes")
        services = msgspec.yaml.decode(file.read_bytes(), type=tuple[Service, ...])
    except (OSError, msgspec.MsgspecError) as wrong:
        raise BadServices(f"{file}: {wrong}") from None
    for service in services:
        if missing := [language for language in LANGUAGES if not service.names.get(language)]:
            raise BadServices(f"{file}: {service.id} has no name in {', '.join(missing)}")
        if not (-90 <= service.latitude <= 90 and -180 <= service.longitude <= 180):
            raise BadServices(f"{file}: {service.id} is nowhere on earth")
    return services


def nearest(place: Place, services: Sequence[Service]) -> list[Found]:
    """The closest ones within reach, nearest first; the closest that treats addiction, or else the mind, is always
    among them."""
    found = sorted((Found(each, distance_km(place, each)) for each in services), key=lambda each: each.km)
    near = [each for each in found if each.km <= NEAR_KM_MAX]
    first = near[:SHOWN_MAX]
    cares = next((each for kind in _CARES for each in near if each.service.kind == kind), None)
    if cares is not None and cares not in first:
        first = [*first[: SHOWN_MAX - 1], cares]
    return first


def distance_km(place: Place, service: Service) -> float:
    """Along the earth's surface (haversine)."""
    north, south = radians(place.latitude), radians(service.latitude)
    across = sin((north - south) / 2) ** 2
    along = cos(north) * cos(south) * sin(radians(place.longitude - service.longitude) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(across + along)))
