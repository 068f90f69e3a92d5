"""What of an event may be shown to whoever runs the machine: clear fields as they are, sealed ones as ‹sealed›."""

import json
from typing import Any

import msgspec

from namjai.events import codec
from namjai.events.catalogue import UnknownType

SEALED = "‹sealed›"


def clear_fields(data: bytes) -> tuple[str, dict[str, Any]]:
    """Type and fields of one event. A type that this release does not know shows no field, since any could be personal.

    Raises `Malformed` for what is no event at all.
    """
    try:
        event = codec.decode(data)
    except UnknownType:
        return codec.peek_type(data), {}
    personal = codec.sealed_fields(type(event.data))
    fields = {
        name: value if value is None or name not in personal else SEALED
        for name, value in ((name, getattr(event.data, name)) for name in event.data.__struct_fields__)
        if value is not None
    }
    return event.type, msgspec.to_builtins(fields)


def one_line(fields: dict[str, Any]) -> str:
    """The fields as `name=value`, in the catalogue's order."""
    return " ".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in fields.items()
    )
