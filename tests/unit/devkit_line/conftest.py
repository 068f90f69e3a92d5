"""LINE's own OpenAPI file as a judge, where the environment says that it lies at hand."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

Judge = Callable[[str, object], bool | None]


def compile_schemas(document: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI's discriminators as if/then, which a JSON Schema validator understands.

    A base (`Message`) becomes "this `type`, then that child"; a child refers to the base without its branches.
    """
    schemas: dict[str, Any] = document["components"]["schemas"]
    tags = {
        target.rpartition("/")[2]: (schema["discriminator"]["propertyName"], value)
        for schema in schemas.values()
        if "discriminator" in schema
        for value, target in schema["discriminator"]["mapping"].items()
    }
    compiled: dict[str, Any] = {}
    for name, schema in schemas.items():
        plain = {key: value for key, value in schema.items() if key != "discriminator"}
        if name in tags:
            property_name, value = tags[name]
            plain = {"allOf": [_children_of_base(plain), {"properties": {property_name: {"const": value}}}]}
        if "discriminator" in schema:
            compiled[f"{name}.base"] = plain
            property_name, mapping = schema["discriminator"]["propertyName"], schema["discriminator"]["mapping"]
            branches = [
                {"if": {"properties": {property_name: {"const": value}}}, "then": {"$ref": target}}
                for value, target in mapping.items()
            ]
            known = {"required": [property_name], "properties": {property_name: {"enum": list(mapping)}}}
            plain = {"allOf": [{"$ref": f"#/components/schemas/{name}.base"}, known, *branches]}
        compiled[name] = plain
    return {"components": {"schemas": compiled}}


def _children_of_base(schema: Any) -> Any:
    parts = [{"$ref": part["$ref"] + ".base"} if set(part) == {"$ref"} else part for part in schema.get("allOf", [])]
    return {**schema, "allOf": parts} if parts else schema


@cache
def _schemas(folder: str) -> dict[str, Any]:
    text = (Path(folder) / "messaging-api.yml").read_text("utf-8")
    return compile_schemas(yaml.load(text, Loader=yaml.CSafeLoader))


@cache
def _validator(folder: str, name: str) -> Draft202012Validator:
    return Draft202012Validator({**_schemas(folder), "$ref": f"#/components/schemas/{name}"})


@pytest.fixture(scope="session")
def openapi_accepts() -> Judge:
    """Whether LINE's schema accepts a body; None where the file is not at hand (NAMJAI_LINE_SPEC)."""
    folder = os.environ.get("NAMJAI_LINE_SPEC")
    if not folder:
        return lambda _name, _body: None
    return lambda name, body: _validator(folder, name).is_valid(body)
