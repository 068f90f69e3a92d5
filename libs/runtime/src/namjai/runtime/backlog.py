"""What waits for this service in NATS, and how full its store is: asked now and then, for metrics and for people."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, TypeVar

import msgspec

from namjai.runtime.bus import Requests
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.metrics import Metrics
from namjai.runtime.vitals import Vital, mib, share_level

PENDING_HIGH: Final = 1_000
"""As in the alert rule NamjaiConsumerPending."""
DEADLINE_S: Final = 0.8


class _Error(msgspec.Struct, frozen=True):
    code: int = 0
    err_code: int = 0


class _Consumer(msgspec.Struct, frozen=True):
    """What NATS says of a consumer, as far as it matters here."""

    num_pending: int = 0
    num_ack_pending: int = 0
    num_redelivered: int = 0
    error: _Error | None = None


class _Limits(msgspec.Struct, frozen=True):
    max_storage: int = -1


class _Account(msgspec.Struct, frozen=True):
    storage: int = 0
    reserved_storage: int = 0
    limits: _Limits = _Limits()
    error: _Error | None = None


_Shape = TypeVar("_Shape", _Consumer, _Account)


class Backlog:
    """The durable consumers of one service, whichever of them there are."""

    def __init__(self, requests: Requests, metrics: Metrics, durables: Sequence[tuple[str, str]]) -> None:
        self._requests = requests
        self._metrics = metrics
        self._durables = durables

    async def look(self) -> Sequence[Vital]:
        """Each consumer in NATS's own words. Raises `LogUnavailable`."""
        found = await asyncio.gather(*(self._consumer(stream, durable) for stream, durable in self._durables))
        return [vital for vital in found if vital is not None]

    async def _consumer(self, stream: str, durable: str) -> Vital | None:
        answer = await self._requests.one(f"$JS.API.CONSUMER.INFO.{stream}.{durable}", b"", deadline_s=DEADLINE_S)
        seen = _decode(answer.data, _Consumer)
        if seen.error is not None and seen.error.code == 404:
            return None  # this part of the service is switched off, or has not started yet
        _refuse(seen.error)
        self._metrics.pending.labels(durable).set(seen.num_pending)
        self._metrics.ack_pending.labels(durable).set(seen.num_ack_pending)
        self._metrics.redelivered.labels(durable).set(seen.num_redelivered)
        return Vital(
            name=f"consumer {durable}",
            level="high" if seen.num_pending > PENDING_HIGH else "ok",
            says=f"{seen.num_pending} pending, {seen.num_ack_pending} at hand, {seen.num_redelivered} redelivered",
            figures={
                "pending": seen.num_pending,
                "ack_pending": seen.num_ack_pending,
                "redelivered": seen.num_redelivered,
            },
        )


class Storage:
    """JetStream's files: when they may grow no more, nothing can be appended, and LINE is told 503."""

    def __init__(self, requests: Requests, metrics: Metrics) -> None:
        self._requests = requests
        self._metrics = metrics

    async def look(self) -> Sequence[Vital]:
        """What the account uses, has reserved and may use. Raises `LogUnavailable`."""
        answer = await self._requests.one("$JS.API.INFO", b"", deadline_s=DEADLINE_S)
        account = _decode(answer.data, _Account)
        _refuse(account.error)
        limit = max(0, account.limits.max_storage)
        self._metrics.store_used_bytes.set(account.storage)
        self._metrics.store_reserved_bytes.set(account.reserved_storage)
        self._metrics.store_limit_bytes.set(limit)
        share = account.storage / limit if limit else 0.0
        of = f" of {mib(limit)} ({share:.0%})" if limit else ", no limit of the account"
        return [
            Vital(
                name="log store",
                level=share_level(share),
                says=f"{mib(account.storage)} used, {mib(account.reserved_storage)} reserved{of}",
                figures={
                    "used_bytes": account.storage,
                    "reserved_bytes": account.reserved_storage,
                    "limit_bytes": limit or None,
                },
            )
        ]


def _decode(data: bytes, shape: type[_Shape]) -> _Shape:
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.MsgspecError as odd:
        raise LogUnavailable("no answer of JetStream") from odd


def _refuse(error: _Error | None) -> None:
    if error is not None:
        raise LogUnavailable(f"JetStream says {error.err_code}")
