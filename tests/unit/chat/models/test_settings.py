"""Which model the settings mean: offline unless there is a key or somebody said so."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from namjai.chat.settings import ChatSettings


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "offline"),
        ({"model_api_key": "k"}, "gemini"),
        ({"model": "offline", "model_api_key": "k"}, "offline"),
        ({"model": "fake", "model_base_url": "http://127.0.0.1:1"}, "fake"),
        ({"model": "openai", "model_base_url": "http://127.0.0.1:1/v1", "model_name": "m"}, "openai"),
    ],
)
def test_who_answers(given: dict[str, Any], expected: str) -> None:
    assert expected == ChatSettings(**given).responder


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"model": "gemini"}, "NAMJAI_MODEL_API_KEY"),
        ({"model": "fake"}, "NAMJAI_MODEL_BASE_URL"),
        ({"model": "openai"}, "NAMJAI_MODEL_BASE_URL and NAMJAI_MODEL_NAME"),
    ],
)
def test_a_model_that_was_asked_for_and_cannot_be_had_stops_the_start(given: dict[str, Any], missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        ChatSettings(**given)
