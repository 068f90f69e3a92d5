"""Writes the catalogue as documents: `python -m namjai.events.docs` makes docs/events.md and docs/asyncapi.json."""

from __future__ import annotations

import argparse
import inspect
import json
import re
import sys
import types
import typing
from pathlib import Path
from typing import Any, Final

import msgspec

from namjai.events import subjects
from namjai.events.catalogue import AREAS, CATALOGUE
from namjai.events.codec import sealed_fields
from namjai.events.envelope import Envelope, Fact
from namjai.events.sealed import Sealed

SAYS: Final = {
    "message": "gateway (removed: chat)",
    "media": "chat",
    "member": "gateway, chat",
    "memory": "chat",
    "instrument": "chat",
    "checkin": "chat",
    "plan": "chat",
    "leaflet": "chat",
    "risk": "risk",
    "alert": "risk, notify (unscreened: chat)",
    "duty": "notify",
    "reply": "chat",
    "delivery": "notify",
    "mail": "chat (sent, failed: notify)",
    "conversation": "chat",
}
_FIELD_NOTE: Final = re.compile(r'^    (\w+): [^\n]*\n    """(.*?)"""', re.MULTILINE | re.DOTALL)


def _schema(kind: type) -> dict[str, Any]:
    """msgspec `schema_hook`: a sealed field on the wire; NotImplementedError is msgspec's word for the rest."""
    if getattr(kind, "__origin__", kind) is Sealed:
        return {"type": "string", "description": "Sealed: AES-256-GCM with the member's key, base64 after `s1.`."}
    raise NotImplementedError(kind)


def notes(fact: type[Fact]) -> dict[str, str]:
    """What the source says below each field, inherited ones included."""
    sources = [inspect.getsource(each) for each in reversed(fact.__mro__) if issubclass(each, Fact)]
    return {name: " ".join(text.split()) for source in sources for name, text in _FIELD_NOTE.findall(source)}


def _type_name(hint: Any) -> str:
    """A type as the source writes it, the same under every Python."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return " \\| ".join(_type_name(option) for option in arguments)
    if origin is typing.Literal:
        return " \\| ".join(repr(option) for option in arguments)
    if arguments:
        inside = ", ".join("…" if part is ... else _type_name(part) for part in arguments)
        return f"{origin.__name__}[{inside}]"
    return "None" if hint is type(None) else str(getattr(hint, "__name__", hint))


def events_md() -> str:
    """The catalogue for people: one table a fact."""
    lines = [
        "# Events",
        "",
        "Generated from `libs/events` by `make docs`; a test compares. Every fact travels in a",
        "CloudEvents 1.0 envelope on `evt.<area>.<fact>.<member>`. A field marked 🔒 is personal: sealed with the",
        "member's key, and gone with it.",
        "",
    ]
    for area in AREAS:
        name = area.__name__.rsplit(".", 1)[-1]
        lines += [f"## {name}", "", (area.__doc__ or "").strip(), "", f"Said by: {SAYS[name]}.", ""]
        for fact in area.FACTS:
            lines += _fact_md(fact)
    return "\n".join(lines).rstrip() + "\n"


def _fact_md(fact: type[Fact]) -> list[str]:
    sealed, said = sealed_fields(fact), notes(fact)
    hints = typing.get_type_hints(fact)
    rows = [
        f"| {field.name} | {'🔒 ' if field.name in sealed else ''}`{_type_name(hints[field.name])}` "
        f"| {'' if field.required else 'optional'} | {said.get(field.name, '')} |"
        for field in msgspec.structs.fields(fact)
    ]
    table = ["| field | type | | |", "|---|---|---|---|", *rows, ""] if rows else []
    doc = " ".join((inspect.getdoc(fact) or "").split())
    return [f"### `{fact.TYPE}`", "", doc, "", f"Subject: `{subjects.every(fact.TYPE)}`", "", *table]


def asyncapi() -> dict[str, Any]:
    """The same as an AsyncAPI 3 document."""
    envelopes = [Envelope[fact] for fact in CATALOGUE.facts.values()]  # type: ignore[valid-type]
    schemas, components = msgspec.json.schema_components(
        envelopes, schema_hook=_schema, ref_template="#/components/schemas/{name}"
    )
    for component in components.values():  # Python 3.13 takes the indent out of docstrings, older ones leave it in
        if "description" in component:
            component["description"] = inspect.cleandoc(component["description"])
    channels, messages = {}, {}
    for (event_type, fact), schema in zip(CATALOGUE.facts.items(), schemas, strict=True):
        area, name = subjects.area_and_fact(event_type)
        key = event_type.replace(".", "_")
        summary = " ".join((inspect.getdoc(fact) or "").split())
        messages[key] = {
            "name": event_type,
            "summary": summary,
            "contentType": "application/cloudevents+json",
            "payload": schema,
        }
        channels[key] = {
            "address": f"evt.{area}.{name}.{{member}}",
            "parameters": {"member": {"description": "Random member id, or `nobody`."}},
            "messages": {key: {"$ref": f"#/components/messages/{key}"}},
        }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Namjai events", "version": "1", "description": "What the services say to each other."},
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": {
            key: {"action": "send", "channel": {"$ref": f"#/channels/{key}"}, "title": f"say {messages[key]['name']}"}
            for key in channels
        },
        "components": {"messages": messages, "schemas": components},
    }


def documents() -> dict[str, str]:
    """File name in docs/ → content."""
    return {
        "events.md": events_md(),
        "asyncapi.json": json.dumps(asyncapi(), indent=2, ensure_ascii=False) + "\n",
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the documents into a folder, or with --check say whether they are up to date."""
    parser = argparse.ArgumentParser(prog="python -m namjai.events.docs", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs"))
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when a file is not up to date")
    chosen = parser.parse_args(arguments)
    stale = []
    for name, content in documents().items():
        path = chosen.folder / name
        if chosen.check:
            if not path.is_file() or path.read_text(encoding="utf-8") != content:
                stale.append(name)
        else:
            path.write_text(content, encoding="utf-8")
    if stale:
        sys.stderr.write(f"not up to date: {', '.join(stale)}; run `make docs`\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
