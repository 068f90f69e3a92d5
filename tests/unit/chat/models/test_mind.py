"""The mind of a turn: models in order, within one time, held to their guard, each use on record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import msgspec
import pytest

from namjai.chat.adapters.models.backend import Schema, Voiced, Work, talk
from namjai.chat.adapters.models.fence import Limits
from namjai.chat.adapters.models.mind import TurnMind
from namjai.chat.adapters.models.models import Bounds, Models
from namjai.chat.adapters.models.prices import Price, Prices
from namjai.chat.ports import Attachment, ModelAnswer, ModelFailure, ModelRequest, ModelUnavailable, Said
from namjai.events.uses import ModelUse
from namjai.runtime.metrics import Metrics

WORDS = "That sounds hard. What helped?"
REQUEST = ModelRequest(system="be kind", text="hello", language="en")
DATA = ModelRequest(system="read", text="somebody's words", language="en", purpose="read", guard="data")
SOUND = Attachment(b"fLaC", "audio/flac")

Item = str | ModelUnavailable | Callable[[], Any]


class Leaf(msgspec.Struct, frozen=True):
    """A filled form."""

    plant: str
    stage: Literal["seedling", "grown"]
    sure: Annotated[float, msgspec.Meta(ge=0, le=1)]


GOOD = '{"plant": "rice", "stage": "grown", "sure": 0.5}'


@dataclass
class Scripted:
    """A backend that does what the list says, one item a call, and its last one again and again."""

    name: str
    script: list[Item]
    works: frozenset[Work] = frozenset({"text", "vision", "listen", "speak"})
    asked: list[ModelRequest] = field(default_factory=list)
    schemas: list[Schema | None] = field(default_factory=list)
    calls: int = 0
    provider: str = "played"

    def model(self, work: Work) -> str | None:
        return self.name if work in self.works else None

    async def answer(self, request: ModelRequest, schema: Schema | None = None) -> ModelAnswer:
        self.asked.append(request)
        self.schemas.append(schema)
        return await self._next()

    async def listen(self, sound: Attachment, languages: Sequence[str]) -> ModelAnswer:
        return await self._next()

    async def speak(self, words: str, language: str) -> Voiced:
        return Voiced(Attachment(b"RIFF", "audio/wav"), await self._next())

    async def count(self, words: str) -> int:
        return len(words)

    async def _next(self) -> ModelAnswer:
        self.calls += 1
        item = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(item, ModelUnavailable):
            raise item
        if callable(item):
            await item()
            item = WORDS
        return ModelAnswer(text=item, model=f"{self.name}-001", tokens_in=700, tokens_out=30, tokens_cached=200)


@dataclass
class World:
    """A mind with everything round it."""

    mind: TurnMind
    models: Models
    uses: list[ModelUse]
    metrics: Metrics
    screened: list[str]

    def counted(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(f"namjai_{name}_total", labels) or 0.0


def world(
    *backends: Scripted, talk_s: float = 5.0, work_s: float = 10.0, screen: bool | ModelFailure = True, **limits: Any
) -> World:
    metrics, uses, read = Metrics("chat"), list[ModelUse](), list[str]()

    async def screened(words: str, _: ModelRequest) -> bool:
        read.append(words)
        if isinstance(screen, bool):
            return screen
        raise ModelUnavailable(screen)

    models = Models(backends, Limits(concurrency=8, requests_per_minute=600, failures_max=3, **limits), metrics)
    mind = TurnMind(models, Bounds(talk_s=talk_s, work_s=work_s), screened, uses.append)
    return World(mind, models, uses, metrics, read)


def failing(reason: ModelFailure, spent: ModelAnswer | None = None) -> ModelUnavailable:
    return ModelUnavailable(reason, spent)


async def reason(call: Any) -> ModelFailure:
    with pytest.raises(ModelUnavailable) as raised:
        await call
    return raised.value.reason


async def test_a_use_is_on_record_with_its_model_its_tokens_and_its_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Prices({"one": Price(read=1.0, written=10.0, cached=0.1), "one-001-b": Price(read=9, written=9)})
    monkeypatch.setattr("namjai.chat.adapters.models.account.prices", lambda: table)
    here = world(Scripted("one", [WORDS]))
    assert (await here.mind.write(REQUEST)).text == WORDS
    (use,) = here.uses
    assert (use.purpose, use.model, use.outcome, use.fallback) == ("support", "one-001", "said", 0)
    assert (use.tokens_in, use.tokens_out, use.tokens_cached) == (700, 30, 200)
    assert use.cost_microusd == 500 + 20 + 300
    assert here.counted("model_answers", model="one", purpose="support", outcome="said") == 1
    assert here.counted("model_tokens", model="one", purpose="support", direction="in") == 700
    assert here.counted("model_cost_microusd", model="one", purpose="support") == 820


async def test_a_model_of_nobodys_price_list_counts_as_free() -> None:
    here = world(Scripted("at-home", [WORDS]))
    await here.mind.write(REQUEST)
    assert here.uses[0].cost_microusd == 0


@pytest.mark.parametrize("why", ["server", "quota", "denied", "refused", "blocked", "truncated", "empty", "stopped"])
async def test_the_next_model_is_asked_whatever_went_wrong_with_the_first(why: ModelFailure) -> None:
    first, second = Scripted("one", [failing(why)]), Scripted("two", [WORDS])
    here = world(first, second)
    assert (await here.mind.write(REQUEST)).model == "two-001"
    assert [(use.outcome, use.fallback) for use in here.uses][-2:] == [(why, 0), ("said", 1)]
    assert len(here.uses) == first.calls + 1  # a failure that passes was tried twice, and both are on record


async def test_what_a_failure_cost_is_on_record_too() -> None:
    spent = ModelAnswer(text="", model="one-001", tokens_in=10, tokens_out=2_048)
    here = world(Scripted("one", [failing("truncated", spent)]))
    assert await reason(here.mind.write(REQUEST)) == "truncated"
    assert here.uses[0].tokens_out == 2_048


async def test_words_that_may_not_be_said_are_kept_back_and_another_model_may_do_better() -> None:
    here = world(Scripted("one", ["Take 5 mg before bed."]), Scripted("two", [WORDS]))
    assert (await here.mind.write(REQUEST)).text == WORDS
    assert [use.outcome for use in here.uses] == ["guard", "said"]
    assert here.uses[0].tokens_out == 30
    assert here.counted("model_guard", guard="talk", fault="dose") == 1
    assert here.screened == [WORDS]


async def test_an_answer_in_which_risk_finds_danger_is_kept_back() -> None:
    here = world(Scripted("one", [WORDS]), screen=False)
    assert await reason(here.mind.write(REQUEST)) == "guard"
    assert here.counted("model_guard", guard="talk", fault="risk") == 1


async def test_without_a_verdict_on_the_answer_there_is_no_answer_and_nobody_else_is_asked() -> None:
    second = Scripted("two", [WORDS])
    here = world(Scripted("one", [WORDS]), second, screen="unscreened")
    assert await reason(here.mind.write(REQUEST)) == "unscreened"
    assert second.calls == 0
    assert [(use.outcome, use.tokens_in) for use in here.uses] == [("unscreened", 700)]


async def test_data_is_read_by_nobody_and_not_screened() -> None:
    here = world(Scripted("one", [GOOD]), screen=False)
    await here.mind.fill(DATA, Leaf)
    assert here.screened == []


async def test_a_model_that_cannot_do_it_is_not_asked() -> None:
    deaf, hearing = Scripted("deaf", ["?"], works=frozenset({"text"})), Scripted("hearing", ["ฉันเหนื่อย"])
    here = world(deaf, hearing)
    assert (await here.mind.listen(SOUND, languages=["th"])).text == "ฉันเหนื่อย"
    assert deaf.calls == 0
    assert here.uses[0].fallback == 0
    alone = world(deaf)
    assert await reason(alone.mind.speak("hi", language="en")) == "unable"
    assert await reason(alone.mind.write(replace(REQUEST, search=True))) == "unable"
    assert alone.uses == []


async def test_a_model_whose_breaker_is_open_is_passed_over_and_one_alone_fails_at_once() -> None:
    first, second = Scripted("one", [failing("denied")]), Scripted("two", [WORDS])
    here = world(first, second, open_s=60)
    for _ in range(5):
        await here.mind.write(REQUEST)
    assert first.calls == 3
    assert [use.fallback for use in here.uses[-2:]] == [0, 0]
    alone = world(Scripted("one", [failing("denied")]), open_s=60)
    assert [await reason(alone.mind.write(REQUEST)) for _ in range(4)] == ["denied"] * 3 + ["breaker"]
    assert alone.uses[-1].outcome == "breaker"


async def test_the_breaker_of_one_work_is_not_the_breaker_of_another_model() -> None:
    class Two(Scripted):
        def model(self, work: Work) -> str | None:
            return f"{self.name}-{work}"

    here = world(Two("m", [failing("denied")]), open_s=60)
    for _ in range(3):
        await reason(here.mind.speak("hi", language="en"))
    assert await reason(here.mind.speak("hi", language="en")) == "breaker"
    assert await reason(here.mind.write(REQUEST)) == "denied"


async def test_a_silent_model_leaves_time_for_the_next_one() -> None:
    silent, second = Scripted("one", [asyncio.Event().wait]), Scripted("two", [WORDS])
    here = world(silent, second, talk_s=0.3)
    started = asyncio.get_running_loop().time()
    assert (await here.mind.write(REQUEST)).model == "two-001"
    assert 0.15 < asyncio.get_running_loop().time() - started < 0.3
    assert [use.outcome for use in here.uses] == ["deadline", "said"]


async def test_all_that_a_turn_asks_shares_its_time() -> None:
    here = world(Scripted("one", [asyncio.Event().wait]), work_s=0.2)
    assert await reason(here.mind.listen(SOUND, languages=["en"])) == "deadline"
    started = asyncio.get_running_loop().time()
    assert await reason(here.mind.speak("hi", language="en")) == "deadline"
    assert asyncio.get_running_loop().time() - started < 0.05


async def test_a_turn_that_is_overtaken_frees_the_model_and_is_counted() -> None:
    here = world(Scripted("one", [asyncio.Event().wait, WORDS]))
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(here.mind.write(REQUEST))
        await asyncio.sleep(0)
        asking.cancel()
    assert here.counted("model_answers", model="one", purpose="support", outcome="overtaken") == 1
    assert (await here.mind.write(REQUEST)).text == WORDS


async def test_a_form_is_filled_and_checked_by_us() -> None:
    model = Scripted("one", [GOOD])
    here = world(model)
    leaf, answer = await here.mind.fill(DATA, Leaf)
    assert leaf == Leaf("rice", "grown", 0.5)
    assert answer.model == "one-001"
    (schema,) = model.schemas
    assert schema is not None
    assert schema["properties"]["stage"] == {"enum": ["grown", "seedling"]}


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "I cannot do that.",
        GOOD[:-5],
        GOOD.replace("grown", "in bloom"),
        GOOD.replace("0.5", "7"),
        GOOD.replace('"rice"', "[1]"),
        '{"plant": "rice"}',
        "[]",
    ],
)
async def test_what_does_not_fit_is_repaired_once_and_told_why(wrong: str) -> None:
    model = Scripted("one", [wrong or "{", f"```json\n{GOOD}\n```"])
    here = world(model)
    leaf, _ = await here.mind.fill(DATA, Leaf)
    assert leaf.plant == "rice"
    first, repair = model.asked
    assert repair.history == (Said("person", first.text), Said("namjai", wrong or "{"))
    assert "schema" in repair.text
    assert [use.outcome for use in here.uses] == ["misshapen", "said"]


async def test_what_is_wrong_twice_goes_to_the_next_model_and_then_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    bad = GOOD.replace("grown", "my secret")
    first, second = Scripted("one", [bad]), Scripted("two", [bad])
    here = world(first, second)
    assert [await reason(here.mind.fill(DATA, Leaf)) for _ in range(4)] == ["misshapen"] * 4
    assert (first.calls, second.calls) == (8, 8)
    assert "secret" not in caplog.text


async def test_a_repair_is_cut_off_with_the_turn() -> None:
    async def slow() -> None:
        await asyncio.sleep(5)

    model = Scripted("one", ["{", slow])
    started = asyncio.get_running_loop().time()
    assert await reason(world(model, work_s=0.2).mind.fill(DATA, Leaf)) == "deadline"
    assert asyncio.get_running_loop().time() - started < 1


async def test_what_a_filled_document_says_is_held_to_the_guard() -> None:
    request = ModelRequest(system="leaflet", text="rice", language="en", guard="document")
    here = world(Scripted("one", [GOOD.replace("rice", "Rice grows in water. See https://example.org")]))
    assert await reason(here.mind.fill(request, Leaf)) == "guard"
    assert here.counted("model_guard", guard="document", fault="link") == 1


async def test_a_speech_model_that_ends_without_a_sound_is_asked_once_more() -> None:
    model = Scripted("one", [failing("stopped"), "spoken"])
    here = world(model)
    assert (await here.mind.speak("hi", language="en")).mime == "audio/wav"
    assert [use.outcome for use in here.uses] == ["stopped", "said"]
    silent = Scripted("one", [failing("empty")])
    assert await reason(world(silent).mind.speak("hi", language="en")) == "empty"
    assert silent.calls == 2


async def test_tokens_are_counted_by_the_first_model_and_are_no_use_on_record() -> None:
    here = world(Scripted("one", [WORDS]))
    assert await here.mind.count("four") == 4
    assert here.uses == []


async def test_a_document_may_be_longer_than_talk() -> None:
    model = Scripted("one", [WORDS])
    await world(model).mind.write(REQUEST)
    await world(model).mind.write(DATA)
    assert [asked.tokens_max for asked in model.asked] == [None, 8_192]


@pytest.mark.parametrize(
    ("said", "before", "words"),
    [
        ("", "", "now"),
        ("n:hello", "", "now"),
        ("p:hi n:hello", "p:hi n:hello", "now"),
        ("n:hello p:hi n:yes", "p:hi n:yes", "now"),
        ("p:hi p:there n:a n:b", "p:hi+there n:a+b", "now"),
        ("p:hi n:hello p:well", "p:hi n:hello", "well+now"),
        ("p:hi", "", "hi+now"),
    ],
)
def test_a_talk_begins_with_the_person_and_goes_by_turns(said: str, before: str, words: str) -> None:
    def turns(text: str) -> list[Said]:
        return [Said("person" if each[0] == "p" else "namjai", each[2:].replace("+", "\n")) for each in text.split()]

    assert talk(replace(REQUEST, text="now", history=tuple(turns(said)))) == (turns(before), words.replace("+", "\n"))


def test_the_price_of_the_longest_name_counts() -> None:
    table = Prices({"gemini-3.8-flash": Price(read=1, written=1), "gemini-3.8-flash-tts": Price(read=2, written=2)})
    assert table.price("gemini-3.8-flash-tts-001") == Price(read=2, written=2)
    assert table.price("gemini-3.8-flash") == Price(read=1, written=1)
    assert table.price("gemini-2") is None
