"""From short descriptions to dashboards as Grafana reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from namjai.devkit.monitoring.slo import Slo

COLUMNS: Final = 24
HEIGHT: Final = 8
SCHEMA: Final = 39
_SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}


class Panel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One picture: what it says in its legend, and the query behind it."""

    title: str
    lines: Mapping[str, str]
    about: str = ""
    unit: str = "short"
    show: Literal["timeseries", "stat"] = "timeseries"
    width: int = 8


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pictures that belong together."""

    title: str
    panels: Sequence[Panel]


class Dashboard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One page."""

    name: str
    title: str
    about: str
    rows: Sequence[Row]


def read(path: Path) -> Sequence[Dashboard]:
    """The dashboards of dashboards.yaml."""
    return msgspec.yaml.decode(path.read_bytes(), type=list[Dashboard])


def of_slos(slos: Sequence[Slo]) -> Dashboard:
    """What was promised and how it stands: one row a promise."""
    return Dashboard(
        name="slo",
        title="Promises",
        about="Service level objectives over 30 days, their budgets, and how fast these burn.",
        rows=[Row(title=f"{slo.title} ({slo.objective:.1%})", panels=_budget(slo)) for slo in slos],
    )


def _budget(slo: Slo) -> Sequence[Panel]:
    went_wrong = f"({slo.bad}) / ({slo.all})".replace("$window", "30d")
    return [
        Panel(
            title="Budget left",
            unit="percentunit",
            show="stat",
            lines={"30 days": f"1 - ({went_wrong}) / {slo.budget}"},
        ),
        Panel(
            title="Went wrong",
            unit="percentunit",
            lines={window: slo.ratio(window) for window in ("5m", "1h", "1d")},
        ),
        Panel(
            title="Burn rate (1: the budget lasts 30 days)",
            lines={window: f"{slo.ratio(window)} / {slo.budget}" for window in ("1h", "6h", "3d")},
        ),
    ]


def grafana(dashboard: Dashboard) -> dict[str, Any]:
    """The dashboard as JSON; the reader chooses the Prometheus it asks."""
    return {
        "uid": f"namjai-{dashboard.name}",
        "title": f"Namjai · {dashboard.title}",
        "description": dashboard.about,
        "tags": ["namjai"],
        "schemaVersion": SCHEMA,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {
            "list": [{"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}]
        },
        "panels": list(_placed(dashboard.rows)),
    }


def _placed(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Panels from left to right and from top to bottom, numbered in that order."""
    number, top = 0, 0
    for row in rows:
        number += 1
        at: dict[str, Any] = {"gridPos": _at(0, top, COLUMNS, 1)}
        yield {"id": number, "type": "row", "title": row.title, "collapsed": False, "panels": [], **at}
        left, top = 0, top + 1
        for panel in row.panels:
            if left + panel.width > COLUMNS:
                left, top = 0, top + HEIGHT
            number += 1
            yield {"id": number, "gridPos": _at(left, top, panel.width, HEIGHT), **_panel(panel)}
            left += panel.width
        top += HEIGHT


def _at(x: int, y: int, w: int, h: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": w, "h": h}


def _panel(panel: Panel) -> dict[str, Any]:
    options: dict[str, Any] = {"tooltip": {"mode": "multi", "sort": "desc"}, "legend": {"displayMode": "list"}}
    if panel.show == "stat":
        options = {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "textMode": "auto"}
    return {
        "type": panel.show,
        "title": panel.title,
        **({"description": panel.about} if panel.about else {}),
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": options,
        "targets": [
            {"refId": chr(ord("A") + n), "datasource": _SOURCE, "expr": expression, "legendFormat": legend}
            for n, (legend, expression) in enumerate(panel.lines.items())
        ],
    }
