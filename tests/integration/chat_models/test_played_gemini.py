"""What the played Gemini says by itself may be said: whoever tries Namjai without a real model sees it at work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, get_args

import msgspec
import pytest

from namjai.chat.adapters.models.choose import open_models
from namjai.chat.adapters.models.mind import TurnMind
from namjai.chat.adapters.models.models import Bounds
from namjai.chat.content import LANGUAGES, Language, UiLanguage
from namjai.chat.domain.guard import system_prompt
from namjai.chat.ports import Mind, ModelRequest
from namjai.chat.settings import ChatSettings
from namjai.devkit.gemini import serve_gemini
from namjai.runtime.metrics import Metrics

NAMES = {"th": "Thai", "en": "English", "zh-TW": "Traditional Chinese", "ja": "Japanese", "ko": "Korean"}
MORE = {"vi": "Vietnamese", "id": "Indonesian", "es": "Spanish", "fr": "French"}
Three = msgspec.Meta(min_length=3, max_length=3)


class Topic(msgspec.Struct, frozen=True):
    """A heading and what stands under it."""

    heading: Annotated[str, msgspec.Meta(max_length=80)]
    text: str


class Leaflet(msgspec.Struct, frozen=True):
    """Something to read."""

    title: str
    overview: str
    topics: Annotated[tuple[Topic, ...], Three]
    actions: Annotated[tuple[str, ...], msgspec.Meta(min_length=3, max_length=5)]


@pytest.fixture(scope="module")
async def mind() -> AsyncIterator[Mind]:
    async def harmless(_words: str, _request: ModelRequest) -> bool:
        return True

    async with serve_gemini() as fake:
        settings = ChatSettings(model="fake", model_base_url=fake.url, model_requests_per_minute=10_000)
        async with open_models(settings, Metrics("chat")) as models:
            assert models is not None
            yield TurnMind(models, Bounds(talk_s=60, work_s=60), harmless, lambda _: None)


@pytest.mark.parametrize("language", get_args(UiLanguage))
@pytest.mark.parametrize("said", ["อยากดื่มมาก", "I feel tired", "我很累"])
async def test_support_is_in_the_asked_language_and_passes_the_guard(
    language: UiLanguage, said: str, mind: Mind
) -> None:
    answer = await mind.write(ModelRequest(system=system_prompt(language), text=said, language=language))
    assert answer.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_leaflets_pass_the_guard_and_do_not_repeat_themselves(language: Language, mind: Mind) -> None:
    system = f"You write a health-education leaflet. Write in {NAMES[language]}."
    request = ModelRequest(system=system, text="<topic>alcohol</topic>", language=language, guard="document")
    leaflet, _ = await mind.fill(request, Leaflet)
    assert len({topic.heading for topic in leaflet.topics}) == 3
    found = await mind.write(
        ModelRequest(system=system, text="alcohol", language=language, guard="document", search=True)
    )
    said = found.text.encode()
    assert len(found.citations) > 2
    assert all(said[each.start : each.end].decode().strip() for each in found.citations)


@pytest.mark.parametrize("target", sorted({**NAMES, **MORE}))
@pytest.mark.parametrize("text", ["Where does it hurt?", "Come back in 14 days, to room 3.", "กินยาวันละ ๒ ครั้ง"])
async def test_translations_pass_the_guard_in_every_language(target: str, text: str, mind: Mind) -> None:
    name = {**NAMES, **MORE}[target]
    system = f"You are a medical interpreter. Translate what is between the tags into {name}."
    request = ModelRequest(
        system=system, text=f"<text>{text}</text>", source=text, language=target, guard="translation"
    )
    assert (await mind.write(request)).text
