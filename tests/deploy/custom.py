"""What we say to operators: the part of their objects that we use, as strict schemas. None is part of Kubernetes."""

from __future__ import annotations

from typing import Any, Final

import jsonschema

from tests.deploy.rendered import Manifest

CUSTOM: Final = ("monitoring.coreos.com/", "keda.sh/", "external-secrets.io/")


def _strict(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


_TEXT: Final = {"type": "string", "minLength": 1}
_NUMBER: Final = {"type": "integer", "minimum": 0}
_TEXTS: Final = {"type": "object", "additionalProperties": _TEXT}
_DURATION: Final = {"type": "string", "pattern": r"^([0-9]+(ms|s|m|h))+$"}

SCHEMAS: Final[dict[tuple[str, str], dict[str, Any]]] = {}


def faults(manifest: Manifest) -> list[str]:
    """What is wrong with a custom object, a line each; nothing for an object of Kubernetes itself."""
    if not manifest["apiVersion"].startswith(CUSTOM):
        return []
    schema = SCHEMAS[manifest["apiVersion"], manifest["kind"]]
    found = jsonschema.Draft202012Validator(schema).iter_errors(manifest["spec"])
    return [f"{manifest['kind']} {manifest['metadata']['name']}: {fault.json_path} {fault.message}" for fault in found]
