"""What line-bot-sdk does and does not do: the facts that ADR-4 and `adapters/line.py` rest on."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from linebot.v3.messaging import ApiException, AsyncApiClient, AsyncMessagingApi, Configuration, ReplyMessageRequest

from namjai.notify.adapters.line import line_client

BUBBLE = {"type": "bubble", "future": 1}
FLEX: dict[str, Any] = {"type": "flex", "altText": "1323", "contents": BUBBLE, "future": {"x": 1}}


@pytest.fixture
async def line() -> AsyncIterator[tuple[str, list[Any]]]:
    """Records bodies and answers 200 with a body that the SDK's models refuse."""
    bodies: list[Any] = []

    async def reply(request: web.Request) -> web.Response:
        bodies.append((await request.json(), dict(request.headers)))
        return web.json_response({"sentMessages": [{"id": 17}]}, headers={"x-line-request-id": "r"})

    app = web.Application()
    app.router.add_post("/v2/bot/message/reply", reply)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", bodies
    await runner.cleanup()


def test_its_models_drop_what_they_do_not_know() -> None:
    request = ReplyMessageRequest.from_dict({"replyToken": "t", "messages": [FLEX]})
    [message] = request.to_dict()["messages"]
    assert "future" not in message
    assert "future" not in message["contents"]


def test_its_models_put_what_they_refuse_into_the_exception() -> None:
    with pytest.raises(ValueError, match="a persons words"):
        ReplyMessageRequest.from_dict({"replyToken": "t", "messages": [{"type": "new", "text": "a persons words"}]})


async def test_its_models_raise_after_the_message_was_sent(line: tuple[str, list[Any]]) -> None:
    url, bodies = line
    async with line_client(url, 10) as client:
        client.configuration.access_token = "t"
        request = ReplyMessageRequest.from_dict({"replyToken": "t", "messages": [{"type": "text", "text": "hi"}]})
        with pytest.raises(ValueError, match="validation error"):
            await AsyncMessagingApi(client).reply_message(request, _request_timeout=aiohttp.ClientTimeout(total=2))
    assert len(bodies) == 1


async def test_its_generic_call_sends_our_dict_and_reads_no_model(line: tuple[str, list[Any]]) -> None:
    url, bodies = line
    auth = {"type": "bearer", "in": "header", "key": "Authorization", "value": "Bearer own"}
    async with line_client(url, 10) as client:
        answer = await client.call_api(
            "/v2/bot/message/reply",
            "POST",
            header_params={"Content-Type": "application/json"},
            body={"replyToken": "t", "messages": [FLEX]},
            response_types_map={},
            auth_settings=["Bearer"],
            _request_auth=auth,
            _request_timeout=aiohttp.ClientTimeout(total=2, sock_connect=1),
        )
    [(body, headers)] = bodies
    assert body["messages"] == [FLEX]
    assert headers["Authorization"] == "Bearer own"
    assert (answer.status_code, answer.headers["x-line-request-id"]) == (200, "r")


async def test_one_client_one_pool_of_our_size() -> None:
    async with line_client("http://127.0.0.1:9", 77) as client:
        assert client.rest_client.pool_manager.connector.limit == 77
        assert client.configuration.host == "http://127.0.0.1:9"
    assert client.rest_client.pool_manager.closed


def test_the_parts_we_lean_on_are_there() -> None:
    parameters = inspect.signature(AsyncApiClient.call_api).parameters
    for name in ("header_params", "body", "post_params", "response_types_map", "_request_auth", "_request_timeout"):
        assert name in parameters
    assert Configuration(host="http://x").host == "http://x"
    assert {"status", "body", "headers"} <= set(vars(ApiException(status=400)))
