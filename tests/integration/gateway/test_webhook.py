"""The webhook against LINE's checklist, on a real gateway process and a real NATS."""

import asyncio
import base64
import gzip
import hashlib
import hmac
import json
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from namjai.events import Envelope, Fact, derive_id, subjects
from namjai.events.message import MessageOther, MessageReceived
from namjai.gateway.webhook import Webhook
from tests.integration.gateway.conftest import Start
from tests.integration.gateway.kit import Gateway
from tests.unit.gateway.bodies import (
    BAD_EVENTS,
    GROUP,
    KINDS,
    SECRET,
    body_of,
    event,
    line_id,
    sign,
    text_event,
    webhook,
)

VERIFY_BUTTON = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
FOLDER = os.environ.get("NAMJAI_LINE_SAMPLES")
SAMPLES = {path.name: path.read_bytes() for path in sorted(Path(FOLDER).glob("*.json"))} if FOLDER else {}


def texts(events: list[Envelope[Fact]]) -> list[str]:
    found = [each.data for each in events if isinstance(each.data, MessageReceived)]
    return [fact.text.value for fact in found if fact.text is not None]


async def test_w1_the_verify_button_is_answered_and_leaves_nothing(gateway: Gateway) -> None:
    before = await gateway.position()
    assert await gateway.send(VERIFY_BUTTON, "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=") == 200
    assert await gateway.since(before) == []


@pytest.mark.parametrize("name", KINDS)
async def test_w2_every_kind_of_event_is_kept(gateway: Gateway, name: str) -> None:
    before = await gateway.position()
    fresh = {**KINDS[name], "webhookEventId": derive_id("test", name, time.time_ns())}
    assert await gateway.send(webhook(fresh)) == 200
    assert len(await gateway.since(before)) == 1


async def test_w2_every_sample_body_is_accepted(gateway: Gateway) -> None:
    """The folder is given by NAMJAI_LINE_SAMPLES; what it would add to the kinds above is other people's spelling."""
    refused = {name: status for name, body in SAMPLES.items() if (status := await gateway.send(body)) != 200}
    assert refused == {}


async def test_w3_what_is_not_signed_is_refused_and_leaves_nothing(gateway: Gateway) -> None:
    before = await gateway.position()
    body = webhook(text_event())
    good = sign(body)
    wrong: list[dict[str, Any]] = [
        {},
        {"x-line-signature": ""},
        {"x-line-signature": good[:-2]},
        {"x-line-signature": hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()},
        {"x-line-signature": base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha1).digest()).decode()},
        {"x-line-signature": sign(body, "somebody else's secret")},
        {"x-line-signature": "ลายเซ็น"},
        {"authorization": good},
    ]
    assert [await gateway.send_as(body, headers) for headers in wrong] == [401] * len(wrong)
    assert await gateway.send(json.dumps(json.loads(body), indent=1).encode(), good) == 401
    assert await gateway.since(before) == []


async def test_w3_bytes_that_are_no_text_in_the_header_are_refused(gateway: Gateway) -> None:
    for value in (b"\xff\xfe\xfd", b"\xe0\xb8", b"\x80" * 44):
        status = await raw_request(gateway, b"x-line-signature: " + value + b"\r\ncontent-length: 2", b"{}")
        assert 400 <= status < 500


async def test_w4_the_signature_is_over_the_bytes_however_they_are_written(gateway: Gateway) -> None:
    before = await gateway.position()
    spelled = [json.dumps({"events": [text_event(f"ก{n}")]}, ensure_ascii=n % 2 == 0, indent=n) for n in range(4)]
    assert [await gateway.send(body.encode()) for body in spelled] == [200] * 4
    assert texts(await gateway.since(before)) == ["ก0", "ก1", "ก2", "ก3"]


async def test_w4_a_chunked_body_and_any_case_of_the_header_are_accepted(gateway: Gateway) -> None:
    body = webhook(text_event())

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 50):
            yield body[at : at + 50]

    for name in ("X-LINE-SIGNATURE", "X-Line-Signature", "x-line-signature"):
        url = f"{gateway.url}/webhook/line"
        async with gateway.http.post(url, data=pieces(), headers={name: sign(body)}) as answer:
            assert answer.status == 200


async def test_w4_a_packed_body_is_taken_as_the_bytes_that_it_is(gateway: Gateway) -> None:
    packed = gzip.compress(webhook(text_event()))
    assert await gateway.send(packed, **{"content-encoding": "gzip"}) == 400
    assert await gateway.send(packed, sign(webhook(text_event())), **{"content-encoding": "gzip"}) == 401


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"7", b"{}", b'{"events":null}', b'{"events":7}', b"\xff\xfe", b"[" * 5_000, b'{"a":']
)
async def test_w5_signed_garbage_is_a_bad_request(gateway: Gateway, body: bytes) -> None:
    assert await gateway.send(body) == 400


@given(st.binary() | st.text().map(str.encode) | st.binary().map(lambda inside: b'{"events":[' + inside + b"]}"))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_w5_no_bytes_at_all_are_an_error_of_ours(gateway: Gateway, body: bytes) -> None:
    assert await gateway.send(body) in (200, 400)
    assert await gateway.send(body, "x") == 401


@pytest.mark.parametrize("name", BAD_EVENTS)
async def test_w6_a_bad_event_keeps_its_neighbours(gateway: Gateway, name: str) -> None:
    before = await gateway.position()
    good = [json.dumps(text_event(f"{n}"), ensure_ascii=False).encode() for n in range(2)]
    unique = BAD_EVENTS[name].replace(b'"type":', b'"x%d":1,"type":' % time.time_ns(), 1)
    assert await gateway.send(body_of(good[0], unique, good[1])) == 200
    assert {"0", "1"} <= set(texts(await gateway.since(before)))


@given(st.lists(st.booleans(), max_size=12))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_w6_any_mix_keeps_every_good_event(gateway: Gateway, mix: list[bool]) -> None:
    before = await gateway.position()
    bad = list(BAD_EVENTS.values())
    events = [json.dumps(text_event(f"n{n}")).encode() if good else bad[n] for n, good in enumerate(mix)]
    assert await gateway.send(body_of(*events)) == 200
    kept = [text for text in texts(await gateway.since(before)) if text.startswith("n")]
    assert sorted(kept) == sorted(f"n{n}" for n, good in enumerate(mix) if good)


@pytest.mark.alone
async def test_w7_five_hundred_webhooks_at_once_are_answered_within_two_seconds(gateway: Gateway) -> None:
    before = await gateway.position()
    bodies = [webhook(text_event(f"{n}", user=line_id())) for n in range(500)]
    signatures = [sign(body) for body in bodies]

    async def timed(body: bytes, signature: str) -> tuple[int, float]:
        started = time.perf_counter()
        return await gateway.send(body, signature), time.perf_counter() - started

    answers = await asyncio.gather(*map(timed, bodies, signatures))
    assert {status for status, _ in answers} == {200}
    assert max(seconds for _, seconds in answers) < 2
    assert sorted(texts(await gateway.since(before))) == sorted(map(str, range(500)))


async def test_w9_the_same_event_is_in_the_log_once(gateway: Gateway) -> None:
    before = await gateway.position()
    first = text_event("once")
    again = {**first, "deliveryContext": {"isRedelivery": True}}
    assert [await gateway.send(webhook(each)) for each in (first, first, again)] == [200] * 3
    assert await gateway.send(webhook(first, again, first)) == 200
    [stored] = await gateway.since(before)
    assert stored.id == stored.correlationid == derive_id("gateway", first["webhookEventId"], 0)


async def test_w9_two_gateways_that_get_the_same_event_at_once_make_one_of_it(gateway: Gateway, start: Start) -> None:
    async with start() as other:
        before = await gateway.position()
        bodies = [webhook(text_event("once", user=line_id())) for _ in range(20)]
        sent = [each.send(body) for body in bodies for each in (gateway, other, gateway)]
        assert set(await asyncio.gather(*sent)) == {200}
        events = await gateway.since(before)
        assert len(events) == len({each.id for each in events}) == len({each.subject for each in events}) == 20


async def test_w10_a_redelivered_event_whose_first_try_was_lost_is_taken(gateway: Gateway) -> None:
    before = await gateway.position()
    assert await gateway.send(webhook(text_event("late", deliveryContext={"isRedelivery": True}))) == 200
    [stored] = await gateway.since(before)
    assert isinstance(stored.data, MessageReceived)
    assert stored.data.redelivered


async def test_w11_two_secrets_hold_and_a_swap_needs_no_restart(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    file.write_text("one,two\n")
    body = webhook()
    async with start(NAMJAI_CHANNEL_SECRETS_FILE=str(file), NAMJAI_CHANNEL_SECRETS_REREAD_S="0.05") as gateway:

        async def accepted() -> list[str]:
            return [each for each in ("one", "two", "three") if await gateway.send(body, sign(body, each)) == 200]

        assert await accepted() == ["one", "two"]
        file.write_text("")  # caught between two writes: the last good secrets stay
        await asyncio.sleep(0.2)
        assert await accepted() == ["one", "two"]
        file.write_text("three")
        async with asyncio.timeout(5):
            while await accepted() != ["three"]:
                await asyncio.sleep(0.02)


async def test_w11_neither_secrets_nor_words_nor_ids_are_logged(gateway: Gateway) -> None:
    found = text_event("very personal words")
    body = webhook(found)
    await gateway.send(body)
    await gateway.send(body, "c2VjcmV0IHNpZ25hdHVyZQ==")
    log = gateway.log_file.read_text()
    assert "public_port_open" in log
    private = [SECRET, sign(body), "c2VjcmV0", "personal", found["source"]["userId"], found["replyToken"]]
    assert [text for text in private if text in log or text in await gateway.metrics()] == []


async def test_w12_a_persons_events_stay_in_their_order(gateway: Gateway) -> None:
    before = await gateway.position()
    people = [line_id() for _ in range(5)]
    body = webhook(*(text_event(f"{who}:{n}", user=people[who]) for n in range(20) for who in range(5)))
    assert await gateway.send(body) == 200
    stored = texts(await gateway.since(before))
    for who in range(5):
        assert [text for text in stored if text.startswith(f"{who}:")] == [f"{who}:{n}" for n in range(20)]


async def test_w12_a_newcomers_webhooks_do_not_overtake_each_other(intake: Webhook, gateway: Gateway) -> None:
    before = await gateway.position()
    user = line_id()
    await asyncio.gather(*(intake.accept(webhook(text_event(f"{n}", user=user))) for n in range(100)))
    events = await gateway.since(before)
    assert len({each.subject for each in events}) == 1
    assert texts(events) == [str(n) for n in range(100)]


async def test_past_their_rate_a_persons_messages_are_marked_and_kept(gateway: Gateway) -> None:
    before = await gateway.position()
    user = line_id()
    assert await gateway.send(webhook(*(text_event(f"{n}", user=user) for n in range(12)))) == 200
    facts = [each.data for each in await gateway.since(before)]
    assert [fact.throttled for fact in facts if isinstance(fact, MessageReceived)] == [False] * 10 + [True] * 2
    assert "namjai_webhook_throttled_total" in await gateway.metrics()


async def test_a_group_is_a_member_of_its_own_only_where_nobody_is_named(gateway: Gateway) -> None:
    before = await gateway.position()
    user = line_id()
    sources = [
        {"type": "user", "userId": user},
        {"type": "group", "groupId": GROUP, "userId": user},
        {"type": "group", "groupId": GROUP},
        {"type": "user"},
    ]
    for source in sources:
        assert await gateway.send(webhook(text_event("hi", source=source))) == 200
    alone, together, group, nobody = [each.subject for each in await gateway.since(before)]
    assert alone == together != group
    assert nobody == subjects.NOBODY


async def test_an_event_without_an_id_is_known_again_by_its_bytes(gateway: Gateway) -> None:
    before = await gateway.position()
    body = webhook({**event("beacon"), "webhookEventId": "", "nonce": time.time_ns()})
    assert [await gateway.send(body), await gateway.send(body)] == [200, 200]
    [stored] = await gateway.since(before)
    assert isinstance(stored.data, MessageOther)
    assert stored.data.kind == "beacon"


async def test_a_large_body_is_taken_and_a_larger_one_refused(gateway: Gateway) -> None:
    fits = webhook(text_event("x" * 999_000)).ljust(1_000_000)
    assert [await gateway.send(fits), await gateway.send(fits + b" ")] == [200, 413]

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b" " * 10_000

    try:
        async with gateway.http.post(f"{gateway.url}/webhook/line", data=endless()) as answer:
            assert answer.status == 413
    except ConnectionError:
        return  # it hung up before we had said everything, which is as good


async def test_more_events_than_anybody_sends_are_refused_and_not_tried_for_ever(gateway: Gateway) -> None:
    assert await gateway.send(b'{"events":[' + b",".join([b"1"] * 501) + b"]}") == 413


async def test_everything_else_gets_a_friendly_word(gateway: Gateway) -> None:
    wanted = {"/": 200, "/api/analytics/overview": 404, "/console": 404, "/healthz": 404, "/webhook/line": 405}
    for path, status in wanted.items():
        async with gateway.http.get(gateway.url + path) as answer:
            assert (path, answer.status) == (path, status)
            assert answer.content_type == "application/json"
            assert await answer.json()


async def test_a_body_that_never_ends_is_not_waited_for(gateway: Gateway) -> None:
    started = time.perf_counter()
    assert await raw_request(gateway, b"content-length: 500", b'{"events":') == 408
    assert time.perf_counter() - started < 2.5


async def test_a_broken_chunk_is_a_bad_request(gateway: Gateway) -> None:
    assert await raw_request(gateway, b"transfer-encoding: chunked", b"zz\r\nnothing\r\n") == 400


async def test_the_private_port_says_how_it_is(gateway: Gateway) -> None:
    for path in ("livez", "readyz", "metrics"):
        async with gateway.http.get(f"{gateway.private_url}/{path}") as answer:
            assert answer.status == 200
    assert await gateway.send(webhook(event("made_up_kind"))) == 200
    metrics = await gateway.metrics()
    assert 'namjai_webhook_events_total{kind="made_up_kind"} 1.0' in metrics
    assert 'namjai_http_requests_total{method="POST",route="/webhook/line",status="200"}' in metrics


async def raw_request(gateway: Gateway, headers: bytes, body: bytes) -> int:
    """A request that no client library would send; returns the status."""
    host, port = gateway.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(b"POST /webhook/line HTTP/1.1\r\nhost: x\r\n" + headers + b"\r\n\r\n" + body)
        await writer.drain()
        async with asyncio.timeout(10):
            return int((await reader.readline()).split()[1])
    finally:
        writer.close()
        await writer.wait_closed()
