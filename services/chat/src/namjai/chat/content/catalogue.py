"""Fluent catalogues: what Namjai says around the conversation itself, one file a language, in words of translators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

import msgspec
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import ast
from fluent.syntax.visitor import Visitor

from namjai.chat.content.load import Meta, UiLanguage

META: Final = "meta"
VALUE_CHARS_MAX: Final = 2_000
"""A longer value, such as an hour's transcript, is cut: Fluent refuses it whole, and a bubble would not hold it."""


@dataclass(frozen=True)
class Phrase:
    """A message with places for names in it. A name that is missing, or one too many, is an error of ours."""

    name: str
    variables: frozenset[str]
    bundle: FluentBundle

    def format(self, **values: str) -> str:
        """The words with the values in their places."""
        if values.keys() != self.variables:
            raise KeyError(f"{self.name} takes {sorted(self.variables)}, not {sorted(values)}")
        return _formatted(self.bundle, self.name, {name: _cut(value) for name, value in values.items()})


@dataclass(frozen=True)
class Catalogue:
    """The messages of one language."""

    language: UiLanguage
    meta: Meta
    bundle: FluentBundle
    variables: Mapping[str, frozenset[str]]
    """Every message, and what it takes."""

    def __contains__(self, name: object) -> bool:
        return name in self.variables

    def text(self, name: str) -> str:
        """A message that takes nothing."""
        return self.phrase(name).format()

    def phrase(self, name: str) -> Phrase:
        """A message that takes something."""
        return Phrase(name, self.variables[name], self.bundle)


@lru_cache(maxsize=16)
def catalogue(language: UiLanguage) -> Catalogue:
    """Read one file. A line that is no Fluent is an error at start, not a hole in a conversation."""
    source = resources.files("namjai.chat.content").joinpath(f"ui/{language}.ftl").read_text(encoding="utf-8")
    resource = FluentResource(source)
    if junk := [entry.content for entry in resource.body if isinstance(entry, ast.Junk)]:
        raise ValueError(f"ui/{language}.ftl cannot be read at: {(junk[0] or '')[:60]!r}")
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(resource)
    messages = {entry.id.name: entry for entry in resource.body if isinstance(entry, ast.Message)}
    return Catalogue(
        language=language,
        meta=_meta(bundle),
        bundle=bundle,
        variables={name: frozenset(_variables(entry)) for name, entry in messages.items() if name != META},
    )


def _meta(bundle: FluentBundle) -> Meta:
    """Where the texts stand: the attributes of a message that nobody is shown."""
    fields = {name: _as_text(bundle, pattern, {}) for name, pattern in bundle.get_message(META).attributes.items()}
    return msgspec.convert(fields, Meta, strict=False)


def _variables(entry: ast.Message) -> Iterator[str]:
    found = _Variables()
    found.visit(entry)
    yield from found.names


class _Variables(Visitor):
    """Gathers the variables of a message."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802 - the visitor's own naming
        self.names.add(node.id.name)


def _cut(value: str) -> str:
    return value if len(value) <= VALUE_CHARS_MAX else f"{value[: VALUE_CHARS_MAX - 1]}…"


def _formatted(bundle: FluentBundle, name: str, values: Mapping[str, str]) -> str:
    pattern = bundle.get_message(name).value
    if pattern is None:
        raise KeyError(f"{name} has no words")
    return _as_text(bundle, pattern, values)


def _as_text(bundle: FluentBundle, pattern: object, values: Mapping[str, str]) -> str:
    text, errors = bundle.format_pattern(pattern, dict(values))  # type: ignore[arg-type]  # the pattern's type is private
    if errors:
        raise ValueError(str(errors[0]))
    return str(text)
