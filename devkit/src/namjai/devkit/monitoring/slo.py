"""From what was promised to rules: error ratios over several windows, and alerts when a budget burns too fast.

The windows and factors are those of Google's SRE Workbook, chapter 5 (multiwindow, multi-burn-rate alerts), for a
budget of 30 days: a page when 2 % of it is gone in an hour or 5 % in six, a ticket when 10 % is gone in three days.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

RATIO: Final = "namjai:slo_errors:ratio_rate"
WINDOWS: Final = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")


class Slo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One promise of slos.yaml."""

    name: str
    alert: str
    title: str
    objective: float
    bad: str
    all: str

    @property
    def budget(self) -> str:
        """The share that may go wrong, as a number without the noise of binary fractions."""
        return f"{1 - self.objective:.6g}"

    def ratio(self, window: str) -> str:
        """The recorded series of one window."""
        return f'{RATIO}{window}{{slo="{self.name}"}}'


class Burn(NamedTuple):
    """Alarm when the budget burns `factor` times too fast over the long window, and still does over the short one."""

    long: str
    short: str
    factor: int


PAGE: Final = (Burn("1h", "5m", 14), Burn("6h", "30m", 6))
TICKET: Final = (Burn("1d", "2h", 3), Burn("3d", "6h", 1))


def read(path: Path) -> Sequence[Slo]:
    """The promises."""
    return msgspec.yaml.decode(path.read_bytes(), type=list[Slo])


def rules(slos: Sequence[Slo]) -> dict[str, Any]:
    """A file of rules for Prometheus."""
    return {
        "groups": [
            {"name": f"namjai-slo-{slo.name}", "rules": [*_recorded(slo), _alert(slo, "page"), _alert(slo, "ticket")]}
            for slo in slos
        ]
    }


def _recorded(slo: Slo) -> list[dict[str, Any]]:
    return [
        {
            "record": f"{RATIO}{window}",
            "expr": f"({slo.bad}) / ({slo.all})".replace("$window", window),
            "labels": {"slo": slo.name},
        }
        for window in WINDOWS
    ]


def _alert(slo: Slo, severity: str) -> dict[str, Any]:
    pages = severity == "page"
    burns = [
        f"({slo.ratio(burn.long)} > {burn.factor} * {slo.budget} and {slo.ratio(burn.short)} > "
        f"{burn.factor} * {slo.budget})"
        for burn in (PAGE if pages else TICKET)
    ]
    return {
        "alert": slo.alert,
        "expr": " or ".join(burns),
        "for": "2m" if pages else "15m",
        "labels": {"severity": severity},
        "annotations": {
            "summary": f"{slo.title}: not often enough",
            "description": f"{{{{ $value | humanizePercentage }}}} went wrong; {slo.objective:.2%} are to go well.",
            "runbook": f"docs/runbook/{slo.alert}.md",
        },
    }
