"""A body is cut into events that are read each on its own; one that cannot be read never takes another along."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namjai.gateway.domain.line import NotAWebhook, read_event, read_message, split
from tests.unit.gateway.bodies import BAD_EVENTS, KINDS, body_of, text_event

GOOD = [json.dumps(event, ensure_ascii=index % 2 == 0).encode() for index, event in enumerate(KINDS.values())]


@pytest.mark.parametrize("name", BAD_EVENTS)
def test_a_bad_event_between_good_ones_leaves_them_whole(name: str) -> None:
    first, last = GOOD[0], GOOD[-1]
    events = [bytes(raw) for raw in split(body_of(first, BAD_EVENTS[name], last))]
    assert events == [first, BAD_EVENTS[name], last]


@given(st.lists(st.one_of(st.sampled_from(GOOD), st.sampled_from(list(BAD_EVENTS.values())))))
@settings(max_examples=60, deadline=None)
def test_any_mix_is_cut_where_its_events_end(events: list[bytes]) -> None:
    assert [bytes(raw) for raw in split(body_of(*events))] == events


@given(st.binary())
def test_any_bytes_are_a_webhook_or_not_and_nothing_else_happens(body: bytes) -> None:
    for candidate in (body, b'{"events":[' + body, b'{"events":[' + body + b"]}", b'{"events":' + body + b"}"):
        try:
            events = split(candidate)
        except NotAWebhook:
            continue
        for raw in events:
            read_event(raw)


NO_WEBHOOKS = [
    *(
        b"",
        b" ",
        b"null",
        b"[]",
        b"17",
        b'"x"',
        b"{}",
        b'{"events":null}',
        b'{"events":{}}',
        b'{"events":"x"}',
        b"\xff",
    ),
    *(b'{"events":[', b'{"events":[{"type":"x"}', b'{"events":[{"a":"', b'{"events":[}]', b'{"a":{"events":[]}}', b"}"),
    b'{"events":[{"a":"' + b'\\"' * 200_000,
    b"[" * 900_000,
]


@pytest.mark.parametrize("body", NO_WEBHOOKS, ids=range(len(NO_WEBHOOKS)))
@pytest.mark.timeout(5)
def test_what_has_no_list_of_events_is_no_webhook(body: bytes) -> None:
    with pytest.raises(NotAWebhook):
        split(body)


def test_white_space_and_order_do_not_matter() -> None:
    assert [
        bytes(raw) for raw in split(b' { "events" : [ {"type":"a"} , {"b":[1,2,{}]} ] , "destination" : "U" } ')
    ] == [
        b'{"type":"a"}',
        b'{"b":[1,2,{}]}',
    ]
    bad = b'{ "x" : [ "events" , {"events":[1]} ], "events" : [ {"type":nope} , {"type":"b"} ] , "y":[[9]] }'
    assert [bytes(raw) for raw in split(bad)] == [b'{"type":nope}', b'{"type":"b"}']


def test_a_property_of_a_wrong_type_does_not_lose_the_words() -> None:
    odd = text_event("อยากตาย", timestamp="soon", replyToken=7, deliveryContext=None, webhookEventId=["x"])
    event = read_event(json.dumps(odd).encode())
    assert event is not None
    assert (event.reply_token, event.timestamp, event.webhook_event_id) == (None, 0, "")
    assert event.source is not None
    assert event.source.user_id == odd["source"]["userId"]
    message = read_message(event.message)
    assert message is not None
    assert message.text == "อยากตาย"


def test_half_an_emoji_does_not_lose_the_words_round_it() -> None:
    event = read_event(b'{"type":"message","message":{"type":"text","id":"1","text":"help \\ud83d me"}}')
    assert event is not None
    message = read_message(event.message)
    assert message is not None
    assert message.text == "help ? me"


def test_only_an_object_with_a_type_is_an_event() -> None:
    read = [name for name, raw in BAD_EVENTS.items() if read_event(raw) is None and name != "5,000 deep"]
    assert read == [  # how deep is too deep differs from one Python to the next
        "null",
        "number",
        "string",
        "list",
        "empty",
        "type is a number",
        "no JSON inside",
        "a huge number",
    ]
