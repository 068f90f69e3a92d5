"""Calls to others are counted, timed and traced, by whom they were to and by how they ended."""

import pytest

from namjai.runtime.metrics import Metrics
from namjai.runtime.outside import Outside


class Refused(Exception):
    """The other side works, and says no."""


def test_a_call_is_counted_by_how_it_ended() -> None:
    metrics = Metrics("t")
    outside = Outside(metrics)
    with outside.call("mail"):
        pass
    with outside.call("mail") as call:
        call.failed("greylisted")
    with pytest.raises(TimeoutError), outside.call("mail"):
        raise TimeoutError
    with pytest.raises(Refused), outside.call("mail", fine=(Refused,)):
        raise Refused
    value = metrics.registry.get_sample_value
    assert value("namjai_outside_calls_total", {"to": "mail", "outcome": "ok"}) == 2
    assert value("namjai_outside_calls_total", {"to": "mail", "outcome": "failed"}) == 2
    assert value("namjai_outside_seconds_count", {"to": "mail"}) == 4
