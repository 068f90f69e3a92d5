"""Webhooks are signed and shaped as LINE does it."""

import json

from namjai.devkit.load import percentile
from namjai.devkit.signing import sign, text_event, ulid, user_id, webhook


def test_the_signature_is_the_one_in_lines_own_example() -> None:
    body = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
    assert sign("8c570fa6dd201bb328f1c1eac23a96d8", body) == "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="


def test_ids_have_lines_shape_and_people_stay_themselves() -> None:
    assert user_id(1) == user_id(1) != user_id(2)
    assert len(user_id(1)) == 33
    assert len({ulid() for _ in range(100)}) == 100
    assert len(ulid()) == 26


def test_a_redelivered_event_differs_only_in_its_flag() -> None:
    first = text_event(user_id(1), "hello", event_id="E", message_id="1")
    again = text_event(user_id(1), "hello", event_id="E", message_id="1", redelivery=True)
    assert again | {"deliveryContext": None, "timestamp": 0} == first | {"deliveryContext": None, "timestamp": 0}
    assert json.loads(webhook(again))["events"][0]["deliveryContext"] == {"isRedelivery": True}


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(n) for n in range(1, 101)]
    assert [percentile(values, share) for share in (50, 99, 100)] == [50.0, 99.0, 100.0]
    assert percentile([7.0], 50) == 7.0
    assert percentile([], 99) == 0.0
