"""Answers that LINE's documents do not describe and networks give all the same (S6, S7, S8)."""

from __future__ import annotations

import pytest

from namjai.events.delivery import DeliverySent
from tests.integration.notify.conftest import AtWork, Endpoint, Office


@pytest.mark.parametrize(
    "answer",
    [
        (200, ""),
        (200, '{"sentMessages":[],"future":{"a":[1]}}'),
        (200, '{"sentMessages":[{"id":17}]}'),
        (200, "<html>ok</html>"),
        (200, b"\xff\xfe\x00 not text"),
    ],
    ids=["empty", "unknown fields", "a number for an id", "no JSON", "no text"],
)
async def test_s8_a_200_is_success_whatever_its_body(
    office: Office, endpoint: Endpoint, at_work: AtWork, member: str, answer: tuple[int, str | bytes]
) -> None:
    endpoint.next("reply", answer)
    async with at_work(line_api_url=endpoint.url):
        await office.reply(member, "hello")
        [fact] = await office.facts(member, "delivery", 1)
    assert isinstance(fact, DeliverySent)
    assert (fact.via, fact.calls, fact.presumed) == ("reply", 1, False)
    assert len(endpoint.sent()) == 1


async def test_s8_an_error_in_bytes_that_are_no_text_is_still_that_error(
    office: Office, endpoint: Endpoint, at_work: AtWork, member: str
) -> None:
    endpoint.next("reply", (500, b"\xff\xfe"))
    async with at_work(line_api_url=endpoint.url):
        await office.reply(member, "hello")
        [fact] = await office.facts(member, "delivery", 1)
    assert (fact.via, fact.calls) == ("reply", 2)


async def test_s7_silence_ends_in_time(office: Office, endpoint: Endpoint, at_work: AtWork, member: str) -> None:
    endpoint.next("reply", "silence", "silence")
    async with at_work(line_api_url=endpoint.url, line_deadline_s=0.3):
        await office.reply(member, "hello")
        [fact] = await office.facts(member, "delivery", 1)
    assert (fact.via, fact.calls) == ("reply", 3)


async def test_s7_a_line_that_cannot_be_reached_is_waited_for(
    office: Office, endpoint: Endpoint, at_work: AtWork, member: str
) -> None:
    """Nothing was sent, so nothing is in doubt: what comes of it later is a plain delivery."""
    async with at_work(line_api_url="http://127.0.0.1:9", line_connect_s=0.2, drain_s=0.1):
        await office.reply(member, "hello")
        await office.reply(member, "again", n=1)
    assert endpoint.sent() == []
    async with at_work(line_api_url=endpoint.url):
        facts = await office.facts(member, "delivery", 2)
    assert all(isinstance(fact, DeliverySent) for fact in facts)


async def test_a_card_that_line_refuses_goes_out_as_plain_text(
    office: Office, endpoint: Endpoint, at_work: AtWork, member: str
) -> None:
    invalid = '{"message":"A message (messages[0]) in the request body is invalid","details":[]}'
    endpoint.next("reply", (400, invalid))
    card = {"type": "flex", "altText": "สายด่วน 1323", "contents": {"type": "bubble", "hero": {"type": "typo"}}}
    async with at_work(line_api_url=endpoint.url):
        await office.reply(member, messages=[card], kind="crisis", urgent=True)
        [fact] = await office.facts(member, "delivery", 1)
    assert endpoint.sent()[1].body["messages"] == [{"type": "text", "text": "สายด่วน 1323"}]
    assert (fact.via, fact.calls) == ("reply", 2)


async def test_s6_a_stateless_token_is_issued_and_issued_again_once_it_is_refused(
    office: Office, endpoint: Endpoint, at_work: AtWork, member: str
) -> None:
    endpoint.tokens = {"t1"}
    endpoint.next("token", (200, '{"access_token":"t1","expires_in":900,"token_type":"Bearer"}'))
    issuing = {"line_channel_access_token": None, "line_channel_id": "1650000000", "line_channel_secret": "secret"}
    async with at_work(line_api_url=endpoint.url, **issuing):
        await office.reply(member, "hello")
        await office.facts(member, "delivery", 1)
    [issued] = [call for call in endpoint.calls if call.path == "/oauth2/v3/token"]
    assert "grant_type=client_credentials" in issued.body
    assert [call.headers["Authorization"] for call in endpoint.sent()] == ["Bearer t1"]
