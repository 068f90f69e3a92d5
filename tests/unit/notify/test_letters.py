"""How long a letter waits for its next try, and by what it is known however often it is tried."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from namjai.notify.letters import FIRST_WAIT_S, WAIT_S_MAX, digest, message_key, wait_s


@given(st.integers(1, 10_000), st.uuids().map(str))
def test_waits_grow_up_to_a_limit_and_are_spread(attempt: int, request: str) -> None:
    wait = wait_s(attempt, request)
    assert FIRST_WAIT_S / 2 <= wait <= WAIT_S_MAX
    assert wait <= wait_s(attempt + 1, request)


def test_the_same_request_has_the_same_key_and_no_other_has_it() -> None:
    one, other = str(uuid.uuid4()), str(uuid.uuid4())
    assert message_key(one) == message_key(one) != message_key(other)
    assert one not in message_key(one)


def test_an_address_is_counted_however_it_is_written_and_not_kept() -> None:
    assert digest("Ploy@Clinic.Example") == digest("ploy@clinic.example") != digest("lek@clinic.example")
    assert "ploy" not in digest("ploy@clinic.example")
