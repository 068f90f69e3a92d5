"""A policy document: what a clinic changes of the rules that are shipped, as it is written and strictly read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
import yaml
from msgspec import Meta

from namjai.risk.domain.model import Level
from namjai.risk.domain.policy import Rule

DOCUMENT_BYTES_MAX: Final = 64 * 1024
ADDED_RULES_MAX: Final = 200
NESTING_MAX: Final = 12
NAME_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,39}$"
SHIPPED: Final = "shipped"
"""The name of what comes with the release; no document may have it."""
HASH_CHARS: Final = 12

Question = Literal["any", "high"]
Probability = Annotated[float, Meta(gt=0, le=1)]


class Refusal(Exception):
    """A document that cannot be a policy. The message says what is wrong and where, for the one who wrote it."""


class ModelUse(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the learned model is used: whether at all, and from which probability on it raises a message."""

    enabled: bool = True
    thresholds: Mapping[Question, Mapping[str, Probability]] = {}
    """By question (is there any danger, is it high) and kind of text (`th`, `en`…). What is not named stays."""


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What changes among the rules, by their ids."""

    disable: tuple[str, ...] = ()
    levels: Mapping[str, Level] = {}
    add: Annotated[tuple[Rule, ...], Meta(max_length=ADDED_RULES_MAX)] = ()


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of it. `name` and the hash of the text are how it is known from then on."""

    name: Annotated[str, Meta(pattern=NAME_PATTERN)]
    note: Annotated[str, Meta(min_length=1, max_length=2_000)]
    """Why: whoever reads this in a year has nothing else."""
    model: bool | ModelUse = True
    rules: Rules = Rules()
    accept_risk: Annotated[str, Meta(min_length=1, max_length=2_000)] | None = None
    """The reason why somebody answers for it that less of what is dangerous will be found."""

    @property
    def model_use(self) -> ModelUse:
        """`model: on` and `off` are the short way to write it."""
        return ModelUse(enabled=self.model) if isinstance(self.model, bool) else self.model


def read(text: str) -> Document:
    """The document in a text. Raises `Refusal`."""
    if len(text.encode()) > DOCUMENT_BYTES_MAX:
        raise Refusal(f"the document is longer than {DOCUMENT_BYTES_MAX // 1024} KB")
    try:
        _no_tricks(text)
        document = msgspec.convert(yaml.load(text, Loader=yaml.SafeLoader), Document)
    except yaml.YAMLError as wrong:
        raise Refusal(f"this is not YAML: {_place(wrong)}") from None
    except msgspec.ValidationError as wrong:
        raise Refusal(f"the document does not fit: {wrong}") from None
    if document.name == SHIPPED:
        raise Refusal(f"the name {SHIPPED!r} belongs to what comes with the release")
    return document


def reference(name: str, text: str) -> str:
    """`name@hash`: this very text."""
    return f"{name}@{hashlib.sha256(text.encode()).hexdigest()[:HASH_CHARS]}"


def _no_tricks(text: str) -> None:
    """Refuse aliases (a few of them can stand for gigabytes), deep nesting, and a key that is written twice."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise Refusal(f"{_at(event.start_mark)}: anchors and aliases are not allowed")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > NESTING_MAX:
            raise Refusal(f"{_at(event.start_mark)}: nested deeper than {NESTING_MAX}")
    _no_key_twice(yaml.compose(text, Loader=yaml.SafeLoader))


def _no_key_twice(node: Any) -> None:
    if isinstance(node, yaml.MappingNode):
        seen = set[str]()
        for key, value in node.value:
            if key.value in seen:
                raise Refusal(f"{_at(key.start_mark)}: a key is there twice")
            seen.add(str(key.value))
            _no_key_twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _no_key_twice(value)


def _place(wrong: yaml.YAMLError) -> str:
    if isinstance(wrong, yaml.MarkedYAMLError):
        return f"{_at(wrong.problem_mark)}: {wrong.problem}"
    return str(wrong)


def _at(mark: Any) -> str:
    return f"line {mark.line + 1}" if mark is not None else "somewhere"
