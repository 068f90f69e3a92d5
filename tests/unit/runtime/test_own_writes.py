"""What a process wrote is found by the subjects that a read asks for."""

import pytest

from namjai.runtime import own_writes
from namjai.runtime.own_writes import OwnWrites


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
