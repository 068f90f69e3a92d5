"""The figures of a period, from the counters of its days and the histograms of its hours."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

import msgspec

from namjai.analytics.domain.latency import percentile_ms

PERCENTILES: Final = (0.5, 0.99)


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """How long it took, in milliseconds, rounded up to the histogram's bound; None when nothing was measured."""

    count: int
    p50_ms: int | None
    p99_ms: int | None


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """One period. The maps' keys are LINE's message types, reply kinds, risk levels and outcomes, and alert levels."""

    messages: int
    by_kind: dict[str, int]
    active_members: int
    throttled: int
    replies: int
    by_reply: dict[str, int]
    unscreened: int
    delivered: int
    delivery_failed: int
    risk: dict[str, int]
    alerts: dict[str, int]
    reply_times: dict[str, Latency]
    """`issued`: webhook to reply decided; `delivered`: webhook to LINE's answer."""


def period(
    counts: Iterable[tuple[str, int]], active_members: int, reply_times: Iterable[tuple[str, int, int]]
) -> Period:
    """`counts` are (measure, count), each measure once; `reply_times` are (step, bound in ms, count)."""
    areas: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for measure, count in counts:
        area, _, detail = measure.partition(".")
        areas[area][detail] = count
    histograms: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for step, bound, count in reply_times:
        histograms[step][bound] += count
    return Period(
        messages=sum(areas["message"].values()),
        by_kind=areas["message"],
        active_members=active_members,
        throttled=areas["throttled"].get("", 0),
        replies=sum(areas["reply"].values()),
        by_reply=areas["reply"],
        unscreened=areas["unscreened"].get("", 0),
        delivered=areas["delivered"].get("", 0),
        delivery_failed=areas["delivery_failed"].get("", 0),
        risk=areas["risk"],
        alerts={level: count for level, count in areas["alert"].items() if level != "unscreened"},
        reply_times={step: _latency(counted) for step, counted in histograms.items()},
    )


def _latency(counted: Counter[int]) -> Latency:
    p50_ms, p99_ms = (percentile_ms(counted, share) for share in PERCENTILES)
    return Latency(count=counted.total(), p50_ms=p50_ms, p99_ms=p99_ms)
