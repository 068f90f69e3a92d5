"""How long a dead process waits for its next start."""

from namjai.devkit.supervisor import Backoff


def test_the_wait_doubles_from_a_fifth_of_a_second_to_five_seconds() -> None:
    backoff = Backoff()
    assert [backoff.after_life_of(0.0) for _ in range(7)] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_a_process_that_was_stable_starts_again_at_once() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.after_life_of(1.0)
    assert backoff.after_life_of(31.0) == 0.2
