"""Corrections as a labelled set."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from namjai.events import Envelope, Fact, Sealed, Stored, begin
from namjai.events.alert import AlertCorrected
from namjai.events.media import MediaTranscribed
from namjai.events.message import MessageReceived
from namjai.events.risk import Level
from namjai.risk.domain.corrections import last_words, row, words_in

AT = datetime(2026, 5, 1, tzinfo=UTC)


def correction(n: int, message: str, level: Level, by: str = "dr. a", member: str = "m") -> Stored[Fact]:
    fact: Fact = AlertCorrected(
        alert="a", by=by, message=message, level=level, category="suicide", was="high", via="cli"
    )
    return Stored(n, begin(fact, source="notify", cause=str(n), member=member, time=AT))


def transcribed(text: Sealed[str]) -> Envelope[Fact]:
    fact: Fact = MediaTranscribed(message="v", message_id="1", kind="audio", text=text, received_at=AT)
    return begin(fact, source="chat", cause="v", member="m", time=AT)


def received(text: Sealed[str] | None, raw: Sealed[str]) -> Envelope[Fact]:
    fact: Fact = MessageReceived(
        webhook_event_id="w",
        source_kind="user",
        mode="active",
        sent_at=AT,
        received_at=AT,
        kind="text",
        message_id="1",
        text=text,
        raw=raw,
    )
    return begin(fact, source="gateway", cause="w", member="m", time=AT)


def test_the_last_word_on_a_message_counts() -> None:
    found = last_words([correction(2, "x", "none"), correction(1, "x", "crisis"), correction(3, "y", "low")])

    assert {message: event.data.level for message, event in found["m"].items()} == {"x": "none", "y": "low"}


def test_a_row_is_what_the_evaluation_reads_and_names_nobody() -> None:
    one, two, other = (correction(n, f"x{n}", "low", by) for n, by in enumerate(("dr. a", "dr. a", "dr. b")))
    key, another = b"k" * 32, b"l" * 32
    events = [last_words([each])["m"][each.event.data.message] for each in (one, two, other)]  # type: ignore[attr-defined]
    rows = [row(event, "words", key) for event in events]

    assert msgspec.to_builtins(rows[0]) | {"at": None, "by_hash": None} == {
        "text": "words",
        "level": "low",
        "category": "suicide",
        "was": "high",
        "at": None,
        "alert": "a",
        "by_hash": None,
    }
    assert rows[0].by_hash == rows[1].by_hash != rows[2].by_hash
    assert row(events[0], "words", another).by_hash != rows[0].by_hash
    assert b"dr. a" not in msgspec.json.encode(rows)


def test_erased_words_are_none() -> None:
    assert words_in(received(Sealed("hello"), Sealed("{}"))) == "hello"
    assert words_in(received(Sealed.erased(), Sealed.erased())) is None
    assert words_in(transcribed(Sealed("hello"))) == "hello"
    assert words_in(transcribed(Sealed.erased())) is None
    assert words_in(correction(1, "x", "low").event) is None
