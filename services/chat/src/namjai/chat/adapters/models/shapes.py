"""The shape of a structured answer: as a JSON schema for the model, and as a check of what it wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, TypeVar

import msgspec

from namjai.chat.adapters.models.backend import Schema
from namjai.chat.ports import ModelAnswer, ModelRequest, ModelUnavailable, Said

T = TypeVar("T", bound=msgspec.Struct)
DEPTH_MAX: Final = 12
_LEFT_OUT: Final = frozenset({"default", "title", "properties"})
_FENCE: Final = "```"
_AGAIN: Final = (
    "That was not in the shape that was asked for: {problem}. Write the whole answer again, as one JSON object that "
    "fits the schema, and nothing else."
)
_PLAINLY: Final = "Answer with one JSON object and nothing else. It must fit this JSON schema:\n{schema}"


class Misshapen(ModelUnavailable):
    """What was written does not fit; `problem` quotes it, so it goes back to the model and nowhere else."""

    def __init__(self, answer: ModelAnswer, problem: str) -> None:
        super().__init__("misshapen", answer)
        self.answer = answer
        self.problem = problem


@lru_cache(maxsize=256)
def schema_of(shape: type[msgspec.Struct]) -> Schema:
    """The JSON schema with every reference replaced by what it means: not every model follows references.

    Raises `ValueError` for a shape that contains itself.
    """
    (found,), parts = msgspec.json.schema_components([shape])
    plain = _inlined(found, parts, 0)
    if not isinstance(plain, dict):
        raise TypeError("a struct has an object as its schema")
    return plain


def filled(answer: ModelAnswer, shape: type[T]) -> T:
    """The answer in its shape. Raises `Misshapen`."""
    try:
        return msgspec.json.decode(_bare(answer.text), type=shape)
    except (msgspec.MsgspecError, UnicodeError) as wrong:
        raise Misshapen(answer, str(wrong)) from None


def again(request: ModelRequest, wrong: Misshapen) -> ModelRequest:
    """The same request with what came of it, and what was wrong with that."""
    talk = (*request.history, Said("person", request.text), Said("namjai", wrong.answer.text))
    return replace(request, history=talk, text=_AGAIN.format(problem=wrong.problem))


def plainly(system: str, schema: Schema) -> str:
    """The instruction with the shape in words, for endpoints that cannot be held to a schema."""
    return f"{system}\n\n{_PLAINLY.format(schema=msgspec.json.encode(schema).decode())}"


def strings(value: Any) -> Iterator[str]:
    """Everything in a filled shape that a person may read."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from strings(getattr(value, name))
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from strings(each)


def _bare(text: str) -> str:
    """Without the fence that models like to put round their JSON."""
    if text.startswith(_FENCE) and text.endswith(_FENCE):
        return text[len(_FENCE) : -len(_FENCE)].removeprefix("json").strip()
    return text


def _inlined(part: Any, parts: dict[str, Any], depth: int) -> Any:
    if depth > DEPTH_MAX:
        raise ValueError("a model cannot be asked for a shape that contains itself")
    if isinstance(part, list):
        return [_inlined(each, parts, depth) for each in part]
    if not isinstance(part, dict):
        return part
    if isinstance(reference := part.get("$ref"), str):
        return _inlined(parts[reference.rpartition("/")[2]], parts, depth + 1)
    plain = {name: _inlined(each, parts, depth) for name, each in part.items() if name not in _LEFT_OUT}
    if isinstance(fields := part.get("properties"), dict):  # whose names are the shape's own, `title` among them
        plain["properties"] = {name: _inlined(each, parts, depth) for name, each in fields.items()}
    return plain
