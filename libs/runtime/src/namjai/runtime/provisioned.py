"""Says when provisioning of this release is done: `python -m namjai.runtime.provisioned` waits for it, then exits.

A roll-out begins with this command in every pod, so that no new process meets streams or tables of the release before.
The note is one key a release and stays: a release that is rolled back to was provisioned in its own time.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError

from namjai.runtime.bus import connect
from namjai.runtime.logs import configure_logs, get_logger
from namjai.runtime.settings import ServiceSettings
from namjai.runtime.version import VERSION

BUCKET: Final = "config"
WAIT_S: Final = 600.0
"""Longer than a migration of a large archive should take; then the pod starts over, and says so in its status."""
EVERY_S: Final = 1.0
REQUEST_DEADLINE_S: Final = 5.0

_log = get_logger(__name__)


def release(streams: Sequence[Mapping[str, Any]]) -> str:
    """The release and the shape of its streams: what was provisioned for one is not for another."""
    shape = json.dumps(streams, sort_keys=True).encode()
    return f"{VERSION}-{hashlib.sha256(shape).hexdigest()[:12]}"


async def note(nc: Client, streams: Sequence[Mapping[str, Any]]) -> str:
    """Write down that all is there for this release. Returns its name."""
    bucket = await nc.jetstream(timeout=REQUEST_DEADLINE_S).key_value(BUCKET)
    await bucket.put(_key(streams), b"done")
    return release(streams)


async def is_noted(nc: Client, streams: Sequence[Mapping[str, Any]]) -> bool:
    """Whether provisioning of this release has been done; no answer means not yet."""
    try:
        bucket = await nc.jetstream(timeout=REQUEST_DEADLINE_S).key_value(BUCKET)
        await bucket.get(_key(streams))
    except (JetStreamError, NatsError, TimeoutError):
        return False
    return True


def _key(streams: Sequence[Mapping[str, Any]]) -> str:
    return f"provisioned.{release(streams)}"


async def main(wait_s: float = WAIT_S) -> int:
    """Exit code 0: provisioned. 1: not within the time."""
    from namjai.runtime.provision import STREAMS

    settings = ServiceSettings()
    configure_logs("provisioned", VERSION, level=settings.log_level, log_format=settings.log_format)
    name = settings.nats_user or "provisioned"  # answers come back under the inbox that this user may read
    password = settings.nats_password.get_secret_value() if settings.nats_password else None
    ca_file = str(settings.nats_ca_file) if settings.nats_ca_file else None
    try:
        async with asyncio.timeout(wait_s):
            nc = await connect(
                settings.nats_url, name=name, user=settings.nats_user, password=password, ca_file=ca_file
            )
            try:
                while not await is_noted(nc, STREAMS):
                    _log.info("waiting_for_provisioning", release=release(STREAMS))
                    await asyncio.sleep(EVERY_S)
            finally:
                await nc.close()
    except TimeoutError:
        _log.error("not_provisioned_in_time", release=release(STREAMS), wait_s=wait_s)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
