"""Gemini and OpenAI-compatible endpoints as they really fail: in time, with one reason, and without hidden waiting."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

import pytest

from namjai.chat.adapters.models.backend import Backend
from namjai.chat.adapters.models.choose import open_models
from namjai.chat.adapters.models.gemini import GeminiOptions, gemini
from namjai.chat.adapters.models.mind import TurnMind
from namjai.chat.adapters.models.models import Bounds
from namjai.chat.adapters.models.openai import BODY_BYTES_MAX, OpenAIOptions, openai
from namjai.chat.ports import Mind, ModelRequest, ModelUnavailable
from namjai.chat.settings import ChatSettings
from namjai.devkit.embedded.ports import free_port
from namjai.runtime.metrics import Metrics
from tests.integration.chat_models.conftest import Endpoint

Wire = Literal["gemini", "openai"]
WORDS = "ฟังดูเหนื่อยมากเลยนะ อะไรช่วยให้ผ่านมาได้บ้าง?"
REQUEST = ModelRequest(system="be kind", text="อยากเล่าให้ฟัง", language="th")
QUICK_S = 0.9
"""Less than the second that the SDK would wait at least."""


def gemini_says(*parts: dict[str, Any], reason: str | None = "STOP", **extra: Any) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    if reason:
        candidate["finishReason"] = reason
    usage = {"promptTokenCount": 11, "candidatesTokenCount": 5, "thoughtsTokenCount": 2, "totalTokenCount": 18}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-test-001", **extra}


def openai_says(content: str | None, reason: str | None = "stop") -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": reason}
    return {"choices": [choice], "model": "local-7b", "usage": {"prompt_tokens": 11, "completion_tokens": 7}}


GOOD: dict[Wire, dict[str, Any]] = {"gemini": gemini_says({"text": WORDS}), "openai": openai_says(WORDS)}
QUOTA = {
    "error": {
        "code": 429,
        "status": "RESOURCE_EXHAUSTED",
        "message": "quota",
        "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "37s"}],
    }
}


def opened(wire: Wire, url: str) -> AbstractAsyncContextManager[Backend]:
    if wire == "openai":
        return openai(
            OpenAIOptions(
                base_url=f"{url}/v1/", models={"text": "local"}, api_key="secret", tokens_max=512, connections=8
            )
        )
    return gemini(
        GeminiOptions(
            api_key="secret",
            models={"text": "gemini-test"},
            api_version="v1beta",
            base_url=url,
            tokens_max=512,
            connections=8,
            thinking="low",
        )
    )


@pytest.fixture(scope="module")
async def models(serving: Endpoint) -> AsyncIterator[dict[Wire, Backend]]:
    async with opened("gemini", serving.url) as one, opened("openai", serving.url) as other:
        yield {"gemini": one, "openai": other}


async def reason(model: Backend) -> str:
    started = perf_counter()
    with pytest.raises(ModelUnavailable) as raised:
        await model.answer(REQUEST)
    assert perf_counter() - started < QUICK_S
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None  # a vendor's error may quote a person
    return raised.value.reason


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("wire", ["gemini", "openai"])
async def test_an_answer_says_its_words_its_model_and_its_cost(
    wire: Wire, models: dict[Wire, Backend], endpoint: Endpoint
) -> None:
    endpoint.says((200, GOOD[wire]))
    answer = await models[wire].answer(REQUEST)
    assert answer.text == WORDS
    assert answer.model == {"gemini": "gemini-test-001", "openai": "local-7b"}[wire]
    assert (answer.tokens_in, answer.tokens_out) == (11, 7)


@pytest.mark.parametrize("wire", ["gemini", "openai"])
@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ((400, {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "อยากเล่าให้ฟัง"}}), "refused"),
        ((401, {"error": {"code": 401, "status": "UNAUTHENTICATED"}}), "denied"),
        ((403, {"error": {"code": 403, "status": "PERMISSION_DENIED"}}), "denied"),
        ((404, {"error": {"code": 404, "status": "NOT_FOUND"}}), "denied"),
        ((429, QUOTA), "quota"),
        ((500, {"error": {"code": 500, "status": "INTERNAL"}}), "server"),
        ((503, {"error": {"code": 503, "status": "UNAVAILABLE"}}), "server"),
        ((502, "<html>Bad Gateway</html>"), "server"),
        ((504, "<html>Timeout</html>"), "server"),
        ((200, "<html>Log in to the hospital network</html>"), "unreadable"),
        ((200, {}), "empty"),
        ("reset", "unreachable"),
    ],
)
async def test_every_failure_is_one_reason_after_one_request(
    wire: Wire, item: tuple[int, Any] | str, expected: str, models: dict[Wire, Backend], endpoint: Endpoint
) -> None:
    endpoint.says(item)
    assert await reason(models[wire]) == expected
    assert len(endpoint.calls) == 1


@pytest.mark.parametrize("wire", ["gemini", "openai"])
async def test_a_refused_connection_is_not_tried_again_in_hiding(wire: Wire) -> None:
    async with opened(wire, f"http://127.0.0.1:{free_port()}") as model:
        assert await reason(model) == "unreachable"


@pytest.mark.parametrize("wire", ["gemini", "openai"])
async def test_a_stalled_call_can_be_given_up_and_leaves_nothing_open(
    wire: Wire, models: dict[Wire, Backend], endpoint: Endpoint
) -> None:
    before = 0
    for round_ in range(5):
        endpoint.says("silence")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await models[wire].answer(REQUEST)
        await asyncio.sleep(0)
        sockets = _open_files()
        before = sockets if round_ == 1 else before
    assert sockets <= before + 2  # the server's half of a closed connection may live a moment longer


async def test_gemini_sends_what_it_should_and_no_short_server_deadline(
    models: dict[Wire, Backend], endpoint: Endpoint
) -> None:
    endpoint.says((200, GOOD["gemini"]))
    await models["gemini"].answer(REQUEST)
    (call,) = endpoint.calls
    assert call.path == "/v1beta/models/gemini-test:generateContent"
    assert "X-Server-Timeout" not in call.headers
    assert call.headers["x-goog-api-key"] == "secret"
    assert call.body["contents"] == [{"role": "user", "parts": [{"text": REQUEST.text}]}]
    assert call.body["systemInstruction"]["parts"] == [{"text": "be kind"}]
    assert call.body["generationConfig"]["maxOutputTokens"] == 512
    assert "low" in json.dumps(call.body["generationConfig"]["thinkingConfig"]).lower()
    assert {setting["threshold"] for setting in call.body["safetySettings"]} == {"BLOCK_ONLY_HIGH"}
    assert len(call.body["safetySettings"]) == 4


async def test_openai_sends_what_it_should(models: dict[Wire, Backend], endpoint: Endpoint) -> None:
    endpoint.says((200, GOOD["openai"]))
    await models["openai"].answer(REQUEST)
    (call,) = endpoint.calls
    assert call.path == "/v1/chat/completions"
    assert call.headers["Authorization"] == "Bearer secret"
    assert [message["role"] for message in call.body["messages"]] == ["system", "user"]
    assert call.body["max_tokens"] == 512


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}, "blocked"),
        ({"promptFeedback": {"blockReason": "SOMETHING_NEW"}}, "blocked"),
        ({"candidates": []}, "empty"),
        ({"candidates": [{"finishReason": "SAFETY", "index": 0}]}, "blocked"),
        (gemini_says({"text": "ฟังดู"}, reason="SAFETY"), "blocked"),
        (gemini_says({"text": "ฟังดู"}, reason="RECITATION"), "blocked"),
        ({"candidates": [{"finishReason": "MAX_TOKENS", "content": {"role": "model"}}]}, "truncated"),
        (gemini_says({"text": "ฟังดูเหนื่"}, reason="MAX_TOKENS"), "truncated"),
        (gemini_says({"text": WORDS}, reason="CONTINUATION"), "stopped"),
        (gemini_says({"text": WORDS}, reason="A_REASON_OF_TOMORROW"), "stopped"),
        (gemini_says(reason="OTHER"), "stopped"),
        (gemini_says(), "empty"),
        (gemini_says({"text": " \n"}), "empty"),
        (gemini_says({"text": "hm, the person…", "thought": True}), "empty"),
        ({"candidates": [{"content": None, "finishReason": "STOP"}]}, "empty"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*is not a valid (FinishReason|BlockedReason):UserWarning")
async def test_gemini_without_usable_words_is_one_reason(
    body: dict[str, Any], expected: str, models: dict[Wire, Backend], endpoint: Endpoint
) -> None:
    endpoint.says((200, body))
    assert await reason(models["gemini"]) == expected
    assert len(endpoint.calls) == 1


async def test_gemini_thoughts_are_left_out(models: dict[Wire, Backend], endpoint: Endpoint) -> None:
    endpoint.says((200, gemini_says({"text": "let me think", "thought": True}, {"text": WORDS}, tomorrow=1)))
    assert (await models["gemini"].answer(REQUEST)).text == WORDS


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"choices": []}, "empty"),
        (openai_says(None), "empty"),
        (openai_says(" "), "empty"),
        (openai_says("ฟังดู", "length"), "truncated"),
        (openai_says("ฟังดู", "content_filter"), "blocked"),
        (openai_says("ฟังดู", "tool_calls"), "stopped"),
        ({"choices": "none"}, "unreadable"),
        ("x" * (BODY_BYTES_MAX + 1), "unreadable"),
    ],
)
async def test_openai_without_usable_words_is_one_reason(
    body: Any, expected: str, models: dict[Wire, Backend], endpoint: Endpoint
) -> None:
    endpoint.says((200, body))
    assert await reason(models["openai"]) == expected


@asynccontextmanager
async def mind(settings: ChatSettings) -> AsyncIterator[Mind]:
    """What a skill has with these settings, where risk finds nothing."""

    async def harmless(_words: str, _request: ModelRequest) -> bool:
        return True

    bounds = Bounds(talk_s=settings.model_deadline_ms / 1_000, work_s=settings.model_work_deadline_ms / 1_000)
    async with open_models(settings, Metrics("chat")) as models:
        assert models is not None
        yield TurnMind(models, bounds, harmless, lambda _: None)


async def test_the_fake_is_chosen_by_setting_and_answers_inside_the_fence(endpoint: Endpoint) -> None:
    settings = ChatSettings(model="fake", model_base_url=endpoint.url, model_deadline_ms=2_000)
    endpoint.says("reset", (200, GOOD["gemini"]))
    async with mind(settings) as asked:
        assert (await asked.write(REQUEST)).text == WORDS
    assert [call.path for call in endpoint.calls] == ["/v1beta/models/gemini-3.8-flash:generateContent"] * 2


async def test_offline_opens_nothing() -> None:
    async with open_models(ChatSettings(), Metrics("chat")) as models:
        assert models is None


async def test_a_stall_ends_at_the_deadline_of_the_settings(endpoint: Endpoint) -> None:
    settings = ChatSettings(model="fake", model_base_url=endpoint.url, model_deadline_ms=200)
    endpoint.says("silence")
    started = perf_counter()
    async with mind(settings) as asked:
        with pytest.raises(ModelUnavailable, match="deadline"):
            await asked.write(REQUEST)
        assert perf_counter() - started < QUICK_S
