"""What a Gemini adapter must stand, each against the played Gemini through the real SDK.

| what | test |
|---|---|
| every shape, either letter case, URL-safe base64 | `test_every_shape…`, `test_what_is_sent…`, the fake's own |
| every failure: in time, one reason, no hidden wait | `test_every_failure…`, `test_a_refused…`, `test_a_stall…` |
| no server deadline below 10 s | `test_no_short_server_deadline_ever_leaves` |
| blocked, empty, cut, thinking, unknown ends | `test_an_answer_without_usable_words…`, `test_thoughts_are_left_out` |
| broken, half, wrong JSON | `test_json_that_does_not_fit_is_repaired_or_given_up` |
| citations on the right bytes; no grounding | `test_citations_…`, `test_without_grounding_…` |
| WAV and raw samples | `test_both_kinds_of_speech…`, `test_speech_that_ends_oddly…` |
| one client, nothing grows | `test_a_thousand_calls_leave_nothing_open`, `test_giving_up_frees_the_connection` |
| instructions kept on the other side | `test_a_long_instruction_is_kept_…` and the three after it |
"""

from __future__ import annotations

import asyncio
import io
import json
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

import msgspec
import pytest

from namjai.chat.adapters.models.choose import open_models
from namjai.chat.adapters.models.gemini import Gemini, GeminiOptions, gemini
from namjai.chat.adapters.models.mind import TurnMind
from namjai.chat.adapters.models.models import Bounds
from namjai.chat.ports import Attachment, Mind, ModelRequest, ModelUnavailable, Said
from namjai.chat.settings import ChatSettings
from namjai.devkit.embedded.ports import free_port
from namjai.devkit.gemini import FakeGemini, Fault, Line, serve_gemini
from namjai.devkit.gemini.faults import Kind
from namjai.events.uses import ModelUse
from namjai.runtime.metrics import Metrics

QUICK_S = 0.9
"""Less than the second that the SDK would wait at least."""
THAI = ModelRequest(system="Write in Thai.", text="อยากเล่าให้ฟัง", language="th")
DATA = ModelRequest(system="Read.", text="rice", language="en", purpose="read", guard="data")
JPEG = Attachment(b"\xff\xd8\xff\xe0" + bytes(range(256)), "image/jpeg")


class Leaf(msgspec.Struct, frozen=True):
    """A form to fill."""

    plant: str
    stage: Literal["seedling", "grown"]


@pytest.fixture(scope="module")
async def played() -> AsyncIterator[FakeGemini]:
    async with serve_gemini() as fake:
        yield fake


@pytest.fixture
def fake(played: FakeGemini) -> FakeGemini:
    played.faults.replace([])
    played.script.replace([])
    return played


@pytest.fixture(scope="module")
async def model(played: FakeGemini) -> AsyncIterator[Gemini]:
    async with gemini(options(played.url)) as adapter:
        yield adapter


def options(url: str, **differing: Any) -> GeminiOptions:
    names = dict.fromkeys(("text", "search", "vision", "listen"), "gemini-3.8-flash")
    given: dict[str, Any] = {
        "api_key": "any",
        "models": {**names, "speak": "gemini-3.8-flash-tts"},
        "api_version": "v1beta",
        "base_url": url,
        "tokens_max": 512,
        "connections": 8,
        "thinking": "low",
    }
    return GeminiOptions(**{**given, **differing})


@pytest.fixture
async def mind(fake: FakeGemini) -> AsyncIterator[Mind]:
    """The models as a skill has them, with room for a whole test in one turn."""
    async with open_models(ChatSettings(model="fake", model_base_url=fake.url), Metrics("chat")) as models:
        assert models is not None
        yield TurnMind(models, Bounds(talk_s=20, work_s=20), harmless, USES.append)


USES: list[ModelUse] = []


async def harmless(_words: str, _request: ModelRequest) -> bool:
    return True


def breaks(fake: FakeGemini, kind: Kind, times: int | None = None) -> None:
    fake.faults.replace([Fault(kind=kind, times=times)])


def bodies(fake: FakeGemini) -> list[dict[str, Any]]:
    return [json.loads(call.body or b"{}") for call in fake.calls.since(0, 10_000)]


async def reason(call: Any) -> str:
    started = perf_counter()
    with pytest.raises(ModelUnavailable) as raised:
        await call
    assert perf_counter() - started < QUICK_S
    return raised.value.reason


async def test_every_shape_of_a_call_is_understood(fake: FakeGemini, mind: Mind) -> None:
    talk = (Said("person", "สวัสดี"), Said("namjai", "สวัสดี วันนี้เป็นอย่างไรบ้าง"))
    written = await mind.write(ModelRequest(system="Write in Thai.", text="เหนื่อย", language="th", history=talk))
    assert "\u0e00" < written.text[0] < "\u0e7f"
    leaf, _ = await mind.fill(
        ModelRequest(system="Read.", text="?", language="en", guard="data", attachments=(JPEG,)), Leaf
    )
    assert leaf.stage in ("seedling", "grown")
    spoken = await mind.speak("สวัสดี", language="th")
    heard = await mind.listen(Attachment(b"fLaC\0namjai-says=hello\0", "audio/flac"), languages=["th", "en"])
    assert (spoken.mime, heard.text) == ("audio/wav", "hello")
    assert await mind.count("hello there") == 3
    assert [call.findings for call in fake.calls.since(0, 10_000) if call.findings] == []


async def test_what_is_sent_is_what_was_meant_and_no_more(fake: FakeGemini, model: Gemini) -> None:
    before = len(bodies(fake))
    talk = (Said("person", "hi"), Said("namjai", "hello"))
    request = ModelRequest(system="S", text="T", language="en", history=talk, attachments=(JPEG,), tokens_max=99)
    await model.answer(request, {"type": "object", "properties": {}})
    await model.listen(Attachment(b"OggS", "audio/ogg"), ["zh-TW", "th"])
    await model.speak("Good morning.", "en")
    answered, heard, spoken = bodies(fake)[before:]
    assert [turn["role"] for turn in answered["contents"]] == ["user", "model", "user"]
    picture, words = answered["contents"][-1]["parts"]
    assert words == {"text": "T"}
    assert "_" in picture["inlineData"]["data"] or "-" in picture["inlineData"]["data"]  # the URL-safe alphabet
    assert answered["systemInstruction"]["parts"] == [{"text": "S"}]
    config = answered["generationConfig"]
    assert (config["maxOutputTokens"], config["responseMimeType"]) == (99, "application/json")
    assert config["responseJsonSchema"] == {"type": "object", "properties": {}}
    assert "tools" not in answered
    assert "cmn-Hant-TW, th-TH" in heard["contents"][0]["parts"][1]["text"]
    assert spoken["contents"][0]["parts"] == [{"text": "Good morning."}]
    assert "en-US" in json.dumps(spoken["generationConfig"])
    for body in (answered, heard, spoken):
        assert {each["threshold"] for each in body["safetySettings"]} == {"BLOCK_ONLY_HIGH"}
        assert len(body["safetySettings"]) == 4


async def test_a_model_made_for_it_gets_its_hints_in_a_field_of_their_own(fake: FakeGemini) -> None:
    async with gemini(options(fake.url, models={"listen": "gemini-3.5-transcribe"})) as model:
        heard = await model.listen(Attachment(b"fLaC", "audio/flac"), ["th"])
    assert "เหนื่อย" in heard.text
    sent = bodies(fake)[-1]
    assert len(sent["contents"][0]["parts"]) == 1
    assert "th-TH" in json.dumps(sent["generationConfig"])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.RATE_PER_MINUTE, "quota"),
        (Kind.RATE_PER_DAY, "quota"),
        (Kind.INTERNAL, "server"),
        (Kind.UNAVAILABLE, "server"),
        (Kind.DEADLINE, "server"),
        (Kind.BAD_GATEWAY_HTML, "server"),
        (Kind.OK_HTML, "unreadable"),
        (Kind.OK_EMPTY, "empty"),
        (Kind.RESET, "unreachable"),
        (Kind.CUT, "unreachable"),
    ],
)
async def test_every_failure_is_one_reason_at_once(kind: Kind, expected: str, fake: FakeGemini, model: Gemini) -> None:
    breaks(fake, kind)
    before = len(bodies(fake))
    assert await reason(model.answer(THAI)) == expected
    assert await reason(model.speak("hi", "en")) == expected
    assert await reason(model.listen(JPEG, [])) == expected
    assert len(bodies(fake)) == before + 3


async def test_a_refused_connection_is_not_tried_again_in_hiding() -> None:
    async with gemini(options(f"http://127.0.0.1:{free_port()}")) as model:
        assert await reason(model.answer(THAI)) == "unreachable"


async def test_a_stall_ends_at_our_deadline(fake: FakeGemini) -> None:
    settings = ChatSettings(model="fake", model_base_url=fake.url)
    breaks(fake, Kind.STALL)
    async with open_models(settings, Metrics("chat")) as models:
        assert models is not None
        mind = TurnMind(models, Bounds(talk_s=0.2, work_s=0.2), harmless, USES.append)
        assert await reason(mind.write(THAI)) == "deadline"
    assert USES[-1].outcome == "deadline"


async def test_no_short_server_deadline_ever_leaves(fake: FakeGemini, model: Gemini) -> None:
    for call in (model.answer(THAI), model.listen(JPEG, []), model.speak("hi", "en"), model.count("hi")):
        await call
    sent = [call.headers for call in fake.calls.since(0, 10_000)]
    assert sent
    assert not [headers for headers in sent if "X-Server-Timeout" in headers]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.PROMPT_BLOCKED, "blocked"),
        (Kind.SAFETY, "blocked"),
        (Kind.MAX_TOKENS, "truncated"),
        (Kind.NO_CANDIDATES, "empty"),
        (Kind.EMPTY_PARTS, "empty"),
        (Kind.THOUGHTS_ONLY, "empty"),
        (Kind.OTHER, "stopped"),
        (Kind.UNKNOWN_FINISH, "stopped"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*is not a valid FinishReason:UserWarning")
async def test_an_answer_without_usable_words_is_one_reason(
    kind: Kind, expected: str, fake: FakeGemini, model: Gemini
) -> None:
    breaks(fake, kind)
    with pytest.raises(ModelUnavailable) as raised:
        await model.answer(THAI)
    assert raised.value.reason == expected
    assert raised.value.spent is not None
    assert raised.value.spent.tokens_in > 0  # it was paid for all the same


async def test_thoughts_are_left_out(fake: FakeGemini, model: Gemini) -> None:
    breaks(fake, Kind.THOUGHTS_FIRST)
    assert "wonder" not in (await model.answer(THAI)).text


@pytest.mark.parametrize("kind", [Kind.BROKEN_JSON, Kind.HALF_JSON, Kind.WRONG_CHOICE])
async def test_json_that_does_not_fit_is_repaired_or_given_up(kind: Kind, fake: FakeGemini, mind: Mind) -> None:
    breaks(fake, kind, times=1)
    leaf, _ = await mind.fill(DATA, Leaf)
    assert leaf.stage in ("seedling", "grown")
    assert [use.outcome for use in USES[-2:]] == ["misshapen", "said"]
    breaks(fake, kind)
    assert await reason(mind.fill(DATA, Leaf)) == "misshapen"


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("th", ["  ตับช่วยกรองของเสีย ", "การดื่มหนักทำร้ายตับ 🙂 พักบ้างนะ\n"]),
        ("ja", ["\n肝臓は毒を分解します。", "👩‍⚕️ お酒を休みましょう。"]),
        ("zh-TW", ["肝臟會分解酒精。", "", "休息有幫助。"]),
    ],
)
async def test_citations_land_on_the_right_bytes_of_the_whole_text(
    language: str, parts: list[str], fake: FakeGemini, model: Gemini
) -> None:
    """Offsets count bytes of UTF-8 within a part; a thought before them is a part too."""
    thought = {"text": "กำลังคิด", "thought": True}
    supports, cited = [], []
    for index, part in enumerate(parts, 1):
        for word in part.split():
            start = len(part[: part.index(word)].encode())
            segment = {"partIndex": index, "startIndex": start, "endIndex": start + len(word.encode()), "text": word}
            supports.append({"segment": segment, "groundingChunkIndices": [0, 1]})
            cited.append(word)
    grounding = {
        "groundingChunks": [
            {"retrievedContext": {"title": "no page"}},
            {"web": {"uri": "https://r/1", "title": "who"}},
        ],
        "groundingSupports": [*supports, {"segment": {"partIndex": 9}, "groundingChunkIndices": [1]}, {}],
        "webSearchQueries": ["liver"],
    }
    content = {"role": "model", "parts": [thought, *({"text": part} for part in parts)]}
    response = {"candidates": [{"content": content, "finishReason": "STOP", "groundingMetadata": grounding}]}
    fake.script.replace([Line(response=response)])
    answer = await model.answer(ModelRequest(system="s", text="t", language=language, search=True))
    assert bodies(fake)[-1]["tools"] == [{"googleSearch": {}}]
    assert answer.text == "".join(parts).strip()
    said = answer.text.encode()
    assert [said[each.start : each.end].decode() for each in answer.citations] == cited
    assert {each.sources for each in answer.citations} == {(0,)}  # of two chunks one is a page
    assert [(each.uri, each.title) for each in answer.sources] == [("https://r/1", "who")]
    assert answer.searches == ("liver",)


async def test_without_grounding_there_are_no_sources_and_no_crash(fake: FakeGemini, model: Gemini) -> None:
    content = {"role": "model", "parts": [{"text": "ok"}]}
    nothing: list[dict[str, Any]] = [{}, {"groundingMetadata": None}, {"groundingMetadata": {"searchEntryPoint": {}}}]
    for grounding in nothing:
        fake.script.replace(
            [Line(response={"candidates": [{"content": content, "finishReason": "STOP", **grounding}]})]
        )
        answer = await model.answer(ModelRequest(system="s", text="t", language="en", search=True))
        assert (answer.sources, answer.citations) == ((), ())


async def test_both_kinds_of_speech_have_the_right_length(fake: FakeGemini, model: Gemini) -> None:
    spoken = (await model.speak("hello", "en")).sound
    with wave.open(io.BytesIO(spoken.data)) as sound:
        whole_s = sound.getnframes() / sound.getframerate()
    async with gemini(options(fake.url, models={"speak": "gemini-3.1-flash-tts-preview"})) as older:
        raw = (await older.speak("hello", "en")).sound
    assert (spoken.mime, raw.mime) == ("audio/wav", "audio/L16;rate=24000")
    assert len(raw.data) / 2 / 24_000 == pytest.approx(whole_s)


async def test_speech_that_ends_oddly_is_tried_once_more(fake: FakeGemini, mind: Mind) -> None:
    breaks(fake, Kind.OTHER, times=1)
    assert (await mind.speak("hello", language="en")).data
    breaks(fake, Kind.OTHER)
    assert await reason(mind.speak("hello", language="en")) == "stopped"


async def test_a_recording_in_which_nobody_speaks_is_empty(fake: FakeGemini, model: Gemini) -> None:
    fake.script.replace([Line(text="-")])
    assert await reason(model.listen(Attachment(b"fLaC", "audio/flac"), ["th"])) == "empty"


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.timeout(120)
async def test_a_thousand_calls_leave_nothing_open(fake: FakeGemini, model: Gemini) -> None:
    async def some(count: int) -> int:
        for _ in range(count // 8):
            await asyncio.gather(*(model.answer(THAI) for _ in range(8)))
        return _open_files()

    first = await some(80)
    assert await some(1_000) <= first
    assert len(model._models._api_client._aiohttp_sessions) == 0  # ours is the only one


async def test_giving_up_frees_the_connection(fake: FakeGemini, model: Gemini) -> None:
    await model.answer(THAI)
    before = _open_files()
    breaks(fake, Kind.STALL)
    for _ in range(20):  # more than there are connections
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await model.answer(THAI)
    fake.faults.replace([])
    assert (await model.answer(THAI)).text
    await asyncio.sleep(0.05)
    assert _open_files() <= before + 4


async def test_a_long_instruction_is_kept_on_the_other_side_from_its_second_use(fake: FakeGemini) -> None:
    long = ModelRequest(system="Write in Thai. " + "Be kind. " * 2_000, text="เหนื่อย", language="th")
    async with gemini(options(fake.url, cache_chars_min=1_000)) as model:
        first, second, third = [await model.answer(long) for _ in range(3)]
        searched = await model.answer(ModelRequest(system=long.system, text="?", language="th", search=True))
        other = await model.answer(ModelRequest(system="Write in Thai.", text="?", language="th"))
    assert first.text == second.text == third.text
    kept = [each.tokens_cached for each in (first, second, third, searched, other)]
    assert kept[0] == kept[3] == kept[4] == 0
    assert kept[1] == kept[2] > 4_096
    assert second.tokens_in >= second.tokens_cached
    assert fake.caches.get(_cache_names(fake)[-1]) is None  # given back at the end


async def test_an_instruction_that_cannot_be_kept_goes_along_as_always(fake: FakeGemini) -> None:
    short = ModelRequest(system="Write in Thai. " + "Be kind. " * 120, text="เหนื่อย", language="th")
    async with gemini(options(fake.url, cache_chars_min=1_000)) as model:
        before = len(bodies(fake))
        for _ in range(4):
            assert (await model.answer(short)).tokens_cached == 0
    assert len(bodies(fake)) == before + 5  # four answers, and one attempt to keep it


async def test_what_was_kept_and_is_gone_costs_nobody_an_answer(fake: FakeGemini) -> None:
    long = ModelRequest(system="Write in Thai. " + "Be kind. " * 2_000, text="เหนื่อย", language="th")
    async with gemini(options(fake.url, cache_chars_min=1_000)) as model:
        for _ in range(2):
            await model.answer(long)
        fake.caches.handle("DELETE", _cache_names(fake)[-1].rpartition("/")[2], {})
        assert (await model.answer(long)).tokens_cached == 0
        assert (await model.answer(long)).text


async def test_what_is_kept_is_renewed_while_it_is_used(fake: FakeGemini) -> None:
    long = ModelRequest(system="Write in Thai. " + "Be kind. " * 2_000, text="เหนื่อย", language="th")
    async with gemini(options(fake.url, cache_chars_min=1_000, cache_ttl_s=1)) as model:
        for _ in range(2):
            await model.answer(long)
        await asyncio.sleep(0.6)
        assert (await model.answer(long)).tokens_cached > 0
    methods = [call.method for call in fake.calls.since(0, 10_000) if "cachedContents" in call.path]
    assert methods[-3:] == ["POST", "PATCH", "DELETE"]


def _cache_names(fake: FakeGemini) -> list[str]:
    return [body["cachedContent"] for body in bodies(fake) if body.get("cachedContent")]
