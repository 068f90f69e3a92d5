"""The names that lines of the log go by: found in the code, explained in log_events.yaml, listed in docs/logs.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

LEVELS: Final = ("critical", "error", "warning", "info", "debug")
LOGGERS: Final = frozenset({"_log", "log"})
"""What a module of ours calls its logger."""
SOURCES: Final = ("libs/*/src", "services/*/src")
HEAD: Final = """<!-- Generated from the code and deploy/monitoring/log_events.yaml by `make docs`; a test compares. -->
# What is in the log

One JSON object a line on stderr; on a terminal the same for people (`NAMJAI_LOG_FORMAT`). `event` is one of the names
below and stays what it is: searches and alarms may rely on it. Libraries' own lines have their words there, and their
`logger`. Nothing personal is in a line: no name, text, LINE id, address or token.

Every line has `time` (UTC), `level`, `logger`, `service` and `version`; one about an event has its `correlation_id`,
which all events of a matter share, and while tracing is on `trace_id` and `span_id`. An exception is under `exception`:
its type, its masked words, frames without values, and a `fingerprint`, which is the same for the same failure in the
same function, in every release, whatever the data was. `namjai_errors_total` counts by it.

"""


class Line(NamedTuple):
    """One place in the code that writes a line."""

    event: str
    level: str
    service: str
    fields: tuple[str, ...]


@cache
def lines(root: Path) -> Sequence[Line]:
    """All that our processes may write, from their source. Raises `ValueError` for a name that is no constant."""
    files = (path for pattern in SOURCES for folder in root.glob(pattern) for path in folder.rglob("*.py"))
    return sorted({line for path in files for line in _of(path)})


def _of(path: Path) -> Iterator[Line]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if name in LOGGERS:
                level = {"exception": "error", "warn": "warning"}.get(method, method)
                if level in LEVELS:
                    yield _line(node, level, method == "exception", path)


def _line(call: ast.Call, level: str, describes: bool, path: Path) -> Line:
    if not call.args or not isinstance(call.args[0], ast.Constant) or not isinstance(call.args[0].value, str):
        raise ValueError(f"{path}:{call.lineno}: the name of a line is a constant")
    fields = [each.arg for each in call.keywords if each.arg is not None and each.arg != "exc_info"]
    own = ("exception",) if describes or any(each.arg == "exc_info" for each in call.keywords) else ()
    return Line(call.args[0].value, level, _service(path), (*fields, *own))


def _service(path: Path) -> str:
    """The package after `namjai`: a service, or `runtime`, which is in all of them."""
    return path.parts[path.parts.index("namjai") + 1]


def page(root: Path, meanings: Path) -> str:
    """docs/logs.md. Raises `ValueError` when a name has no meaning, or a meaning no name."""
    found, explained = lines(root), dict(_meanings(meanings))
    names = {line.event for line in found}
    if unexplained := sorted(names - explained.keys()):
        raise ValueError(f"{meanings}: what do these mean? {', '.join(unexplained)}")
    if gone := sorted(explained.keys() - names):
        raise ValueError(f"{meanings}: nobody writes these any more: {', '.join(gone)}")
    return HEAD + "\n".join(_tables(found, explained)) + "\n"


def _meanings(path: Path) -> Mapping[str, str]:
    groups: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return {str(name): str(meaning) for name, meaning in groups.items()}


def _tables(found: Sequence[Line], explained: Mapping[str, str]) -> Iterator[str]:
    for service in ("runtime", *sorted({line.service for line in found} - {"runtime"})):
        title = "Every service" if service == "runtime" else service
        yield f"## {title}\n\n| event | level | what it means | fields |\n|---|---|---|---|"
        own = [line for line in found if line.service == service]
        for name in sorted({line.event for line in own}):
            places = [line for line in own if line.event == name]
            levels = sorted({line.level for line in places}, key=LEVELS.index)
            fields = dict.fromkeys(field for line in places for field in line.fields)
            told = " ".join(f"`{field}`" for field in fields)
            yield f"| `{name}` | {', '.join(levels)} | {explained[name]} | {told} |"
        yield ""
