"""`/readyz?verbose`: a process and all it depends on, as lines for people or as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from namjai.runtime.health import CheckResult, Readiness
from namjai.runtime.vitals import Vital

_SIGNS: Final[Mapping[str, str]] = {"ok": "+", "high": "!", "critical": "!", "unknown": "?"}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON of `/readyz?verbose`. The checks decide; what follows them explains."""

    service: str
    release: str
    uptime_s: float
    ready: bool
    draining: bool
    checks: Sequence[CheckResult]
    vitals: Sequence[Vital]


def report(service: str, release: str, uptime_s: float, readiness: Readiness, vitals: Sequence[Vital]) -> Report:
    """Put together what was found."""
    return Report(
        service=service,
        release=release,
        uptime_s=round(uptime_s, 1),
        ready=readiness.ready,
        draining=readiness.draining,
        checks=readiness.checks,
        vitals=vitals,
    )


def text(said: Report) -> str:
    """Lines like Kubernetes's own: `+` works, `-` does not, `!` is not as it should be, `?` could not be found out."""
    return "\n".join(_lines(said)) + "\n"


def _lines(said: Report) -> Iterator[str]:
    yield from (_check(each) for each in said.checks)
    for vital in said.vitals:
        yield f"[{_SIGNS[vital.level]}]{vital.name} {vital.level}: {vital.says}"
    if said.draining:
        yield "[-]draining: it ends as soon as what has begun is finished"
    yield f"{said.service} {said.release}, up {said.uptime_s:.0f} s"
    yield f"readyz check {'passed' if said.ready else 'failed'}"


def _check(check: CheckResult) -> str:
    kind = "required" if check.required else "optional"
    if check.ok:
        return f"[+]{check.name} ok {check.latency_ms:.1f} ms, {kind}"
    return f"[-]{check.name} failed: {check.reason} after {check.latency_ms:.1f} ms, {kind}"
