"""Writes what is made from short descriptions in deploy/monitoring: `python -m namjai.devkit.monitoring [--check]`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from namjai.devkit.monitoring import dashboards, log_events, slo

WIDTH: Final = 116


def files(folder: Path) -> Mapping[str, str]:
    """File name, seen from the folder → content."""
    slos = slo.read(folder / "slos.yaml")
    pages = [dashboards.of_slos(slos), *dashboards.read(folder / "dashboards.yaml")]
    burnt = slo.rules(slos)
    written = [yaml.safe_load(path.read_text("utf-8")) for path in sorted((folder / "rules").glob("*.yaml"))]
    others = [group for rules in written for group in rules["groups"] if not group["name"].startswith("namjai-slo-")]
    return {
        "rules/slo.yaml": _yaml("slos.yaml", burnt),
        "prometheus-rule.yaml": _yaml("slos.yaml and rules/", _for_kubernetes([*burnt["groups"], *others])),
        **{f"dashboards/namjai-{page.name}.json": _json(dashboards.grafana(page)) for page in pages},
        **_catalogue(folder),
    }


def _catalogue(folder: Path) -> Mapping[str, str]:
    """What the log says, where the folder is that of a checkout."""
    meanings = folder / "log_events.yaml"
    return {"../../docs/logs.md": log_events.page(folder.parents[1], meanings)} if meanings.is_file() else {}


def _for_kubernetes(groups: list[dict[str, Any]]) -> dict[str, Any]:
    """The same rules as the Prometheus operator takes them."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "namjai"},
        "spec": {"groups": groups},
    }


def _yaml(source: str, content: Any) -> str:
    body = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=WIDTH)
    return f"# Generated from {source} by `make docs`; a test compares.\n{body}"


def _json(content: Any) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or with --check say whether they are up to date."""
    parser = argparse.ArgumentParser(prog="python -m namjai.devkit.monitoring", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("deploy/monitoring").resolve())
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when a file is not up to date")
    chosen = parser.parse_args(arguments)
    stale = []
    for name, content in files(chosen.folder).items():
        path = chosen.folder / name
        if not chosen.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != content:
            stale.append(name)
    if stale:
        sys.stderr.write(f"not up to date: {', '.join(stale)}; run `make docs`\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
