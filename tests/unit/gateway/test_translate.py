"""Each of LINE's events becomes the fact that stands for it, and what is personal is sealed."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.events import Fact, Sealed
from namjai.events.member import MemberFollowed, MemberUnfollowed
from namjai.events.message import MessageEdited, MessageOther, MessageReceived, MessageUnsent, PostbackReceived
from namjai.gateway.domain.line import read_event
from namjai.gateway.domain.translate import cause_of, person_of, translate
from tests.unit.gateway.bodies import BAD_EVENTS, GROUP, KINDS, ROOM, USER, event, text_event

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MESSAGES = {"text", "text_with_mention", "image", "video", "audio", "file", "location", "sticker", "new_message_kind"}
EXPECTED: dict[str, type[Fact]] = {
    **dict.fromkeys((*MESSAGES, "standby", "new_source_kind", "only_a_type"), MessageReceived),
    "messageEdited": MessageEdited,
    "unsend": MessageUnsent,
    "follow": MemberFollowed,
    "unfollow": MemberUnfollowed,
    "postback": PostbackReceived,
    "richmenu": PostbackReceived,
}


def translated(found: dict[str, Any], *, throttled: bool = False) -> Any:
    raw = json.dumps(found, ensure_ascii=False).encode()
    return translate(read_event(raw), raw, received_at=NOW, throttled=throttled)


def test_every_kind_becomes_its_fact_and_unknown_ones_are_kept() -> None:
    assert {name: type(translated(found)) for name, found in KINDS.items()} == {
        name: EXPECTED.get(name, MessageOther) for name in KINDS
    }


def test_a_text_keeps_all_that_came_with_it() -> None:
    found = text_event("สวัสดี 🍎", user=USER)
    fact: MessageReceived = translated(found, throttled=True)
    assert fact == MessageReceived(
        kind="text",
        message_id=found["message"]["id"],
        webhook_event_id=found["webhookEventId"],
        source_kind="user",
        mode="active",
        sent_at=datetime.fromtimestamp(1_790_000_000, UTC),
        received_at=NOW,
        throttled=True,
        length_utf16=9,
        sender=Sealed(USER),
        reply_token=Sealed(found["replyToken"]),
        text=Sealed("สวัสดี 🍎"),
        raw=Sealed(json.dumps(found["message"], ensure_ascii=False)),
    )


def test_a_message_id_stays_a_text_of_all_its_digits() -> None:
    assert translated(KINDS["text"]).message_id == "468789577898262530"


def test_an_answer_goes_where_it_was_said_and_the_member_is_who_said_it() -> None:
    sources = {
        "user": {"type": "user", "userId": USER},
        "group": {"type": "group", "groupId": GROUP, "userId": USER},
        "room": {"type": "room", "roomId": ROOM},
        "nobody": {"type": "user"},
    }
    found = {name: event("message", source=source, message={"type": "text"}) for name, source in sources.items()}
    read = {name: read_event(json.dumps(each).encode()) for name, each in found.items()}
    assert {name: person_of(each) for name, each in read.items()} == {
        "user": USER,
        "group": USER,
        "room": ROOM,
        "nobody": None,
    }
    senders = {name: translated(each).sender for name, each in found.items()}
    assert senders == {"user": Sealed(USER), "group": Sealed(GROUP), "room": Sealed(ROOM), "nobody": None}


def test_standby_redelivery_and_unblocking_are_noted() -> None:
    assert translated(KINDS["standby"]).mode == "standby"
    assert translated({**KINDS["text"], "deliveryContext": {"isRedelivery": True}}).redelivered
    assert translated(KINDS["follow"]).unblocked
    assert not translated({**KINDS["follow"], "follow": {}}).unblocked


def test_a_postback_keeps_its_data_and_parameters() -> None:
    fact: PostbackReceived = translated(KINDS["postback"])
    assert (fact.postback.value, fact.params and json.loads(fact.params.value)) == ("a=1", {"date": "2026-01-02"})
    assert translated(event("postback", postback={"data": ""})).params is None


def test_a_friend_without_an_id_is_kept_as_it_came() -> None:
    assert isinstance(translated({**KINDS["follow"], "source": {"type": "user"}}), MessageOther)


@pytest.mark.parametrize("time", [-1, 0, 1e300, 10**18, None, "soon"])
def test_a_time_that_makes_no_sense_becomes_the_time_of_receipt(time: Any) -> None:
    assert translated({**KINDS["text"], "timestamp": time}).sent_at == NOW


@pytest.mark.parametrize("name", BAD_EVENTS)
def test_a_bad_event_becomes_a_fact_too(name: str) -> None:
    raw = BAD_EVENTS[name]
    fact = translate(read_event(raw), raw, received_at=NOW)
    assert isinstance(fact, MessageReceived) or (isinstance(fact, MessageOther) and fact.kind == "malformed")


def test_the_same_event_has_the_same_cause_with_an_id_and_without() -> None:
    raw = b'{"type":"follow"}'
    assert cause_of(read_event(raw), raw) == cause_of(None, raw) != cause_of(None, raw + b" ")
    named = json.dumps(KINDS["text"]).encode()
    assert cause_of(read_event(named), named) == KINDS["text"]["webhookEventId"]


words = st.text(max_size=80) | st.just("I want to die")
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
known_names = st.sampled_from([*KINDS["text"], "postback", "unsend", "follow"]).filter(lambda name: name != "type")
inside = st.dictionaries(
    st.sampled_from(["type", "id", "text", "userId", "groupId", "data", "params", "messageId", "isUnblocked"]), anything
)
kinds = st.sampled_from(["message", "messageEdited", "postback", "unsend", "follow", "unfollow", "join"]) | words


@given(kinds, st.dictionaries(known_names, anything | inside))
def test_whatever_an_event_holds_only_words_of_a_machine_stay_clear(kind: str, rest: dict[str, Any]) -> None:
    raw = json.dumps({"type": kind, **rest}).encode()
    fact = translate(read_event(raw), raw, received_at=NOW)
    for name in fact.__struct_fields__:
        value = getattr(fact, name)
        if isinstance(value, str):
            assert value.isascii()
            assert len(value) <= 64
            assert " " not in value
        else:
            assert isinstance(value, Sealed | datetime | bool | int | None)


def test_times_are_aware() -> None:
    fact = translated(KINDS["text"])
    assert fact.sent_at.utcoffset() == fact.received_at.utcoffset() == timedelta(0)
    assert msgspec.json.encode(fact.sent_at).endswith(b'Z"')
