"""The fold: batches do not change the result, clear fields only, and every fact of the catalogue has its place."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namjai.analytics.domain.change import Change
from namjai.analytics.domain.project import PROJECTIONS, SUMMARY, project, summary
from namjai.events import Envelope, Fact, Sealed, Stored
from namjai.events.alert import AlertMerged, AlertNotified, AlertNotifyFailed, AlertRaised
from namjai.events.catalogue import CATALOGUE
from namjai.events.codec import sealed_fields
from namjai.events.delivery import DeliverySent
from namjai.events.member import (
    LanguageChosen,
    MemberConsented,
    MemberErased,
    MemberFollowed,
    MemberPaused,
    MemberResumed,
    MemberUnfollowed,
)
from namjai.events.message import MessageReceived, MessageRemoved, PostbackReceived
from namjai.events.reply import ReplyIssued
from namjai.events.risk import RiskAssessed
from namjai.events.subjects import NOBODY

BANGKOK = timezone(timedelta(hours=7))
START = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)

moments = st.datetimes(datetime(2026, 3, 1), datetime(2026, 3, 5), timezones=st.just(UTC))  # noqa: DTZ001  # given a zone
boxes: st.SearchStrategy[Sealed[Any]] = st.just(Sealed.boxed("s1.x"))
few = st.sampled_from(["a1", "a2", "a3"])
outcomes = st.sampled_from(["screened", "failed", "no_text"])
levels = st.sampled_from(["none", "low", "medium", "high", "crisis"])


def facts() -> st.SearchStrategy[Fact]:
    """Any fact that counts for something, with few enough ids to meet each other again."""
    return st.one_of(
        st.builds(
            MessageReceived,
            kind=st.sampled_from(["text", "image"]),
            throttled=st.booleans(),
            sender=boxes,
            reply_token=boxes,
            text=boxes,
            raw=boxes,
            sent_at=moments,
            received_at=moments,
        ),
        st.builds(
            PostbackReceived,
            sender=boxes,
            reply_token=boxes,
            postback=boxes,
            params=boxes,
            sent_at=moments,
            received_at=moments,
        ),
        st.builds(MemberFollowed, sender=boxes, reply_token=boxes, sent_at=moments, received_at=moments),
        st.builds(MemberUnfollowed, received_at=moments),
        st.builds(MemberConsented, purpose=st.sampled_from(["care", "research"]), granted=st.booleans()),
        st.builds(LanguageChosen, language=st.sampled_from(["th", "en"])),
        st.builds(MemberPaused),
        st.builds(MemberResumed),
        st.builds(MemberErased),
        st.builds(
            RiskAssessed, level=levels, outcome=st.sampled_from(["screened", "failed", "no_text"]), findings=st.just(())
        ),
        st.builds(AlertRaised, level=levels),
        st.builds(AlertNotified, alert=few, level=levels),
        st.builds(AlertNotifyFailed, alert=few),
        st.builds(AlertMerged, alert=few, into=few),
        st.builds(
            ReplyIssued,
            kind=st.sampled_from(["support", "crisis"]),
            level=levels,
            received_at=moments,
            messages=boxes,
            to=boxes,
            reply_token=boxes,
            screened=st.booleans(),
        ),
        st.builds(DeliverySent, latency_ms=st.integers(0, 10**6)),
        st.builds(MessageRemoved, sequence=st.integers(1, 50)),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Stored[Fact]]:
    """A log: sequences ascend with gaps, times do as they please."""
    sequence = 0
    history: list[Stored[Fact]] = []
    for fact in draw(st.lists(facts(), max_size=25)):
        sequence += draw(st.integers(1, 3))
        member = draw(st.sampled_from(["m1", "m2", NOBODY]))
        history.append(stored(sequence, fact, member, draw(moments)))
    return history


def stored(sequence: int, fact: Fact, member: str = "m1", at: datetime = START) -> Stored[Fact]:
    identity = f"a{sequence % 3 + 1}" if isinstance(fact, AlertRaised) else f"e{sequence}"
    return Stored(
        sequence,
        Envelope(id=identity, source="t", type=fact.TYPE, subject=member, time=at, correlationid=identity, data=fact),
    )


def message(**more: Any) -> MessageReceived:
    words: dict[str, Any] = {"kind": "text", "raw": Sealed.boxed("s1.x"), **more}
    return MessageReceived(
        message_id="1",
        webhook_event_id="1",
        source_kind="user",
        mode="active",
        sent_at=START,
        received_at=START,
        **words,
    )


@settings(max_examples=30)
@given(histories(), st.lists(st.integers(0, 25), max_size=6))
def test_batches_do_not_change_the_result(history: list[Stored[Fact]], cuts: list[int]) -> None:
    total = Change()
    edges = [0, *sorted(cuts), len(history)]
    for start, end in pairwise(edges):
        total.add(project(history[start:end], BANGKOK))
    assert total == project(history, BANGKOK)


@settings(max_examples=30)
@given(histories())
def test_a_replay_of_what_is_known_adds_nothing(history: list[Stored[Fact]]) -> None:
    position, total = 0, Change()
    for _ in range(2):  # everything is handed over twice; the position says what is new
        new = [each for each in history if each.sequence > position]
        total.add(project(new, BANGKOK))
        position = max((each.sequence for each in new), default=position)
    assert total == project(history, BANGKOK)


@settings(max_examples=30)
@given(histories())
def test_no_ciphertext_and_nobody_gets_into_the_read_models(history: list[Stored[Fact]]) -> None:
    change = project(history, BANGKOK)
    assert NOBODY not in change.members
    assert not [entry for entry in change.timeline if "s1." in entry.summary]


@pytest.mark.parametrize("fact", CATALOGUE.facts.values(), ids=lambda fact: fact.TYPE)
def test_a_summary_names_clear_fields_that_exist(fact: type[Fact]) -> None:
    assert set(SUMMARY.get(fact, ())) <= set(fact.__struct_fields__) - set(sealed_fields(fact))


def test_every_projected_type_has_a_summary() -> None:
    assert PROJECTIONS.keys() <= SUMMARY.keys()


def test_a_summary_is_json_of_the_chosen_fields() -> None:
    found = msgspec.json.decode(summary(message(throttled=True, length_utf16=7)))
    assert found == {
        "kind": "text",
        "source_kind": "user",
        "mode": "active",
        "throttled": True,
        "redelivered": False,
        "length_utf16": 7,
    }


def test_a_day_begins_by_the_clinics_clock() -> None:
    late = START + timedelta(hours=1)  # midnight in Bangkok
    change = project([stored(1, message()), stored(2, message(), at=late)], BANGKOK)
    assert sorted(day.isoformat() for day, _ in change.active) == ["2026-03-01", "2026-03-02"]


def test_a_screening_that_failed_says_nothing_about_the_person() -> None:
    known = RiskAssessed(message="e1", outcome="screened", level="high", policy="p")
    failed = RiskAssessed(message="e2", outcome="failed", level="none", policy="p")
    change = project([stored(1, known), stored(2, failed)], BANGKOK)
    assert change.members["m1"].level == "high"
    assert {measure for _, measure in change.days} == {"risk.high", "risk.failed"}


def test_an_alert_without_its_beginning_is_still_counted() -> None:
    told = AlertNotified(alert="a9", step=1, staff="s", channel="line", level="high")
    change = project([stored(1, told), stored(2, told, at=START - timedelta(minutes=1))], BANGKOK)
    assert change.alerts["a9"].notified == 2
    assert change.alerts["a9"].first_notified_at == START - timedelta(minutes=1)
