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
from PIL import Image

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
    text = first["candidates"][0]["content"]["parts"][0]["text"]
    assert text == await gemini.words({"text": "เครียดมาก"}, generationConfig=config)
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
    supports = candidate["groundingMetadata"]["groundingSupports"]
    said = candidate["content"]["parts"][0]["text"].encode()
    assert len(supports) > 1
    for support in supports:
        segment = support["segment"]
        assert said[segment["startIndex"] : segment["endIndex"]].decode() == segment["text"]


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
    small = {"model": MODEL, "ttl": "600s", "contents": contents}
    assert (await gemini.post("/v1beta/cachedContents", small))[0] == 400
    long = {"parts": [{"text": "be kind " * 2_100}]}
    _, cache = await gemini.post("/v1beta/cachedContents", {**small, "systemInstruction": long})
    assert "systemInstruction" not in cache
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


async def test_given_lines_may_ask_for_an_instruction_and_a_model_and_give_a_value(gemini: Asker) -> None:
    line = {"system": "You read pictures", "model": "*-flash", "value": {"kind": "leaf"}}
    async with gemini.http.post("/_fake/script", json=[line]) as answer:
        assert answer.status == 200
    told = {"parts": [{"text": "You read pictures of plants"}]}
    assert json.loads(await gemini.words({"text": "this"}, systemInstruction=told)) == {"kind": "leaf"}
    assert "leaf" not in await gemini.words({"text": "this"})


async def test_a_scripted_answer_without_candidates_can_be_spoilt_too(gemini: Asker) -> None:
    async with gemini.http.put("/_fake/script", json=[{"response": {"candidates": []}}]) as answer:
        assert answer.status == 200
    await gemini.fault("unknown_finish")
    assert (await gemini.ask({"text": "hi"}))["candidates"][0]["finishReason"] == "A_REASON_OF_TOMORROW"


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("Write in Thai, warmly.", "\u0e00"),
        ("Write in Traditional Chinese as used in Taiwan.", "\u4e00"),
        ("Translate into Japanese.", "\u3040"),
        ("Write in Korean, politely.", "\uac00"),
    ],
)
async def test_the_asked_language_is_spoken(gemini: Asker, system: str, expected: str) -> None:
    said = await gemini.words({"text": "I am tired"}, systemInstruction={"parts": [{"text": system}]})
    assert any(letter >= expected for letter in said)


async def test_translations_come_from_a_phrase_book_or_say_that_they_are_samples(gemini: Asker) -> None:
    told = {"parts": [{"text": "You are an interpreter. Translate into Japanese."}]}
    assert (
        await gemini.words({"text": "<text>where does it hurt</text>"}, systemInstruction=told) == "どこが痛みますか？"
    )
    sample = await gemini.words({"text": "Come back in 14 days, room 3."}, systemInstruction=told)
    assert sample.endswith("見本の訳です 14 3")


async def test_a_translation_of_a_form_keeps_its_fields(gemini: Asker) -> None:
    told = {"parts": [{"text": "You translate a leaflet. Write in Thai."}]}
    texts = {"type": "array", "items": {"type": "string"}}
    shape = {"type": "object", "properties": {"title": {"type": "string"}, "steps": texts}}
    config = {"responseMimeType": "application/json", "responseJsonSchema": shape}
    leaflet = '<leaflet>{"title": "Hello", "steps": ["Drink plenty of water.", "Sleep 8 hours"]}</leaflet>'
    said = json.loads(await gemini.words({"text": leaflet}, systemInstruction=told, generationConfig=config))
    assert said["title"] == "สวัสดี"
    assert said["steps"][0] == "ดื่มน้ำมาก ๆ"
    assert said["steps"][1].endswith(" 8")


async def test_a_sound_is_heard_as_what_is_written_in_it_or_as_a_tired_person(gemini: Asker) -> None:
    def sound(data: bytes) -> dict[str, Any]:
        return {"inlineData": {"data": base64.b64encode(data).decode(), "mimeType": "audio/flac"}}

    marked = "ฉันอยากเลิกเหล้า"
    assert await gemini.words(sound(b"fLaC\0namjai-says=" + marked.encode() + b"\0")) == marked
    config = {"audioTranscriptionConfig": {"language_codes": ["th-TH"]}}
    assert "เหนื่อย" in await gemini.words(sound(b"fLaC"), generationConfig=config)
    assert "hard day" in await gemini.words(sound(b"fLaC"))


async def test_a_green_picture_is_a_plant_and_any_other_a_package(gemini: Asker) -> None:
    shape = {"type": "object", "properties": {"topic": {"enum": ["medicine", "plant", "unclear"]}}}
    config = {"responseMimeType": "application/json", "responseJsonSchema": shape}
    seen = []
    for colour in ((40, 160, 50), (240, 240, 240)):
        file = io.BytesIO()
        Image.new("RGB", (64, 64), colour).save(file, "JPEG")
        inline = {"inlineData": {"data": base64.b64encode(file.getvalue()).decode(), "mimeType": "image/jpeg"}}
        seen.append(json.loads(await gemini.words(inline, generationConfig=config))["topic"])
    assert seen == ["plant", "medicine"]
    torn = {"inlineData": {"data": base64.b64encode(b"no picture").decode(), "mimeType": "image/jpeg"}}
    assert json.loads(await gemini.words(torn, generationConfig=config)) == {"topic": "unclear"}


@pytest.mark.parametrize("language", ["Thai", "English", "Traditional Chinese"])
async def test_a_leaflet_of_any_length_reads_like_one(gemini: Asker, language: str) -> None:
    topic = {"type": "object", "properties": {"heading": {"type": "string"}, "text": {"type": "string"}}}
    shape = {
        "type": "object",
        "properties": {
            "title": {"type": "string", "maxLength": 80},
            "topics": {"type": "array", "items": topic, "minItems": 3, "maxItems": 3},
            "actions": {"type": "array", "items": {"type": "string"}, "minItems": 3, "maxItems": 5},
        },
    }
    config = {"responseMimeType": "application/json", "responseJsonSchema": shape}
    told = {"parts": [{"text": f"You write a leaflet. Write in {language}."}]}
    said = json.loads(await gemini.words({"text": "alcohol"}, systemInstruction=told, generationConfig=config))
    assert len({each["heading"] for each in said["topics"]}) == 3
    assert len(set(said["actions"])) == 3


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
    await gemini.fault("cut")
    with pytest.raises(aiohttp.ClientError):
        await gemini.ask({"text": "hi"})
    for fault in ({"kind": "none", "delay_ms": 5_000}, {"kind": "stall"}):
        await gemini.fault(**fault)
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
