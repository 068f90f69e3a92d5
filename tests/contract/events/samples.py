"""One made-up instance of any fact, the same every time: what the goldens are written from."""

import types
import typing
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from namjai.events import Envelope, Fact, Sealed, begin

TIME = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def value(hint: Any, name: str) -> Any:
    """A value of a type, named after its field where it can be."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    match hint:
        case _ if origin in (typing.Union, types.UnionType):
            return value(next(option for option in arguments if option is not type(None)), name)
        case _ if origin is Sealed:
            return Sealed.boxed(f"s1.{name}")
        case _ if origin is Literal:
            return arguments[-1]
        case _ if origin is tuple:
            return (value(arguments[0], name),)
        case _ if origin is dict:
            return {name: value(arguments[1], name)}
        case _ if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            return instance(hint)
    return {str: name, int: 7, float: 0.5, bool: True, datetime: TIME}[hint]


def instance(kind: type[msgspec.Struct]) -> Any:
    """Every field filled, optional ones too."""
    return kind(**{name: value(hint, name) for name, hint in typing.get_type_hints(kind).items() if name != "TYPE"})


def event(fact: type[Fact]) -> Envelope[Fact]:
    """The fact in its envelope."""
    return begin(instance(fact), source="golden", cause=fact.TYPE, member="m0", time=TIME, traceparent="00-0-0-00")
