"""The time of storing is the month an event is filed under, whatever number of digits the server writes."""

import pytest
from nats.aio.msg import Msg

from namjai.runtime.log import raw_of


@pytest.mark.parametrize("fraction", ["", ".5", ".680131", ".680131866"])
def test_a_time_is_read_with_any_number_of_digits(fraction: str) -> None:
    headers = {"Nats-Time-Stamp": f"2026-01-31T23:59:59{fraction}Z", "Nats-Sequence": "7", "Nats-Subject": "evt.a.b.m"}
    raw = raw_of(Msg(_client=None, data=b"x", headers=headers))  # type: ignore[arg-type]  # no connection is needed
    assert raw.stored_at.isoformat() == f"2026-01-31T23:59:59{fraction[:7].ljust(7, '0') if fraction else ''}+00:00"
