"""What the simulated platform remembers and for how long."""

import msgspec
import pytest

from namjai.devkit.line import build_webhook, ids, people, sign
from namjai.devkit.line.check.rules import grapheme_count, utf16_units
from namjai.devkit.line.platform import Platform
from namjai.devkit.line.settings import SimSettings, parse_settings
from namjai.devkit.line.state.bounded import Bounded
from namjai.devkit.line.state.buckets import Buckets
from namjai.devkit.line.state.calls import Calls
from namjai.devkit.line.state.content import Content, Contents
from namjai.devkit.line.state.faults import Fault, Faults
from namjai.devkit.line.state.retrykeys import RetryKeys
from namjai.devkit.line.state.tokens import ReplyTokens, TokenState


def test_the_signature_is_the_one_of_lines_own_vector() -> None:
    body = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
    expected = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="
    assert sign(body, "8c570fa6dd201bb328f1c1eac23a96d8") == expected
    built = build_webhook([], "U8e742f61d673b39c7fff3cecb7536ef0", "8c570fa6dd201bb328f1c1eac23a96d8")
    assert built == (body, expected)


def test_lengths_are_counted_as_line_counts_them() -> None:
    assert (utf16_units("🍎"), utf16_units("น้ำ"), utf16_units("ab")) == (2, 3, 2)
    assert (grapheme_count("👨‍👩‍👧‍👦"), grapheme_count("ที่"), grapheme_count("ab")) == (1, 1, 2)


def test_identifiers_have_lines_shapes_and_are_never_the_same() -> None:
    made = [ids.message_id() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(len(each) == 18 and each.isdecimal() for each in made)
    assert made == sorted(made)
    assert len(ids.ulid(1_700_000_000_000)) == 26
    assert ids.ulid(1_700_000_000_000) < ids.ulid(1_700_000_000_001)


def test_people_are_found_by_key_name_and_id_and_any_id_is_somebody() -> None:
    stranger = "U" + "f" * 32
    assert people.find("somchai") == people.find("สมชาย") == people.SOMCHAI.user_id
    assert people.find(stranger) == stranger
    assert people.find("nobody") is None
    assert people.someone(stranger).name == "Person ffff"
    assert all(people.USER_ID.fullmatch(person.user_id) for person in people.PEOPLE)


def test_a_reply_token_is_good_for_a_minute_after_the_webhook_and_never_after_twenty() -> None:
    tokens = ReplyTokens(10, 60, 1200)
    tokens.issue("t", chat="U", event_at=0, now=0, message=None)
    assert tokens.state("t", 60) is TokenState.GOOD
    assert tokens.state("t", 61) is TokenState.LATE
    tokens.issue("t", chat="U", event_at=0, now=1150, message=None)  # a redelivery
    assert tokens.state("t", 1190) is TokenState.GOOD
    assert tokens.state("t", 1201) is TokenState.DEAD
    assert tokens.state("other", 0) is TokenState.UNKNOWN


def test_a_redelivery_does_not_make_a_used_token_good_again() -> None:
    tokens = ReplyTokens(10, 60, 1200)
    tokens.issue("t", chat="U", event_at=0, now=0, message=None)
    token = tokens.get("t")
    assert token
    token.used_for = b"x"
    tokens.issue("t", chat="U", event_at=0, now=5, message=None)
    assert tokens.state("t", 6) is TokenState.USED


def test_a_retry_key_is_forgotten_after_a_day() -> None:
    keys = RetryKeys(10, 86_400)
    keys.tried("k", b"body", 0).accepted_request_id = "r"
    assert keys.tried("k", b"body", 86_400).accepted_request_id == "r"
    assert keys.tried("k", b"body", 86_401).accepted_request_id == ""


def test_a_bucket_holds_one_period_of_calls_and_refills_evenly() -> None:
    buckets = Buckets()
    assert [buckets.take("loading", 3, 1, 0) for _ in range(4)] == [True, True, True, False]
    assert not buckets.take("loading", 3, 1, 0.3)
    assert buckets.take("loading", 3, 1, 0.7)


def test_memories_are_bounded() -> None:
    entries: Bounded[int] = Bounded(2)
    for number, key in enumerate("abc"):
        entries.put(key, number)
    assert (entries.get("a"), entries.get("c"), len(entries)) == (None, 2, 2)

    contents = Contents(bytes_max=10)
    contents.put("1", Content("image", "image/png", b"x" * 6))
    contents.put("2", Content("image", "image/png", b"x" * 6))
    assert contents.get("1") is None
    assert contents.get("2")

    calls = Calls(calls_max=3, body_bytes_max=10)
    for _ in range(5):
        calls.start(time_ms=0, method="POST", host="h", path="/", headers={}, body=b"four")
    assert [call.n for call in calls.since(0, 10)] == [4, 5]
    assert [call.n for call in calls.since(4, 10)] == [5]
    assert calls.count == 5


def test_a_fault_strikes_as_often_as_it_was_told() -> None:
    faults = Faults()
    faults.replace([Fault(path="*/reply", status=500, times=2)])
    hits = [faults.hit("POST", "/v2/bot/message/reply") is not None for _ in range(3)]
    assert hits == [True, True, False]
    assert faults.hit("POST", "/v2/bot/message/push") is None


def test_a_fault_may_be_one_persons_only() -> None:
    faults = Faults()
    faults.replace([Fault(user="U1", status=500)])
    assert faults.hit("POST", "/push", b'{"to":"U2"}') is None
    assert faults.hit("POST", "/push", b'{"to":"U1"}')


def test_a_chat_longest_silent_is_forgotten_first() -> None:
    platform = Platform(SimSettings(chats_max=2, chat_entries_max=2))
    for name in ("U1", "U2", "U1", "U3"):
        chat = platform.chats.of(name)
        platform.chats.add(chat, time_ms=0, author="user", message={"type": "text", "text": name})
    assert platform.chats.seen() == ["U1", "U3"]
    for _ in range(5):
        platform.chats.add(platform.chats.of("U3"), time_ms=0, author="user", message={})
    assert len(platform.chats.of("U3").entries) == 2


def test_an_entry_is_written_with_lines_own_names() -> None:
    platform = Platform(SimSettings())
    entry = platform.chats.add(
        platform.chats.of("U1"), time_ms=5, author="bot", message={"type": "text"}, via="reply", id="9"
    )
    assert msgspec.to_builtins(entry) == {
        "n": 1,
        "time": 5,
        "from": "bot",
        "message": {"type": "text"},
        "via": "reply",
        "id": "9",
    }


def test_settings_come_from_arguments_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMJAI_SIM_MONTHLY_QUOTA", "200")
    given = parse_settings(["--port", "8080", "--webhook-url", "http://127.0.0.1:1/w", "--redelivery", "true"])
    assert (given.port, given.webhook_url, given.redelivery) == (8080, "http://127.0.0.1:1/w", True)
    assert given.channel_secret == SimSettings().channel_secret
    assert given.monthly_quota == 200
