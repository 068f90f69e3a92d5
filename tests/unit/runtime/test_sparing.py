"""A fault that comes ten times a second is said at once, and then no more often than somebody reads."""

from namjai.runtime.bus import Sparing


def test_the_first_time_is_said_at_once() -> None:
    assert Sparing(every_s=10).times("gaierror", now=0.0) == 1


def test_what_follows_is_counted_and_said_together() -> None:
    sparing = Sparing(every_s=10)
    assert [sparing.times("gaierror", now=n / 10) for n in range(100)] == [1] + [0] * 99
    assert sparing.times("gaierror", now=10.0) == 100


def test_another_kind_does_not_wait_for_it() -> None:
    sparing = Sparing(every_s=10)
    sparing.times("gaierror", now=0.0)
    assert sparing.times("ConnectionRefusedError", now=0.1) == 1
