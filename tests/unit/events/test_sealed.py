"""A personal field is readable with its key, in its place, and nowhere else."""

from datetime import UTC, datetime

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from namjai.events import Envelope, Erased, Sealed, begin, codec, derive_id, follow
from namjai.events.message import MessageReceived
from namjai.events.sealed import BadBox, ClearText, StillSealed

CIPHER = AESGCM(b"k" * 32)
OTHER = AESGCM(b"o" * 32)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def message(words: str, cause: str = "c") -> Envelope[MessageReceived]:
    fact = MessageReceived(
        kind="text",
        message_id="1",
        webhook_event_id=cause,
        source_kind="user",
        mode="active",
        sent_at=NOW,
        received_at=NOW,
        text=Sealed(words),
        raw=Sealed("{}"),
    )
    return begin(fact, source="test", cause=cause, member="m", time=NOW)


@given(st.text())
def test_what_is_sealed_opens_to_what_it_was(words: str) -> None:
    wire = codec.encode(codec.seal(message(words), CIPHER))
    assert message(words) == codec.unseal(codec.decode(wire), CIPHER)


@given(st.text(min_size=8).map("“{}”".format))
def test_the_wire_never_carries_the_words(words: str) -> None:
    """In quotation marks, which the envelope's own words (`application/json`) never stand in."""
    wire = codec.encode(codec.seal(message(words), CIPHER))
    assert msgspec.json.encode(words)[1:-1] not in wire


def test_clear_words_are_refused_by_the_codec() -> None:
    with pytest.raises(ClearText):
        codec.encode(message("words"))


def test_sealed_words_cannot_be_read_by_accident() -> None:
    sealed = codec.seal(message("words"), CIPHER)
    assert sealed.data.text is not None
    with pytest.raises(StillSealed):
        _ = sealed.data.text.value


def test_without_the_key_a_field_is_erased_and_says_so() -> None:
    gone = codec.unseal(codec.seal(message("words"), CIPHER), None)
    assert gone.data.text is not None
    assert gone.data.text.get("nobody knows") == "nobody knows"
    with pytest.raises(Erased):
        _ = gone.data.text.value


def test_another_members_key_opens_nothing() -> None:
    with pytest.raises(BadBox):
        codec.unseal(codec.seal(message("words"), CIPHER), OTHER)


def test_a_box_moved_to_another_event_or_field_does_not_open() -> None:
    one, two = codec.seal(message("one", "1"), CIPHER), codec.seal(message("two", "2"), CIPHER)
    moved = msgspec.structs.replace(two, data=msgspec.structs.replace(two.data, text=one.data.text))
    with pytest.raises(BadBox):
        codec.unseal(moved, CIPHER)
    swapped = msgspec.structs.replace(one, data=msgspec.structs.replace(one.data, raw=one.data.text))
    with pytest.raises(BadBox):
        codec.unseal(swapped, CIPHER)


@pytest.mark.parametrize("box", ["", "s1.", "s1.!!", "s1.AAAA", "s2.AAAA"])
def test_a_damaged_box_is_an_error_with_a_name(box: str) -> None:
    damaged = msgspec.structs.replace(
        message("x"), data=msgspec.structs.replace(message("x").data, text=Sealed.boxed(box))
    )
    with pytest.raises(BadBox):
        codec.unseal(damaged, CIPHER)


@given(st.binary())
def test_bytes_that_are_no_envelope_are_malformed_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(codec.Malformed):
        codec.decode(data)


@given(st.text(), st.text(), st.integers(0, 9))
def test_the_same_cause_always_gives_the_same_fact(source: str, cause: str, n: int) -> None:
    assert derive_id(source, cause, n) == derive_id(source, cause, n)
    assert derive_id(source, cause, n) != derive_id(source, cause, n + 1)


def test_what_follows_keeps_the_thread() -> None:
    first = message("words")
    second = follow(first, first.data, source="next", n=0, time=NOW)
    assert (first.correlationid, first.id, "m") == (second.correlationid, second.causationid, second.subject)


def test_a_repr_never_shows_the_words() -> None:
    assert "secret words" not in repr(message("secret words"))
