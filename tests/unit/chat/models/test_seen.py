"""The same picture is looked at once: by whomever it is shown, and sealed so that only who has it can open it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from namjai.chat.adapters.models.seen import SeenBefore
from namjai.chat.media.pictures import normalise
from namjai.chat.ports import Attachment, ModelAnswer, ModelRequest, ModelUnavailable
from namjai.chat.skills.pictures.reading import Reading
from namjai.events.uses import ModelUse
from namjai.runtime.cache import Cache
from namjai.runtime.memory_tools import MemoryLevel
from namjai.runtime.metrics import Metrics
from tests.unit.chat.pictures.drawn import box, leaf

PEPPER = b"p" * 32


def shown(picture: bytes) -> ModelRequest:
    ready = normalise(picture)
    seen = Attachment(ready.data, ready.mime, ready.digest)
    return ModelRequest(system="look", text="look", language="en", purpose="read", guard="data", attachments=(seen,))


class Level(MemoryLevel):
    """A second level that can be looked into."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, bytes] = {}

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        self.values[key] = value
        await super().set(key, value, ttl_s)


class Looking:
    """A mind that takes its time, and takes down what it did."""

    def __init__(self, note: Any, *, wait: asyncio.Event | None = None, fails: bool = False) -> None:
        self.note = note
        self.wait = wait
        self.fails = fails
        self.looked = 0

    async def fill(self, request: ModelRequest, shape: type[Any]) -> tuple[Any, ModelAnswer]:
        self.looked += 1
        if self.wait is not None:
            await self.wait.wait()
        self.note(ModelUse(purpose=request.purpose, model="eye", outcome="blocked" if self.fails else "said"))
        if self.fails:
            raise ModelUnavailable("blocked")
        text = '{"kind": "medicine", "names": ["Tramadol"]}'
        return msgspec.json.decode(text, type=shape), ModelAnswer(text=text, model="eye")


class Eyes:
    """People with one cache between them."""

    def __init__(self, level: Level | None = None, **how: Any) -> None:
        self.level = level or Level()
        self.cache = Cache("pictures", Metrics("chat"), shared=self.level)
        self.uses: list[ModelUse] = []
        self.made: list[Looking] = []
        self.how = how

    def look(self, models: tuple[str, ...] = ("eye",), pepper: bytes = PEPPER) -> SeenBefore:
        def make(note: Any) -> Any:
            self.made.append(Looking(note, **self.how))
            return self.made[-1]

        return SeenBefore(make, self.cache, self.uses.append, models=models, pepper=pepper)

    @property
    def looked(self) -> int:
        return sum(each.looked for each in self.made)


async def test_the_second_one_who_shows_it_is_answered_from_the_cache_and_that_is_on_record() -> None:
    eyes = Eyes()
    first, _ = await eyes.look().fill(shown(box("Tramadol")), Reading)
    second, answer = await eyes.look().fill(shown(box("Tramadol")), Reading)
    assert first == second
    assert eyes.looked == 1
    assert [(use.cache, use.model) for use in eyes.uses] == [("miss", "eye"), ("hit", "eye")]
    assert (eyes.uses[1].tokens_in, eyes.uses[1].cost_microusd, answer.model) == (0, 0, "eye")


async def test_who_shows_it_at_the_same_time_waits_for_the_same_look() -> None:
    waiting = asyncio.Event()
    eyes = Eyes(wait=waiting)
    async with asyncio.TaskGroup() as people:
        asked = [people.create_task(eyes.look().fill(shown(leaf()), Reading)) for _ in range(5)]
        await asyncio.sleep(0)
        waiting.set()
    assert eyes.looked == 1
    assert len({task.result()[0].names for task in asked}) == 1
    assert sorted(use.cache for use in eyes.uses) == ["hit"] * 4 + ["miss"]


@pytest.mark.parametrize("differs", ["picture", "prompt", "model", "pepper"])
async def test_another_picture_prompt_or_model_is_looked_at_anew(differs: str) -> None:
    eyes = Eyes()
    request = shown(box("Tramadol"))
    await eyes.look().fill(request, Reading)
    models = ("other",) if differs == "model" else ("eye",)
    pepper = b"q" * 32 if differs == "pepper" else PEPPER
    if differs == "picture":
        request = shown(box("Paracetamol"))
    if differs == "prompt":
        request = replace(request, system="look closer")
    await eyes.look(models, pepper).fill(request, Reading)
    assert eyes.looked == 2


async def test_what_is_kept_can_be_read_by_nobody_without_the_picture() -> None:
    eyes = Eyes()
    request = shown(box("Tramadol"))
    await eyes.look().fill(request, Reading)
    (kept,) = eyes.level.values.items()
    assert request.attachments[0].digest is not None
    assert request.attachments[0].digest not in kept[0]
    assert b"Tramadol" not in kept[1]


async def test_what_is_damaged_is_looked_at_again() -> None:
    level = Level()
    await Eyes(level).look().fill(shown(leaf()), Reading)
    for name in list(level.values):
        await level.set(name, b"\0" * 60, 60)
    eyes = Eyes(level)
    found, _ = await eyes.look().fill(shown(leaf()), Reading)
    assert found.names == ("Tramadol",)
    assert eyes.looked == 1


async def test_what_went_wrong_is_not_kept() -> None:
    level = Level()
    with pytest.raises(ModelUnavailable, match="blocked"):
        await Eyes(level, fails=True).look().fill(shown(leaf()), Reading)
    eyes = Eyes(level)
    await eyes.look().fill(shown(leaf()), Reading)
    assert eyes.looked == 1


async def test_a_picture_without_a_digest_is_never_kept() -> None:
    eyes = Eyes()
    request = replace(shown(leaf()), attachments=(Attachment(b"x", "image/jpeg"),))
    for _ in range(2):
        await eyes.look().fill(request, Reading)
    assert eyes.looked == 2
    assert not eyes.level.values
    assert [use.cache for use in eyes.uses] == ["none", "none"]
