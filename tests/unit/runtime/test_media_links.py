"""A link opens one object until one second, and nothing that was not signed opens anything."""

import base64
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, strategies
from pydantic import BaseModel, SecretStr, ValidationError

from namjai.runtime.media_links import TOKEN_CHARACTERS, MediaSecret, object_of, token
from namjai.runtime.objects import new_id

SECRET, OTHER = SecretStr("s" * 32), SecretStr("o" * 32)
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def test_a_link_opens_its_object_until_its_second_comes() -> None:
    object_id = new_id()
    made = token(SECRET, object_id, NOW + timedelta(seconds=60))
    assert len(made) == TOKEN_CHARACTERS
    assert object_of(SECRET, made, NOW) == object_id
    assert object_of(SECRET, made, NOW + timedelta(seconds=59)) == object_id
    assert object_of(SECRET, made, NOW + timedelta(seconds=60)) is None


def test_another_secret_opens_nothing() -> None:
    assert object_of(OTHER, token(SECRET, new_id(), NOW + timedelta(days=1)), NOW) is None


def test_while_a_secret_is_changed_links_of_both_are_good_and_then_only_of_the_new() -> None:
    """The order of docs/operations/rotation.md: nobody makes links that somebody else does not open yet."""
    until, object_id = NOW + timedelta(days=1), new_id()
    steps = [SECRET, SecretStr(f"{'s' * 32},{'o' * 32}"), SecretStr(f"{'o' * 32}, {'s' * 32}"), OTHER]
    for before, after in pairwise(steps):
        for maker, opener in ((before, after), (after, before)):
            assert object_of(opener, token(maker, object_id, until), NOW) == object_id
    assert object_of(OTHER, token(SECRET, object_id, until), NOW) is None


def test_no_bit_of_a_link_may_be_changed() -> None:
    made = token(SECRET, new_id(), NOW + timedelta(days=1))
    raw = base64.urlsafe_b64decode(made + "=")
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        assert object_of(SECRET, base64.urlsafe_b64encode(changed).decode().rstrip("="), NOW) is None


@given(strategies.text(max_size=200))
def test_whatever_else_is_asked_for_is_nothing(given_text: str) -> None:
    assert object_of(SECRET, given_text, NOW) is None


@pytest.mark.parametrize("odd", ["", "A" * TOKEN_CHARACTERS, "=" * TOKEN_CHARACTERS, "น" * TOKEN_CHARACTERS])
def test_odd_links_are_no_links(odd: str) -> None:
    assert object_of(SECRET, odd, NOW) is None


def test_a_secret_that_can_be_guessed_is_refused_and_not_repeated() -> None:
    class Told(BaseModel):
        media_secret: MediaSecret

    with pytest.raises(ValidationError) as refused:
        Told(media_secret=SecretStr("guess me"))
    assert "guess me" not in str(refused.value)
    for wrong in (f"{'s' * 32},short", f"{'s' * 32},", ",".join(["s" * 32] * 3)):
        with pytest.raises(ValidationError):
            Told(media_secret=SecretStr(wrong))
    assert Told(media_secret=SECRET).media_secret == SECRET
