"""How a stream that is there becomes what a release wants: it may grow, and nothing that is in it is ever lost by that.

A release that is rolled back to provisions again, too. So a limit that is wider, a subject that is heard, a copy that
is kept and a capability that is switched on stay as they are, and so does everything that a release does not speak of.
To make a stream smaller is for a person, with NATS's own tool.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

NUMBERS: Final = ("num_replicas", "duplicate_window")
"""More is safer."""
LIMITS: Final = ("max_age", "max_bytes", "max_msgs", "max_msgs_per_subject", "max_msg_size")
"""More is safer, and none (nothing, 0 or -1) is most: what is above a limit is deleted at once."""
KINDS: Final = ("storage", "retention")
"""Cannot become another while something is in the stream."""
CAPABILITIES: Final = (
    "allow_atomic",
    "allow_direct",
    "allow_msg_schedules",
    "allow_msg_ttl",
    "allow_rollup_hdrs",
)

Config = Mapping[str, Any]


class CannotBecome(Exception):
    """The stream is of another kind, and what is in it would have to be moved by a person."""


def grown(there: Config, wanted: Config) -> dict[str, Any]:
    """The configuration to ask for. Raises `CannotBecome` when it would have to be another stream."""
    for kind in KINDS:
        if there[kind] != wanted[kind]:
            raise CannotBecome(f"{wanted['name']}: {kind} is {there[kind]}, and {wanted[kind]} is wanted")
    merged = {**there, **wanted, "subjects": list(dict.fromkeys([*there["subjects"], *wanted["subjects"]]))}
    for name in NUMBERS:
        merged[name] = max(int(there.get(name, 0)), int(wanted.get(name, 0)))
    for name in LIMITS:
        wider = _wider(there.get(name), wanted.get(name))
        merged[name] = there[name] if name in there and _plain(there[name]) == wider else wider
    merged |= {name: True for name in CAPABILITIES if there.get(name)}
    return merged


def kept(there: Config, wanted: Config) -> list[str]:
    """The settings that stay wider than this release wants them, for people to know."""
    merged = grown(there, wanted)
    wider = [name for name in NUMBERS if merged[name] != wanted.get(name, 0)]
    wider += [name for name in LIMITS if _plain(merged[name]) != _plain(wanted.get(name))]
    return wider if set(merged["subjects"]) == set(wanted["subjects"]) else ["subjects", *wider]


def _wider(one: int | None, other: int | None) -> int:
    return max(_plain(one), _plain(other)) if _plain(one) and _plain(other) else 0


def _plain(limit: int | None) -> int:
    """A limit, or 0 for none."""
    return limit if limit and limit > 0 else 0
