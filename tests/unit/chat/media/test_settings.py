"""Settings of media: links that LINE could never fetch are refused at start."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from namjai.chat.media.settings import MediaSettings
from namjai.chat.settings import ChatSettings

SECRET = {"media_secret": "s" * 32}


def test_every_field_is_described_and_every_number_limited() -> None:
    fields = {name: field for name, field in ChatSettings.model_fields.items() if name in MediaSettings.model_fields}
    assert [name for name, field in fields.items() if not field.description] == []
    numbers = {name: field for name, field in fields.items() if field.annotation in (int, float)}
    assert [name for name, field in numbers.items() if len(field.metadata) < 2] == []


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://namjai.example", "https://namjai.example"),
        ("https://namjai.example/", "https://namjai.example"),
        ("https://example.org/namjai/", "https://example.org/namjai"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_line_can_reach_https_and_the_simulator_this_machine(url: str, kept: str) -> None:
    given: dict[str, Any] = {"public_url": url, **SECRET}
    assert MediaSettings(**given).public_url == kept


@pytest.mark.parametrize(
    "url",
    [
        "http://namjai.example",
        "http://10.0.0.1",
        "http://127.0.0.1.example.org",
        "ftp://127.0.0.1",
        "namjai.example",
        "https://",
        "https://name:word@namjai.example",
        "https://namjai.example/?a=1",
    ],
)
def test_other_addresses_stop_the_start(url: str) -> None:
    given: dict[str, Any] = {"public_url": url, **SECRET}
    with pytest.raises(ValidationError):
        MediaSettings(**given)


def test_an_address_and_its_secret_belong_together() -> None:
    for half in ({"public_url": "https://namjai.example"}, SECRET):
        given: dict[str, Any] = dict(half)
        with pytest.raises(ValidationError):
            MediaSettings(**given)
    assert MediaSettings().public_url is None
