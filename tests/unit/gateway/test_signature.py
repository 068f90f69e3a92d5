"""A webhook is LINE's when the signature fits its bytes, and nothing that is sent as a signature does harm."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.gateway.domain.signature import BadSecrets, Verifier, parse_secrets
from tests.unit.gateway.bodies import SECRET, sign

VERIFY_BUTTON = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
ITS_SIGNATURE = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="


def test_the_example_that_line_documents_is_accepted() -> None:
    assert Verifier([SECRET]).signed(VERIFY_BUTTON, ITS_SIGNATURE)


def test_what_is_no_signature_is_refused() -> None:
    sha256 = hmac.new(SECRET.encode(), VERIFY_BUTTON, hashlib.sha256)
    sha1 = base64.b64encode(hmac.new(SECRET.encode(), VERIFY_BUTTON, hashlib.sha1).digest()).decode()
    wrong = [None, "", " ", "=", sha256.hexdigest(), sha1, ITS_SIGNATURE[:-1], ITS_SIGNATURE[:-1] + "\u00e9", "ลายเซ็น"]
    wrong += ["\udcff\udcfe", ITS_SIGNATURE.lower(), sign(VERIFY_BUTTON, "another secret"), f"{ITS_SIGNATURE},x"]
    assert [text for text in wrong if Verifier([SECRET]).signed(VERIFY_BUTTON, text)] == []


def test_a_body_that_was_written_anew_is_another_body() -> None:
    assert not Verifier([SECRET]).signed(VERIFY_BUTTON.replace(b",", b", "), ITS_SIGNATURE)


def test_two_secrets_are_in_force_at_the_same_time() -> None:
    both = Verifier(["new", "old"])
    assert [both.signed(b"{}", sign(b"{}", secret)) for secret in ("new", "old", "older")] == [True, True, False]


@given(st.text())
def test_no_text_whatever_breaks_the_check(text: str) -> None:
    surrogates = text.encode("utf-16", "surrogatepass").decode("utf-8", "surrogateescape")
    assert not Verifier([SECRET]).signed(b"{}", surrogates)


def test_secrets_are_one_or_two() -> None:
    assert parse_secrets(" new , old,") == ("new", "old")
    for text in ("", " , ", "a,b,c", "x" * 300):
        with pytest.raises(BadSecrets):
            parse_secrets(text)
