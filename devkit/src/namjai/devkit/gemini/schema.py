"""The smallest value that fits a JSON or OpenAPI schema: what the fake answers to structured requests."""

from typing import Any

DEPTH_MAX = 12


def example(schema: dict[str, Any], words: str, definitions: dict[str, Any] | None = None, depth: int = 0) -> Any:
    """Strings are `words`, numbers the least allowed, choices the first."""
    definitions = definitions if definitions is not None else schema.get("$defs", schema.get("defs", {}))
    reference = schema.get("$ref") or schema.get("ref")
    if isinstance(reference, str):
        schema = definitions.get(reference.rpartition("/")[2], {})
    if depth > DEPTH_MAX:
        return None
    if schema.get("enum"):
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return example(choices[0], words, definitions, depth + 1)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = str(kind[0] if isinstance(kind, list) else kind).lower()
    match kind:
        case "object":
            inner = schema.get("properties", {})
            return {name: example(part, words, definitions, depth + 1) for name, part in inner.items()}
        case "array":
            count = max(1, int(schema.get("minItems", 1)))
            return [example(schema.get("items", {}), words, definitions, depth + 1) for _ in range(count)]
        case "integer":
            return int(schema.get("minimum", 1))
        case "number":
            return float(schema.get("minimum", 0.5))
        case "boolean":
            return True
        case "null":
            return None
    return _text(schema, words)


def _text(schema: dict[str, Any], words: str) -> str:
    formats = {"date": "2026-01-01", "date-time": "2026-01-01T00:00:00Z", "time": "12:00:00Z", "uuid": f"{0:032x}"}
    text = formats.get(str(schema.get("format", "")), words)
    return text[: int(schema["maxLength"])] if "maxLength" in schema else text
