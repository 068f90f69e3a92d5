"""The fake Gemini, asked with the bodies that google-genai was seen to send."""

import asyncio
import base64
import io
import json
import wave
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from namjai.devkit.gemini import FakeGemini, serve_gemini
from namjai.devkit.gemini.answers import embedding
from namjai.devkit.gemini.wire import camel

MODEL = "/v1beta/models/gemini-3.8-flash"
PICTURE = b"\xff\xd8\xff\xfb\xef"


class Asker:
    """A client with the SDK's headers."""

    def __init__(self, fake: FakeGemini, http: aiohttp.ClientSession) -> None:
        self.fake, self.http = fake, http

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        async with self.http.post(path, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def ask(self, *parts: dict[str, Any], **rest: Any) -> dict[str, Any]:
        body = {"contents": [{"parts": list(parts), "role": "user"}], **rest}
        status, answer = await self.post(f"{MODEL}:generateContent", body)
        assert status == 200, answer
        return dict(answer)

    async def words(self, *parts: dict[str, Any], **rest: Any) -> str:
        return str((await self.ask(*parts, **rest))["candidates"][0]["content"]["parts"][0]["text"])

    async def fault(self, kind: str, **rest: Any) -> None:
        async with self.http.put("/_fake/faults", json=[{"kind": kind, **rest}]) as answer:
            assert answer.status == 200


@pytest.fixture
async def gemini() -> AsyncIterator[Asker]:
    headers = {"x-goog-api-key": "any", "User-Agent": "google-genai-sdk/3.4.0 gl-python/3.11.7"}
    async with serve_gemini() as fake, aiohttp.ClientSession(fake.url, headers=headers) as http:
        yield Asker(fake, http)


def test_keys_are_read_in_either_case_but_the_users_own_names_are_kept() -> None:
    sent = {"response_schema": {"properties": {"next_step": {"max_items": 1}}, "property_ordering": ["next_step"]}}
    assert camel(sent) == {
        "responseSchema": {"properties": {"next_step": {"maxItems": 1}}, "propertyOrdering": ["next_step"]}
    }


async def test_the_same_question_has_the_same_answer_in_its_own_language(gemini: Asker) -> None:
    config = {"temperature": 0.2, "topK": 3.0, "maxOutputTokens": 100, "thinkingConfig": {"thinking_budget": 0}}
    system = {"parts": [{"text": "be kind"}], "role": "user"}
    first = await gemini.ask({"text": "เครียดมาก"}, generationConfig=config, systemInstruction=system)
    assert first == await gemini.ask({"text": "เครียดมาก"}, generationConfig=config)
    text = first["candidates"][0]["content"]["parts"][0]["text"]
    assert any("\u0e00" <= letter <= "\u0e7f" for letter in text)
    assert "thoughtsTokenCount" in first["usageMetadata"]
    assert (await gemini.words({"text": "我很累"})) != text


async def test_structured_answers_fit_their_schema(gemini: Asker) -> None:
    shape = {
        "type": "OBJECT",
        "properties": {
            "mood": {"type": "STRING", "enum": ["low", "high"]},
            "next_step": {"type": "STRING", "nullable": True},
            "tags": {"type": "ARRAY", "items": {"type": "STRING"}, "min_items": 2},
        },
        "property_ordering": ["mood", "next_step", "tags"],
    }
    config = {"responseMimeType": "application/json", "responseSchema": shape}
    said = json.loads(await gemini.words({"text": "hi"}, generationConfig=config))
    assert said["mood"] == "low"
    assert isinstance(said["next_step"], str)
    assert len(said["tags"]) == 2
    choice = {"responseMimeType": "text/x.enum", "responseSchema": {"type": "STRING", "enum": ["b", "a"]}}
    assert await gemini.words({"text": "hi"}, generationConfig=choice) == "b"


@pytest.mark.parametrize("encode", [base64.urlsafe_b64encode, base64.b64encode])
async def test_pictures_come_in_either_base64_alphabet(gemini: Asker, encode: Any) -> None:
    inline = {"inlineData": {"data": encode(PICTURE).decode(), "mime_type": "image/jpeg"}}
    assert "image/jpeg of 5 bytes" in await gemini.words(inline, {"text": "what is this?"})


async def test_citations_count_bytes_of_utf8(gemini: Asker) -> None:
    answer = await gemini.ask({"text": "壓力"}, tools=[{"googleSearch": {}}])
    candidate = answer["candidates"][0]
    support = candidate["groundingMetadata"]["groundingSupports"][0]
    text = candidate["content"]["parts"][0]["text"]
    assert support["segment"]["endIndex"] == len(text.encode()) > len(text)


async def test_speech_is_a_wav_file_from_new_models_and_raw_samples_from_old_ones(gemini: Asker) -> None:
    config = {"responseModalities": ["AUDIO"], "speechConfig": {"voice_config": {}}}
    answer = await gemini.ask({"text": "hello"}, generationConfig=config)
    new = answer["candidates"][0]["content"]["parts"][0]["inlineData"]
    with wave.open(io.BytesIO(base64.b64decode(new["data"]))) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (24_000, 14_400)
    body = {"contents": [{"parts": [{"text": "hello"}]}], "generationConfig": config}
    _, answer = await gemini.post("/v1beta/models/gemini-3.1-flash-tts-preview:generateContent", body)
    old = answer["candidates"][0]["content"]["parts"][0]["inlineData"]
    assert old["mimeType"] == "audio/L16;codec=pcm;rate=24000"
    assert len(base64.b64decode(old["data"])) == 14_400 * 2


async def test_a_stream_gives_the_same_text_in_pieces(gemini: Asker) -> None:
    whole = await gemini.words({"text": "hello there"})
    body = {"contents": [{"parts": [{"text": "hello there"}], "role": "user"}]}
    async with gemini.http.post(f"{MODEL}:streamGenerateContent?alt=sse", json=body) as answer:
        lines = (await answer.text()).split("\r\n\r\n")
    pieces = [json.loads(line.removeprefix("data: ")) for line in lines if line]
    assert len(pieces) == 3
    assert "".join(piece["candidates"][0]["content"]["parts"][0]["text"] for piece in pieces) == whole
    assert pieces[-1]["candidates"][0]["finishReason"] == "STOP"


async def test_tokens_caches_and_embeddings(gemini: Asker) -> None:
    contents = [{"parts": [{"text": "hello there"}], "role": "user"}]
    assert await gemini.post(f"{MODEL}:countTokens", {"contents": contents}) == (200, {"totalTokens": 3})
    _, cache = await gemini.post("/v1beta/cachedContents", {"model": MODEL, "ttl": "600s", "contents": contents})
    answer = await gemini.ask({"text": "hi"}, cachedContent=cache["name"])
    assert answer["usageMetadata"]["cachedContentTokenCount"] > 0
    async with gemini.http.delete(f"/v1beta/{cache['name']}") as gone:
        assert gone.status == 200
    status, _ = await gemini.post(f"{MODEL}:generateContent", {"contents": contents, "cachedContent": cache["name"]})
    assert status == 400
    request = {"content": contents[0], "taskType": "RETRIEVAL_QUERY", "outputDimensionality": 64}
    _, made = await gemini.post(f"{MODEL}:batchEmbedContents", {"requests": [request, request]})
    assert [len(each["values"]) for each in made["embeddings"]] == [64, 64]


def test_texts_that_share_letters_lie_near_each_other() -> None:
    near, far = ("drinking at night", "drinks every night"), ("drinking at night", "一起散步")
    close, apart = (
        sum(a * b for a, b in zip(*(embedding(text, 256) for text in pair), strict=True)) for pair in (near, far)
    )
    assert close > 0.4 > apart


async def test_given_lines_are_spoken_as_often_as_told(gemini: Asker) -> None:
    async with gemini.http.put("/_fake/script", json=[{"match": "beer", "text": "Water?", "times": 1}]) as answer:
        assert answer.status == 200
    assert await gemini.words({"text": "a beer please"}) == "Water?"
    assert await gemini.words({"text": "a beer please"}) != "Water?"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("rate_per_minute", 429),
        ("rate_per_day", 429),
        ("internal", 500),
        ("unavailable", 503),
        ("deadline", 504),
    ],
)
async def test_failures_have_googles_error_body(gemini: Asker, kind: str, status: int) -> None:
    await gemini.fault(kind, times=1)
    answered, body = await gemini.post(f"{MODEL}:generateContent", {"contents": [{"parts": [{"text": "hi"}]}]})
    assert (answered, body["error"]["code"]) == (status, status)
    if kind.startswith("rate"):
        assert kind.rpartition("_")[2].capitalize() in body["error"]["details"][0]["violations"][0]["quotaId"]
    await gemini.ask({"text": "hi"})


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("safety", "SAFETY"),
        ("max_tokens", "MAX_TOKENS"),
        ("other", "OTHER"),
        ("unknown_finish", "A_REASON_OF_TOMORROW"),
        ("thoughts_only", "STOP"),
        ("empty_parts", "STOP"),
    ],
)
async def test_poor_answers_are_still_200(gemini: Asker, kind: str, reason: str) -> None:
    await gemini.fault(kind)
    assert (await gemini.ask({"text": "hi"}))["candidates"][0]["finishReason"] == reason


async def test_blocked_empty_html_and_cut_answers(gemini: Asker) -> None:
    body = {"contents": [{"parts": [{"text": "hi"}]}]}
    await gemini.fault("prompt_blocked")
    answer = await gemini.ask({"text": "hi"})
    assert "candidates" not in answer
    assert answer["promptFeedback"]["blockReason"] == "PROHIBITED_CONTENT"
    for kind, status, content in (("ok_empty", 200, b""), ("ok_html", 200, b"<"), ("bad_gateway_html", 502, b"<")):
        await gemini.fault(kind)
        async with gemini.http.post(f"{MODEL}:generateContent", json=body) as odd:
            assert (odd.status, (await odd.read())[:1]) == (status, content)
    await gemini.fault("reset")
    with pytest.raises(aiohttp.ClientError):
        await gemini.ask({"text": "hi"})
    await gemini.fault("none", delay_ms=5_000)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await gemini.ask({"text": "hi"})


async def test_a_stream_can_break_midway(gemini: Asker) -> None:
    await gemini.fault("stream_breaks")
    body = {"contents": [{"parts": [{"text": "hello there"}]}]}
    async with gemini.http.post(f"{MODEL}:streamGenerateContent?alt=sse", json=body) as answer:
        lines = [line for line in (await answer.text()).split("\r\n\r\n") if line]
    assert len(lines) == 2
    assert json.loads(lines[1].removeprefix("data: "))["error"]["code"] == 503


async def test_what_google_refuses_at_the_door_is_refused(gemini: Asker) -> None:
    good = {"contents": [{"parts": [{"text": "hi"}]}]}
    path = f"{MODEL}:generateContent"
    refused = [
        await gemini.post(path, good, **{"X-Server-Timeout": "5"}),
        await gemini.post(path, {"contents": []}),
        await gemini.post(path, {"contents": [{"parts": [{"inlineData": {"data": "*", "mimeType": "x"}}]}]}),
        await gemini.post(path, [1]),
    ]
    assert [status for status, _ in refused] == [400] * 4
    assert "Minimum allowed deadline is 10s" in refused[0][1]["error"]["message"]
    async with aiohttp.ClientSession(gemini.fake.url) as stranger, stranger.post(path, json=good) as answer:
        assert answer.status == 400
    async with gemini.http.get("/_fake/calls?since=0") as answer:
        calls = await answer.json()
    assert calls[0]["findings"] == ["X-Server-Timeout: below 10 s"]
    assert calls[0]["headers"]["x-goog-api-key"] == "(redacted)"
