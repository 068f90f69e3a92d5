"""How a picture is looked at: one question in one shape, the same for everybody, and every word of it for risk."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from namjai.chat.adapters.models.shapes import schema_of
from namjai.chat.domain.state import Person
from namjai.chat.ports import Attachment, Mind, ModelAnswer, ModelRequest, ModelUnavailable
from namjai.chat.skills.pictures.look import Look
from namjai.chat.skills.pictures.plants import shipped
from namjai.chat.skills.pictures.reading import Reading, prompt
from namjai.risk.domain.assess import assess
from namjai.risk.domain.model import Level
from namjai.risk.domain.policy import Policy
from namjai.risk.rules import load
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


@pytest.fixture(scope="session")
def policy() -> Policy:
    """As risk judges in production."""
    return load()


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


LABELS = (
    "Paracetamol. In case of overdose seek medical advice immediately.",
    "Antidepressants increased the risk of suicidal thoughts and behaviour. Call your doctor if you think of dying.",
    "Side effects: agitation, thoughts of killing yourself, seizures.",
    "Abrupt discontinuation: life-threatening withdrawal reactions including seizures.",
    "ยานี้อาจทำให้เสพติด ห้ามใช้เกินขนาด อาจทำให้เสียชีวิตได้ อาจชัก หมดสติ หายใจช้า",
    "คำเตือน ยานี้อาจเพิ่มความเสี่ยงต่อการคิดฆ่าตัวตาย หากมีความคิดอยากตายให้พบแพทย์ทันที",
    "警語：本藥可能造成成癮。過量可能致死，請勿與酒精併用。若有自殺念頭請立即就醫。",
    "服用過量時請立即就醫。可能引起嗜睡、意識混亂、抽搐、幻覺。",
)


@pytest.mark.parametrize("printed", LABELS)
def test_what_a_packet_warns_of_is_no_danger(printed: str, policy: Policy) -> None:
    words = look(OneLook({"kind": "medicine", "legible_text": printed, "warnings": [printed]})).text
    assert assess(words, (), policy).level == Level.NONE
    elsewhere = look(OneLook({"kind": "other", "legible_text": printed})).text
    assert elsewhere == printed


@pytest.mark.parametrize(
    "own", ["I took 40 of these and want to die", "อยากตาย คืนนี้จะกินให้หมด", "我想死，今晚要全部吞下去"]
)
@pytest.mark.parametrize("field", ["legible_text", "handwritten", "warnings"])
def test_what_somebody_wrote_on_a_packet_is_judged_wherever_the_model_put_it(
    own: str, field: str, policy: Policy
) -> None:
    found = {"kind": "medicine", "legible_text": LABELS[0], field: [own] if field == "warnings" else own}
    assert assess(look(OneLook(found)).text, (), policy).level >= Level.MEDIUM
