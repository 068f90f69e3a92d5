"""A value that fits a JSON or OpenAPI schema and reads like an answer: what the fake says to structured requests."""

from collections.abc import Callable
from typing import Any

DEPTH_MAX = 12
_NO = ("not", "un", "emergency", "danger", "error", "blur", "refus")
_MISFIT = "none of these"

Say = Callable[[str, int], str]
"""A text for a field of a name, the n-th of its kind."""
Carry = Callable[[str], str]
"""What becomes of a text that was given."""


def example(
    schema: dict[str, Any], say: Say, *, source: Any = None, carry: Carry = str, hints: tuple[str, ...] = ()
) -> Any:
    """Texts are said by name, or carried over from `source` where it has them; of choices the one a hint is in."""
    return _Example(schema, say, carry, hints).value(schema, "", source)


def misfit(schema: dict[str, Any], value: Any) -> Any:
    """The same value with a choice that is none, or with a wrong type where there is no choice."""
    if isinstance(value, dict):
        parts = schema.get("properties", {})
        for name, part in parts.items():
            if isinstance(part, dict) and part.get("enum") and name in value:
                return {**value, name: _MISFIT}
        return {name: [content] for name, content in value.items()}
    return [value]


class _Example:
    def __init__(self, schema: dict[str, Any], say: Say, carry: Carry, hints: tuple[str, ...]) -> None:
        self._definitions: dict[str, Any] = schema.get("$defs", schema.get("defs", {}))
        self._say = say
        self._carry = carry
        self._hints = hints

    def value(self, schema: dict[str, Any], name: str, source: Any, place: int = 0, depth: int = 0) -> Any:
        reference = schema.get("$ref") or schema.get("ref")
        if isinstance(reference, str):
            schema = self._definitions.get(reference.rpartition("/")[2], {})
        if depth > DEPTH_MAX:
            return None
        if schema.get("enum"):
            return self._choice(schema["enum"], source)
        if "const" in schema:
            return schema["const"]
        choices = schema.get("anyOf") or schema.get("oneOf")
        if choices:
            return self.value(choices[0], name, source, place, depth + 1)
        kind = schema.get("type", "object" if "properties" in schema else "string")
        kind = str(kind[0] if isinstance(kind, list) else kind).lower()
        match kind:
            case "object":
                return self._object(schema, source, place, depth)
            case "array":
                return self._array(schema, name, source, depth)
            case "integer":
                return source if isinstance(source, int) else int(schema.get("minimum", 1))
            case "number":
                return float(source if isinstance(source, int | float) else min(0.9, schema.get("maximum", 0.9)))
            case "boolean":
                return not any(name.lower().removeprefix("is_").startswith(no) for no in _NO)
            case "null":
                return None
        text = self._carry(source) if isinstance(source, str) else _formatted(schema) or self._say(name, place)
        return text[: int(schema["maxLength"])] if "maxLength" in schema else text

    def _object(self, schema: dict[str, Any], source: Any, place: int, depth: int) -> dict[str, Any]:
        given = source if isinstance(source, dict) else {}
        inner = schema.get("properties", {})
        return {name: self.value(part, name, given.get(name), place, depth + 1) for name, part in inner.items()}

    def _array(self, schema: dict[str, Any], name: str, source: Any, depth: int) -> list[Any]:
        given = source if isinstance(source, list) else []
        least, most = int(schema.get("minItems", 1)), int(schema.get("maxItems", 1_000))
        count = min(most, max(1, least, len(given)))
        item = schema.get("items", {})
        return [self.value(item, name, given[at] if at < len(given) else None, at, depth + 1) for at in range(count)]

    def _choice(self, choices: list[Any], source: Any) -> Any:
        if source in choices:
            return source
        return next((each for hint in self._hints for each in choices if hint in str(each).lower()), choices[0])


def _formatted(schema: dict[str, Any]) -> str | None:
    formats = {"date": "2026-01-01", "date-time": "2026-01-01T00:00:00Z", "time": "12:00:00Z", "uuid": f"{0:032x}"}
    return formats.get(str(schema.get("format", "")))
