"""Shows when the jobs that nobody sees (backup, rehearsal of a restore, retention) were last done.

A job is gone a second later and cannot be asked, so it leaves a note in KV `config` (`operations.<job>`). A process
that is always there makes a metric of the notes, and a job that is not done any more is noticed.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Final

import msgspec

from namjai.runtime.bus import Requests
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import BoundedLabel, Metrics

PREFIX: Final = "$KV.config.operations."
CHORES: Final = ("backup", "backup-keys", "rehearse", "retain", "rotate-keys")
"""What is shown also while it was never done."""
CHORES_MAX: Final = 20
LOOK_EVERY_S: Final = 60.0
DEADLINE_S: Final = 2.0

_log = get_logger(__name__)


class _Note(msgspec.Struct, frozen=True):
    at: datetime


class Chores:
    """Reads the notes now and then. What is read last stays, as the time goes on."""

    def __init__(self, requests: Requests, metrics: Metrics, *, every_s: float = LOOK_EVERY_S) -> None:
        self._requests = requests
        self._every_s = every_s
        self._chore = BoundedLabel(CHORES_MAX, known=CHORES)
        self._done = metrics.gauge(
            "chore_done_timestamp_seconds", "When a job of the operations was last done; 0: never.", ("chore",)
        )
        for chore in CHORES:
            self._done.labels(chore)

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop`."""
        while not stop.is_set():
            try:
                await self.look()
            except LogUnavailable as away:
                _log.info("chores_not_known", reason=str(away))
            try:
                async with asyncio.timeout(self._every_s):
                    await stop.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Read all notes once. Raises `LogUnavailable`."""
        query = json.dumps({"multi_last": [f"{PREFIX}>"]}).encode()
        *notes, _end = await self._requests.many(
            "$JS.API.DIRECT.GET.KV_config", query, last=lambda msg: not msg.data, deadline_s=DEADLINE_S
        )
        for note in notes:
            chore = (note.headers or {})["Nats-Subject"].removeprefix(PREFIX)
            try:
                done = msgspec.json.decode(note.data, type=_Note).at
            except msgspec.MsgspecError:
                continue  # somebody else's key
            self._done.labels(self._chore(chore)).set(done.astimezone(UTC).timestamp())
