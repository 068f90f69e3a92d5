"""A durable consumer as a service wants it: made, or brought up to date, and a newer release loses nothing by it."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterable, Sequence
from typing import Any, Final

import nats.errors
from nats.aio.client import Client

from namjai.runtime.errors import LogUnavailable

ASK_TRIES_MAX: Final = 6
ASK_DEADLINE_S: Final = 1.0
BACKOFF_FIRST_S: Final = 0.2
BACKOFF_MAX_S: Final = 30.0
_NOT_FOUND: Final = 10014


async def ensure_consumer(
    nc: Client, stream: str, durable: str, filters: Sequence[str], *, ack_wait_s: float, deliveries_max: int, room: int
) -> None:
    """Create the durable consumer, or bring an older one up to date; its position stays.

    What a newer release hears stays heard: an older process beside it, or a roll-back, would otherwise let the
    consumer pass by what the newer one waits for. Raises `LogUnavailable`.
    """
    known = await _asked(nc, f"$JS.API.CONSUMER.INFO.{stream}.{durable}", {})
    heard = known["config"].get("filter_subjects", ()) if known else ()
    config = {
        "durable_name": durable,
        "filter_subjects": widest([*filters, *heard]),
        "ack_policy": "explicit",
        "ack_wait": int(ack_wait_s * 1e9),
        "max_deliver": deliveries_max + 5,  # ours comes first; the server's is for those who cannot say so
        "max_ack_pending": max(1_000, room * 8),
        "deliver_policy": "all",
    }
    await _asked(nc, f"$JS.API.CONSUMER.CREATE.{stream}.{durable}", {"stream_name": stream, "config": config})


def widest(filters: Iterable[str]) -> list[str]:
    """Without those that another one covers: NATS refuses filters that overlap."""
    each = sorted(set(filters))
    return [one for one in each if not any(other != one and _covers(other, one) for other in each)]


def _covers(wide: str, narrow: str) -> bool:
    ours, theirs = wide.split("."), narrow.split(".")
    if ours[-1] == ">":
        ours, theirs = ours[:-1], theirs[: len(ours) - 1]
    return len(ours) == len(theirs) and all(our in ("*", their) for our, their in zip(ours, theirs, strict=True))


def backoff(attempt: int) -> float:
    """Full jitter: between nothing and a ceiling that doubles, so that many do not come back at once."""
    return random.uniform(0.05, min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2.0 ** min(attempt, 10)))  # noqa: S311


async def _asked(nc: Client, subject: str, query: dict[str, Any]) -> dict[str, Any]:
    """The answer; nothing when there is no such consumer."""
    body: dict[str, Any] = json.loads(await _patiently(nc, subject, json.dumps(query).encode()))
    if "error" not in body:
        return body
    if body["error"].get("err_code") == _NOT_FOUND:
        return {}
    raise LogUnavailable(f"{subject}: {body['error'].get('description')}")


async def _patiently(nc: Client, subject: str, query: bytes) -> bytes:
    """Ask again what a NATS that went away has taken with it: a restart of NATS is no reason for one of ours."""
    for attempt in range(1, ASK_TRIES_MAX):
        try:
            return (await nc.request(subject, query, timeout=ASK_DEADLINE_S)).data
        except (nats.errors.Error, TimeoutError):
            await asyncio.sleep(backoff(attempt))
    return (await nc.request(subject, query, timeout=ASK_DEADLINE_S)).data
