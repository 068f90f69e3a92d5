"""What a process wrote is found by the subjects that a read asks for."""

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.runtime import own_writes
from namjai.runtime.own_writes import OwnWrites, matches


@pytest.fixture
def written() -> OwnWrites:
    written = OwnWrites()
    for sequence, subject in enumerate(("evt.message.received.a", "evt.alert.raised.a", "evt.alert.raised.b"), start=1):
        written.note(subject, sequence)
    return written


@pytest.mark.parametrize(
    ("filters", "sequence"),
    [
        (("evt.message.received.a",), 1),
        (("evt.*.*.a",), 2),
        (("evt.alert.>",), 3),
        (("evt.>",), 3),
        (("evt.message.received.b", "evt.message.received.a"), 1),
        (("evt.*.*.c",), 0),
        (("evt.alert",), 0),
        (("evt.alert.raised.b.>",), 0),
        (("evt.alert.*",), 0),
    ],
)
def test_the_newest_on_any_of_the_subjects_counts(written: OwnWrites, filters: tuple[str, ...], sequence: int) -> None:
    assert written.newest(*filters) == sequence


def test_nobody_waits_for_what_was_taken_out(written: OwnWrites) -> None:
    written.forget(3)
    assert written.newest("evt.>") == 2


def test_what_is_old_is_on_every_copy_by_now(written: OwnWrites, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_writes, "KEPT_S", 0.0)
    assert written.newest("evt.>") == 0


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_writes, "ENTRIES_MAX", 2)
    written = OwnWrites()
    for sequence in range(1, 5):
        written.note("evt.message.received.a", sequence)
    written.forget(4)
    assert written.newest("evt.>") == 3
    written.forget(3)
    assert written.newest("evt.>") == 0


SUBJECTS = [f"evt.{fact}.{member}" for fact in ("alert.raised", "alert.said", "risk.assessed") for member in "abc"]
FILTERS = [*SUBJECTS, *(f"evt.*.*.{member}" for member in "abcd"), "evt.alert.*.*", "evt.alert.>", "evt.>"]


@given(st.lists(st.sampled_from(SUBJECTS)), st.sets(st.integers(1, 8)), st.sets(st.sampled_from(FILTERS), min_size=1))
def test_whoever_looks_through_everything_finds_the_same(said: list[str], gone: set[int], filters: set[str]) -> None:
    written = OwnWrites()
    for sequence, subject in enumerate(said, start=1):
        written.note(subject, sequence)
    for sequence in gone:
        written.forget(sequence)
    there = [(sequence, subject.split(".")) for sequence, subject in enumerate(said, start=1) if sequence not in gone]
    wanted = [each.split(".") for each in filters]
    found = [sequence for sequence, subject in there if any(matches(w, tuple(subject)) for w in wanted)]
    assert written.newest(*filters) == max(found, default=0)


def test_what_others_were_told_costs_a_read_about_somebody_nothing(costs_ms: Callable[..., list[float]]) -> None:
    few, many = OwnWrites(), OwnWrites()
    for written, events in ((few, 10), (many, 10_000)):
        for n in range(events):
            written.note(f"evt.risk.assessed.m{n}", n + 1)

    def ask(written: OwnWrites) -> None:
        for _ in range(2_000):
            written.newest("evt.*.*.nobody")

    among_few, among_many = costs_ms(partial(ask, few), partial(ask, many))
    assert among_many < 5 * among_few
