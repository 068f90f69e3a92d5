"""A small language for describing JSON: checks that say where a value breaks the schema, a limit or a habit."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

from namjai.devkit.line.check.rules import Kind, Rule

Path: TypeAlias = "tuple[Path, str | int] | None"
"""Where we are, as a linked list: cheap to extend for every value, written out only for a problem."""


class Problem(NamedTuple):
    """One thing wrong with a request, in LINE's words, and the property it is wrong with."""

    kind: Kind
    property: str
    message: str


class Target(Enum):
    """What kind of chat the messages go to: some objects are allowed only in some of them."""

    UNKNOWN = "unknown"
    USER = "user"
    GROUP = "group"


class Report:
    """Gathers problems while a value is walked."""

    def __init__(self, target: Target = Target.UNKNOWN) -> None:
        self.target = target
        self.problems: list[Problem] = []

    def add(self, kind: Kind, at: Path, message: str) -> None:
        self.problems.append(Problem(kind, written(at), message))


Check = Callable[[Any, Path, Report], None]


def written(at: Path) -> str:
    """`messages[0].quickReply.items[2]`, as LINE writes a property."""
    steps: list[str] = []
    while at is not None:
        at, step = at
        steps.append(f"[{step}]" if isinstance(step, int) else f".{step}")
    return "".join(reversed(steps)).removeprefix(".")


def examine(value: object, check: Check, target: Target = Target.UNKNOWN) -> list[Problem]:
    """Everything that is wrong with `value`."""
    report = Report(target)
    check(value, None, report)
    return report.problems


def _leaf(name: str, fits: Callable[[Any], bool], rules: tuple[Rule, ...]) -> Check:
    def check(value: Any, at: Path, report: Report) -> None:
        if not fits(value):
            report.add(Kind.SCHEMA, at, f"Must be {name}")
            return
        for rule in rules:
            if rule.breaks(value):
                report.add(rule.kind, at, rule.message)
                return

    return check


def string(*rules: Rule) -> Check:
    return _leaf("a string", lambda value: isinstance(value, str), rules)


def integer(*rules: Rule) -> Check:
    return _leaf("an integer", _is_integer, rules)


def number(*rules: Rule) -> Check:
    return _leaf("a number", lambda value: isinstance(value, int | float) and not isinstance(value, bool), rules)


def boolean() -> Check:
    return _leaf("a boolean", lambda value: isinstance(value, bool), ())


def _is_integer(value: object) -> bool:
    if isinstance(value, float):
        return value.is_integer()  # JSON does not tell 5.0 from 5
    return isinstance(value, int) and not isinstance(value, bool)


def array(item: Check, *rules: Rule, also: Iterable[Check] = ()) -> Check:
    """A list of `item`s; `rules` speak about its size, `also` about its items together."""
    together = tuple(also)

    def check(value: Any, at: Path, report: Report) -> None:
        if not isinstance(value, list):
            report.add(Kind.SCHEMA, at, "Must be an array")
            return
        for rule in rules:
            if rule.breaks(value):
                report.add(rule.kind, at, rule.message)
        for index, element in enumerate(value):
            item(element, (at, index), report)
        for rest in together:
            rest(value, at, report)

    return check


def record(
    fields: Mapping[str, Check],
    *,
    required: Iterable[str] = (),
    needed: Iterable[str] = (),
    also: Iterable[Check] = (),
) -> Check:
    """An object. `required` is required by the schema, `needed` by LINE's reference only; `also` sees it whole."""
    must = [(name, Kind.SCHEMA) for name in required] + [(name, Kind.LIMIT) for name in needed]
    whole = tuple(also)

    def check(value: Any, at: Path, report: Report) -> None:
        if not isinstance(value, dict):
            report.add(Kind.SCHEMA, at, "Must be an object")
            return
        for name, kind in must:
            if name not in value:
                report.add(kind, (at, name), "May not be empty")
        for name, content in value.items():
            known = fields.get(name)
            if known is None:
                report.add(Kind.HABIT, (at, name), "Unknown property: LINE ignores it, and so it is a slip of ours")
            else:
                known(content, (at, name), report)
        for rest in whole:
            rest(value, at, report)

    return check


def by_type(shapes: Callable[[], Mapping[str, Check]], unknown: str) -> Check:
    """An object whose `type` says which of `shapes` it has (asked for late, so that shapes may contain each other)."""
    table: dict[str, Check] = {}

    def check(value: Any, at: Path, report: Report) -> None:
        if not table:
            table.update(shapes())
        if not isinstance(value, dict):
            report.add(Kind.SCHEMA, at, "Must be an object")
            return
        kind = value.get("type")
        shape = table.get(kind) if isinstance(kind, str) else None
        if shape is None:
            report.add(Kind.SCHEMA, at, unknown)
        else:
            shape(value, at, report)

    return check


def anything(_value: Any, _at: Path, _report: Report) -> None:
    """For a property whose content says nothing about validity."""


__all__ = [
    "Check",
    "Kind",
    "Path",
    "Problem",
    "Report",
    "Target",
    "anything",
    "array",
    "boolean",
    "by_type",
    "examine",
    "integer",
    "number",
    "record",
    "string",
]
