"""Writes what every service can be told: `python -m namjai.devkit.configuration` makes docs/configuration.md."""

from __future__ import annotations

import argparse
import re
import sys
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path, PurePath
from typing import Any, Final

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen, MultipleOf
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from namjai.analytics.settings import AnalyticsSettings
from namjai.chat.settings import ChatSettings
from namjai.gateway.settings import GatewaySettings
from namjai.notify.settings import NotifySettings
from namjai.operations.settings import OperationsSettings
from namjai.risk.settings import RiskSettings
from namjai.runtime.settings import ServiceSettings

FILE: Final = "configuration.md"
SERVICES: Final[Mapping[str, type[ServiceSettings]]] = {
    "gateway": GatewaySettings,
    "risk": RiskSettings,
    "chat": ChatSettings,
    "notify": NotifySettings,
    "analytics": AnalyticsSettings,
    "operations": OperationsSettings,
}
SECRET: Final = "🔑"
_PLAIN: Final = {str: "text", int: "whole number", float: "number", bool: "true or false"}
_HEAD: Final = f"""# Configuration

Generated from the services' settings classes by `make docs`; a test compares. A service reads these variables once, at
its start; one that breaks a limit stops the start, and the message names the variable and never shows its value.
An empty variable counts as one that is not there.

{SECRET} marks a secret: it belongs into a Secret, is never logged, and is not shown by `namjai`. The unit of a number
is the end of its name: `_s` seconds, `_ms` milliseconds, `_bytes`, `_hours`.
What a clinic changes while Namjai runs (staff, schedules, skills, policies) is not here but in the log and in the
key-value store `config`: see [on call](on-call.md) and [policies](policies.md).
"""
_COLUMNS: Final = ("| variable | takes | default | limits | what it does |", "|---|---|---|---|---|")


def document() -> str:
    """The whole page: what all services have, then what each has for itself or sees otherwise."""
    common = ServiceSettings.model_fields
    parts = [_HEAD, "## Every service\n", f"{_sentence(ServiceSettings)}\n", _table(common.items())]
    for name, settings in SERVICES.items():
        own = [(field, info) for field, info in settings.model_fields.items() if not _is_common(field, info)]
        parts += [f"## {name}\n", f"{_sentence(settings)}\n", _table(own)]
    return "\n".join(parts)


def _is_common(name: str, info: FieldInfo) -> bool:
    """Whether a service has this field as all of them have it."""
    shared = ServiceSettings.model_fields.get(name)
    return shared is not None and _row(name, shared) == _row(name, info)


def _sentence(settings: type[ServiceSettings]) -> str:
    return " ".join((settings.__doc__ or "").partition("\n\n")[0].split())


def _table(fields: Iterable[tuple[str, FieldInfo]]) -> str:
    return "\n".join([*_COLUMNS, *(_row(name, info) for name, info in fields), ""])


def _row(name: str, info: FieldInfo) -> str:
    mark = f"{SECRET} " if is_secret(info) else ""
    cells = (
        f"{mark}`{variable(name)}`",
        _takes(info.annotation),
        _default(info),
        ", ".join(_limits(info)),
        info.description or "",
    )
    return "| " + " | ".join(_cell(each) for each in cells) + " |"


def variable(name: str) -> str:
    """The environment variable of a field."""
    return f"{ServiceSettings.model_config['env_prefix']}{name}".upper()


def is_secret(info: FieldInfo) -> bool:
    """Whether nobody may see its value."""
    return SecretStr in _options(info.annotation)


def _options(annotation: Any) -> Sequence[Any]:
    """The types that a field takes, without the metadata around them and without None."""
    if typing.get_origin(annotation) is typing.Annotated:
        return _options(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        inside = [option for each in typing.get_args(annotation) for option in _options(each)]
        return [option for option in inside if option is not type(None)]
    return [annotation]


def _takes(annotation: Any) -> str:
    return " or ".join(dict.fromkeys(_kind(option) for option in _options(annotation)))


def _kind(option: Any) -> str:
    if typing.get_origin(option) is typing.Literal:
        return ", ".join(f"`{each}`" for each in typing.get_args(option))
    if option is SecretStr:
        return "text"
    if isinstance(option, type) and issubclass(option, PurePath):
        return "path"
    return _PLAIN.get(option, "JSON")


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "**required**"
    value = info.get_default(call_default_factory=True)
    if value is None or value in ("", ()):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value.value if isinstance(value, Enum) else value}`"


def _limits(info: FieldInfo) -> Iterable[str]:
    for each in info.metadata:
        match each:
            case Ge():
                yield f"≥ {_number(each.ge)}"
            case Gt():
                yield f"> {_number(each.gt)}"
            case Le():
                yield f"≤ {_number(each.le)}"
            case Lt():
                yield f"< {_number(each.lt)}"
            case MultipleOf():
                yield f"in steps of {_number(each.multiple_of)}"
            case MinLen():
                yield f"at least {_number(each.min_length)} long"
            case MaxLen():
                yield f"at most {_number(each.max_length)} long"
            case _ if pattern := getattr(each, "pattern", None):
                yield f"`{pattern}`"


def _number(value: Any) -> str:
    """A whole number with commas between the thousands, so that a reader need not count noughts."""
    return f"{value:,}"


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\|", " ".join(text.split()))


def main(arguments: list[str] | None = None) -> int:
    """Write the page into a folder, or with --check say whether it is up to date."""
    parser = argparse.ArgumentParser(prog="python -m namjai.devkit.configuration", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs"))
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when the page is not up to date")
    chosen = parser.parse_args(arguments)
    path = chosen.folder / FILE
    if not chosen.check:
        path.write_text(document(), encoding="utf-8")
        return 0
    if path.is_file() and path.read_text(encoding="utf-8") == document():
        return 0
    sys.stderr.write(f"not up to date: {FILE}; run `make docs`\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
