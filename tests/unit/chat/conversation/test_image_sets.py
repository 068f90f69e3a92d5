"""Pictures that were sent together are one turn, in whatever order they come (LINE.md, P5)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.chat.domain.decide import Answer, Perceive, Rules, Step, Wait, decide
from namjai.chat.domain.fold import fold
from namjai.chat.domain.heard import hear
from namjai.chat.domain.image_sets import image_set, in_order, left_out
from namjai.chat.domain.state import ImageSet, Pending, Read, State, Verdict
from namjai.events import Envelope, Sealed, Stored, begin
from namjai.events.media import MediaTranscribed
from namjai.events.message import MessageReceived

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULES = Rules(perceives=frozenset({"image"}))
SET = RULES.sets


def picture(
    n: int, index: int | None = None, total: int | None = None, *, ago_s: float = 0.0, throttled: bool = False
) -> Pending:
    return Pending(
        sequence=n,
        event=f"e{n}",
        kind="message",
        message_id=str(n),
        media="image",
        throttled=throttled,
        image_set=ImageSet(id="s", index=index, total=total),
        received_at=NOW - timedelta(seconds=ago_s),
    )


def judged(pending: Sequence[Pending], level: str = "none") -> tuple[Verdict, ...]:
    ids = [event for each in pending for event in each.ids]
    return tuple(
        Verdict(assessment=f"a-{each}", message=each, judged=True, level=level, category="suicide", subject="self")  # type: ignore[arg-type]
        for each in ids
    )


def step(pending: Sequence[Pending], now: datetime = NOW, **more: Any) -> Step:
    state = State(pending=tuple(pending), verdicts=more.pop("verdicts", judged(pending)), **more)
    return decide(state, {each: NOW for p in pending for each in p.ids}, now, RULES)


def read(pending: Pending) -> Pending:
    found = Read(event=f"r{pending.sequence}", sequence=100 + pending.sequence, judge=True)
    return Pending(**{name: getattr(pending, name) for name in pending.__struct_fields__ if name != "read"}, read=found)


def test_a_set_that_is_not_whole_waits_for_the_rest() -> None:
    assert step([picture(1, 1, 3), picture(2, 3, 3)]) == Wait(NOW + timedelta(seconds=4))


def test_a_whole_set_waits_for_nothing_and_is_read_in_its_order() -> None:
    pending = [picture(1, 3, 3), picture(2, 1, 3), picture(3, 2, 3)]
    assert step(pending) == Perceive(pending[1])


def test_a_set_without_numbers_is_read_after_its_time() -> None:
    pending = [picture(1), picture(2)]
    assert step(pending) == Wait(NOW + timedelta(seconds=4))
    assert step(pending, NOW + timedelta(seconds=4)) == Perceive(pending[0])


def test_somebody_who_never_stops_sending_is_answered_all_the_same() -> None:
    pending = [picture(n, ago_s=25.0 - n) for n in range(1, 25)]
    assert isinstance(step(pending), Perceive)


def test_only_the_first_three_are_read() -> None:
    pending = [picture(n, 6 - n, 5) for n in range(1, 6)]
    assert left_out(pending, SET) == {"e1", "e2"}
    done = [read(each) if each.event not in ("e1", "e2") else each for each in pending]
    answer = step(done, NOW + timedelta(seconds=5))
    assert isinstance(answer, Answer)
    assert len(answer.pending) == 5


def test_what_came_too_fast_is_not_read_and_takes_no_place_of_others() -> None:
    pending = [picture(n, n, 5, throttled=n <= 2) for n in range(1, 6)]
    assert step(pending) == Perceive(pending[2])


def test_a_crisis_does_not_wait_for_pictures() -> None:
    pending = [picture(1, 1, 9)]
    answer = step(pending, verdicts=judged(pending, "crisis"))
    assert isinstance(answer, Answer)
    assert answer.danger is not None


def test_who_waits_too_long_for_a_verdict_does_not_wait_for_pictures_too() -> None:
    pending = [picture(1, 1, 9)]
    assert step(pending, verdicts=()) == Wait(NOW + RULES.screening_wait)
    assert step(pending, NOW + timedelta(seconds=2.1), verdicts=()) == Perceive(pending[0])


def test_a_picture_alone_waits_no_longer_than_words_do() -> None:
    alone = Pending(sequence=1, event="e1", kind="message", message_id="1", media="image", received_at=NOW)
    assert step([alone]) == Perceive(alone)


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.permutations(range(1, n + 1)), st.booleans())))
def test_in_any_order_with_or_without_a_total_the_same_pictures_are_read(case: tuple[int, list[int], bool]) -> None:
    count, order, told = case
    pending = [picture(n, index, count if told else None) for n, index in enumerate(order, start=1)]
    now = NOW if told else NOW + SET.pause
    seen = []
    while isinstance(found := step(pending, now), Perceive):
        seen.append(found.pending.image_set.index if found.pending.image_set else None)
        pending = [read(each) if each.event == found.pending.event else each for each in pending]
    assert seen == list(range(1, min(count, SET.read_max) + 1))
    assert [each.image_set.index for each in in_order(pending) if each.image_set] == list(range(1, count + 1))


@given(st.lists(st.tuples(st.none() | st.integers(1, 9), st.none() | st.integers(1, 9)), min_size=1, max_size=9))
def test_whatever_line_says_of_them_the_wait_has_an_end(said: list[tuple[int | None, int | None]]) -> None:
    pending = [picture(n, index, total) for n, (index, total) in enumerate(said, start=1)]
    assert not isinstance(step(pending, NOW + SET.pause * SET.pauses_max), Wait)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"imageSet": {"id": "A", "index": 2, "total": 3}}, (2, 3)),
        ({"imageSet": {"id": "A"}}, (None, None)),
        ({"imageSet": {"id": "A", "index": 4, "total": 3}}, (None, 3)),
        ({"imageSet": {"id": "A", "index": 0, "total": 10**9}}, (None, None)),
    ],
)
def test_what_line_says_of_a_set_is_believed_as_far_as_it_can_be(raw: object, expected: tuple[Any, Any]) -> None:
    found = image_set(json.dumps(raw))
    assert found is not None
    assert (found.index, found.total) == expected
    assert found.id != "A"


@pytest.mark.parametrize("raw", ["", "{}", "[]", "null", '{"imageSet": null}', '{"imageSet": {}}', '{"imageSet": 3}'])
def test_a_picture_of_no_set_belongs_to_none(raw: str) -> None:
    assert image_set(raw) is None


def received(n: int, raw: str) -> Envelope[MessageReceived]:
    fact = MessageReceived(
        kind="image",
        message_id=str(n),
        raw=Sealed(raw),
        webhook_event_id=str(n),
        source_kind="user",
        mode="active",
        sent_at=NOW,
        received_at=NOW,
        sender=Sealed("U" + "0" * 32),
    )
    return begin(fact, source="gateway", cause=str(n), member="m", time=NOW)


def test_the_fold_keeps_the_set_and_no_words_and_skills_get_the_pictures_in_order() -> None:
    events = [received(n, json.dumps({"imageSet": {"id": "S", "index": 3 - n, "total": 2}})) for n in (1, 2)]
    state = State()
    for sequence, event in enumerate(events, start=1):
        state = fold(state, Stored(sequence=sequence, event=event))
    assert [each.image_set.index for each in state.pending if each.image_set] == [2, 1]
    readings = {
        event.id: begin(
            MediaTranscribed(message=event.id, message_id="", kind="image", text=Sealed(words), received_at=NOW),
            source="chat",
            cause=words,
            member="m",
            time=NOW,
        )
        for event, words in zip(events, ("second", "first"), strict=True)
    }
    assert [each.text for each in hear(events, readings).media] == ["first", "second"]
