"""How a picture is looked at: one question in one shape, the same for everybody, and every word of it for risk."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from namjai.chat.adapters.models.shapes import schema_of
from namjai.chat.domain.state import Person
from namjai.chat.ports import Attachment, Mind, ModelAnswer, ModelRequest, ModelUnavailable
from namjai.chat.skills.pictures.look import Look, Reading, prompt
from namjai.chat.skills.pictures.plants import shipped
from tests.unit.chat.visits import at_once

PICTURE = Attachment(b"\xff\xd8", "image/jpeg", "d" * 64)


class OneLook:
    """Reads one thing, whatever it is shown."""

    def __init__(self, reading: dict[str, Any] | None) -> None:
        self.reading = reading
        self.asked: list[ModelRequest] = []

    async def fill(self, request: ModelRequest, shape: type[Any]) -> tuple[Any, ModelAnswer]:
        self.asked.append(request)
        if self.reading is None:
            raise ModelUnavailable("blocked")
        return msgspec.convert(self.reading, shape), ModelAnswer(text="", model="one")


def look(mind: OneLook, person: Person | None = None) -> Any:
    seen: Any = mind
    reader: Mind = seen
    return at_once(Look(shipped())(PICTURE, person or Person(), reader))


def test_every_word_in_the_picture_is_for_risk_also_what_was_not_copied_out() -> None:
    read = look(
        OneLook({"kind": "medicine", "legible_text": "TRAMADOL", "names": ["Tramadol"], "warnings": ["I want to die"]})
    )
    assert read.text == "TRAMADOL\nTramadol\nI want to die"
    assert read.reading["names"] == ("Tramadol",)


def test_the_question_is_the_same_whoever_shows_the_picture() -> None:
    mind = OneLook({"kind": "other"})
    look(mind, Person(chosen_language="th"))
    look(mind, Person(last_language="zh-TW", consents=frozenset({"model"})))
    first, second = mind.asked
    assert first == second
    assert (first.guard, first.purpose, first.attachments) == ("data", "read", (PICTURE,))
    assert "rice (Rice)" in first.system
    assert f"Form {prompt().meta.version}" in first.system


def test_what_a_model_refuses_is_said_by_name() -> None:
    with pytest.raises(ModelUnavailable, match="blocked"):
        look(OneLook(None))


def test_the_shape_is_one_that_models_can_be_held_to() -> None:
    schema = schema_of(Reading)
    assert schema["properties"]["kind"]["enum"] == ["loose_pills", "medicine", "other", "plant", "unclear"]
    assert schema["required"] == ["kind"]
