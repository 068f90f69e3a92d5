"""Puts on record that a job was done, where every service can read it: the key `operations.<job>` in KV `config`.

An alert about a job that has not been done for too long must not depend on that job, so the record is not a metric of
the job, which is gone a second later, but a fact that others show.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from nats.aio.client import Client

BUCKET: Final = "config"
PREFIX: Final = "operations."
DEADLINE_S: Final = 5.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The last good run of a job."""

    at: datetime
    details: dict[str, Any] = {}


async def note(nc: Client, job: str, **details: Any) -> None:
    """This job has just been done; `details` are counts and names, nothing personal."""
    outcome = Outcome(at=datetime.now(UTC), details=details)
    await nc.jetstream(timeout=DEADLINE_S).publish(
        f"$KV.{BUCKET}.{PREFIX}{job}", msgspec.json.encode(outcome), timeout=DEADLINE_S
    )
