"""LINE's answers become outcomes: accepted, try again, never again, or nobody knows."""

import pytest

from namjai.notify.adapters.line import Answer, translate
from namjai.notify.domain.outcome import (
    Accepted,
    AlreadyAccepted,
    Ambiguous,
    Outcome,
    QuotaExhausted,
    RateLimited,
    Refused,
    TokenInvalid,
    Unauthorised,
    Unsent,
)

ID = "r1"


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, '{"sentMessages":[{"id":"1"}]}', Accepted(request_id=ID)),
        (200, "", Accepted(request_id=ID)),
        (200, "<html>", Accepted(request_id=ID)),
        (202, "{}", Accepted(request_id=ID)),
        (400, '{"message":"Invalid reply token"}', TokenInvalid(request_id=ID)),
        (400, '{"details":[],"message" : "invalid reply token."}', TokenInvalid(request_id=ID)),
        (400, '{"message":"A message (messages[0]) in the request body is invalid"}', None),
        (401, "{}", Unauthorised(request_id=ID)),
        (403, "{}", Refused(status=403, kind="forbidden", request_id=ID)),
        (409, "{}", Refused(status=409, kind="status_409", request_id=ID)),
        (413, "", Refused(status=413, kind="too_large", request_id=ID)),
        (429, '{"message":"The API rate limit has been exceeded. Try again later."}', RateLimited(request_id=ID)),
        (429, '{"message":"You have reached your monthly limit."}', QuotaExhausted(request_id=ID)),
        (500, "", Ambiguous(reason="status_500", status=500, request_id=ID)),
        (503, "oops", Ambiguous(reason="status_503", status=503, request_id=ID)),
    ],
)
def test_a_reply_is_answered(status: int, body: str, expected: Outcome | None) -> None:
    expected = expected or Refused(status=400, kind="invalid_message", request_id=ID)
    assert expected == translate(Answer(status, ID, body), is_push=False)


def test_a_push_that_was_taken_before_is_a_success() -> None:
    assert AlreadyAccepted(request_id=ID) == translate(Answer(409, ID, '{"message":"…"}'), is_push=True)


def test_a_person_who_cannot_be_reached_is_no_fault_of_the_message() -> None:
    body = '{"message":"Failed to send messages"}'
    refused = Refused(status=400, kind="unreachable_person", request_id=ID)
    assert refused == translate(Answer(400, ID, body), is_push=True)


def test_what_never_left_is_known_from_what_may_have_arrived() -> None:
    assert Unsent(reason="ClientConnectorError") == translate(
        Answer(0, reason="ClientConnectorError", sent=False), is_push=False
    )
    assert Ambiguous(reason="TimeoutError") == translate(Answer(0, reason="TimeoutError"), is_push=False)
