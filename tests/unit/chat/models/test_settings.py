"""Which models the settings mean, and in which order: none unless there is a key or somebody said so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from namjai.chat.model_settings import ModelSettings
from namjai.chat.settings import ChatSettings
from namjai.devkit.gemini.faults import Kind
from namjai.runtime.settings import ServiceSettings

HOME = "http://127.0.0.1:1/v1"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"model_api_key": "k"}, ["gemini"]),
        ({"gemini_api_key": "k"}, ["gemini"]),
        ({"model": "offline", "model_api_key": "k"}, []),
        ({"model": "fake", "model_base_url": HOME}, ["fake"]),
        ({"model": "openai", "model_base_url": HOME, "model_name": "m"}, ["openai"]),
        (
            {"models": "gemini, openai", "model_api_key": "k", "openai_base_url": HOME, "openai_name": "m"},
            ["gemini", "openai"],
        ),
        (
            {"models": "openai,gemini", "model_base_url": HOME, "model_name": "m", "gemini_api_key": "k"},
            ["openai", "gemini"],
        ),
    ],
)
def test_who_answers_in_which_order(given: dict[str, Any], expected: list[str]) -> None:
    assert expected == [each.kind for each in ChatSettings(**given).backends]


def test_what_is_said_of_the_first_model_is_said_of_no_other() -> None:
    settings = ChatSettings(
        models="gemini,openai", model_api_key="secret", model_name="g-1", openai_base_url=HOME, openai_name="o-1"
    )
    first, second = settings.backends
    assert (first.models["text"], second.models["text"]) == ("g-1", "o-1")
    assert second.api_key is None
    assert first.base_url is None


def test_each_work_may_have_a_model_of_its_own() -> None:
    (gemini,) = ChatSettings(model_api_key="k", gemini_vision_name="v", gemini_speak_name="s").backends
    words = "gemini-3.8-flash"
    assert gemini.models == {"text": words, "search": words, "vision": "v", "listen": words, "speak": "s"}
    (home,) = ChatSettings(model="openai", model_base_url=HOME, model_name="m", openai_listen_name="ears").backends
    assert home.models == {"text": "m", "listen": "ears"}


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"model": "gemini"}, "NAMJAI_MODEL_API_KEY"),
        ({"model": "fake"}, "NAMJAI_MODEL_BASE_URL"),
        ({"model": "openai"}, "NAMJAI_MODEL_BASE_URL and NAMJAI_MODEL_NAME"),
        ({"models": "gemini,openai", "model_api_key": "k"}, "NAMJAI_OPENAI_BASE_URL and NAMJAI_OPENAI_NAME"),
        ({"models": "openai,fake", "model_base_url": HOME, "model_name": "m"}, "NAMJAI_GEMINI_BASE_URL"),
        ({"models": "gemini,gepetto"}, "pattern"),
    ],
)
def test_a_model_that_was_asked_for_and_cannot_be_had_stops_the_start(given: dict[str, Any], missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        ChatSettings(**given)


def test_every_setting_of_models_is_documented() -> None:
    page = (Path(__file__).parents[4] / "docs" / "models.md").read_text()
    own = set(ModelSettings.model_fields) - set(ServiceSettings.model_fields)
    assert [name for name in own if f"`NAMJAI_{name.upper()}`" not in page] == []


def test_every_fault_of_the_played_model_is_documented() -> None:
    page = (Path(__file__).parents[4] / "docs" / "models.md").read_text()
    assert [kind.value for kind in Kind if kind is not Kind.NONE and kind.value not in page] == []
