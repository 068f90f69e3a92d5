"""Codes as people type them, tries that lock, the second factor, and what a registered person is asked."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.composed import Composed
from namjai.chat.domain.messages import problems
from namjai.chat.domain.registering import (
    ALPHABET,
    LOCK_FIRST,
    LOCK_MAX,
    TRIES_MAX,
    code_in,
    locked_until,
    otp_in,
    shown,
)
from namjai.chat.ports import Code, CodesUnavailable, Desk
from namjai.chat.skills.registration.skill import SKILL
from namjai.chat.skills.registration.skill import texts as texts_of
from namjai.events.mail import MailRequested
from namjai.events.member import MemberRegistered, RegistrationFailed
from tests.unit.chat.visits import MEMBER, NOW, Talk, buttons, texts

OTP = "123456"
KNOWN = {"ABCD2345": Code("c1", "HN-7", ""), "EMAK2345": Code("c2", "HN-8", "somchai@example.org")}


class Register:
    """Codes in memory, as the clinic's store gives them out."""

    def __init__(self) -> None:
        self.used: dict[str, str] = {}
        self.open = True
        self.down = False

    async def may_try(self) -> bool:
        return self.open

    async def look(self, code: str, member: str) -> Code | Literal["redeemed", "unknown", "used", "expired"]:
        if self.down:
            raise CodesUnavailable
        if code in self.used:
            return "redeemed" if self.used[code] == member else "used"
        return "expired" if code == "EXPRD234" else KNOWN.get(code, "unknown")

    async def redeem(self, code: str, member: str) -> Code | Literal["redeemed", "unknown", "used", "expired"]:
        if self.used.setdefault(code, member) != member:
            return "used"
        return KNOWN[code]

    def otp(self, code: str, seed: str) -> str:
        return OTP

    def is_otp(self, said: str, code: str, seed: str) -> bool:
        return said == OTP


class Registering(Talk):
    """A talk at a desk with a register."""

    register: Register | None = None

    def desk(self) -> Desk:
        return Desk(records=self.records, registrar=self.register)


def _talk(language: Language = "en") -> Registering:
    talk = Registering(SKILL, language)
    talk.register = Register()
    return talk


def _facts(said: Composed | None, kind: type[object]) -> list[object]:
    assert said is not None
    return [fact for fact in said.facts if isinstance(fact, kind)]


@given(st.text(ALPHABET, min_size=6, max_size=8))
def test_a_code_is_read_however_it_is_written(code: str) -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) for char in code)
    for said in (code, code.lower(), shown(code), f" {shown(code)} ", wide, " ".join(code)):
        assert code_in(said) == code


@pytest.mark.parametrize("said", ["", "hello", "ABCDE", "ABCDEFGHJ", "ABCD-234O", "0000-1111", "I want help"])
def test_other_words_are_no_code(said: str) -> None:
    assert code_in(said) is None


@pytest.mark.parametrize("said", ["123456", "๑๒๓๔๕๖", "1234５６", "my number is 123456."])
def test_a_one_time_code_is_read_in_any_digits(said: str) -> None:
    assert otp_in(said) == OTP


@pytest.mark.parametrize("said", ["12345", "1234567", "123456 654321", "hello"])
def test_other_numbers_are_no_one_time_code(said: str) -> None:
    assert otp_in(said) is None


def test_five_wrong_codes_lock_and_each_further_one_doubles_the_time() -> None:
    assert [locked_until(tries, NOW) for tries in range(TRIES_MAX)] == [None] * TRIES_MAX
    waits = [(until - NOW) for tries in range(TRIES_MAX, 40) if (until := locked_until(tries, NOW)) is not None]
    assert waits[0] == LOCK_FIRST
    assert all(later == min(2 * earlier, LOCK_MAX) for earlier, later in pairwise(waits))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_good_code_registers_and_asks_for_consent(language: Language) -> None:
    talk = _talk(language)
    asked = talk.press("do=registration.open")
    assert texts(asked) == texts_of(language).ask
    done = talk.write("abcd-2345")
    (fact,) = _facts(done, MemberRegistered)
    assert isinstance(fact, MemberRegistered)
    assert (fact.code, fact.method, fact.patient and fact.patient.value) == ("c1", "code", "HN-7")
    assert "cmd=consent&purpose=clinician&granted=yes" in buttons(done).values()
    assert talk.flow is None
    assert done is not None
    assert not [problem for message in done.messages for problem in problems(message)]


@pytest.mark.parametrize("said", ["register abcd2345", "ลงทะเบียน ABCD-2345", "註冊 ABCD2345"])
def test_word_and_code_may_come_together(said: str) -> None:
    assert _facts(_talk().write(said), MemberRegistered)


def test_talk_in_between_is_for_the_others() -> None:
    talk = _talk()
    talk.press("do=registration.open")
    assert talk.write("I feel bad today") is None
    assert talk.flow is not None


@pytest.mark.parametrize(("code", "reason"), [("ZZZZ9999", "unknown"), ("EXPRD234", "expired")])
def test_a_bad_code_is_on_record_and_may_be_tried_again(code: str, reason: str) -> None:
    talk = _talk()
    talk.press("do=registration.open")
    said = talk.write(code)
    (fact,) = _facts(said, RegistrationFailed)
    assert isinstance(fact, RegistrationFailed)
    assert (fact.reason, fact.tries, fact.locked_until) == (reason, 1, None)
    assert _facts(talk.write("ABCD2345"), MemberRegistered)


def test_a_code_of_somebody_else_is_used() -> None:
    talk = _talk()
    assert talk.register is not None
    talk.register.used["ABCD2345"] = "another"
    assert texts(talk.write("register ABCD2345")) == texts_of("en").wrong["used"]


def test_a_code_that_was_taken_before_we_could_say_so_is_ours() -> None:
    talk = _talk()
    assert talk.register is not None
    talk.register.used["ABCD2345"] = MEMBER
    assert _facts(talk.write("register ABCD2345"), MemberRegistered)


def test_whoever_is_locked_out_is_told_until_when_and_even_a_good_code_is_not_looked_at() -> None:
    talk = _talk()
    for _ in range(TRIES_MAX):
        said = talk.write("register ZZZZ9999")
    (fact,) = _facts(said, RegistrationFailed)
    assert isinstance(fact, RegistrationFailed)
    assert fact.locked_until is not None
    again = talk.write("register ABCD2345")
    assert _facts(again, RegistrationFailed) == _facts(again, MemberRegistered) == []
    talk.now = fact.locked_until + timedelta(seconds=1)
    assert _facts(talk.write("register ABCD2345"), MemberRegistered)


def test_a_second_factor_goes_to_the_address_on_file_and_must_come_back() -> None:
    talk = _talk()
    sent = talk.write("register EMAK2345")
    (mail,) = _facts(sent, MailRequested)
    assert isinstance(mail, MailRequested)
    assert (mail.to.value, mail.kind) == ("somchai@example.org", "code")
    assert OTP in mail.text.value
    assert OTP not in texts(sent)
    assert "s***@example.org" in texts(sent)
    assert texts(talk.write("111111")) == texts_of("en").otp_ask
    (fact,) = _facts(talk.write(f"it is {OTP}"), MemberRegistered)
    assert isinstance(fact, MemberRegistered)
    assert fact.method == "code_email"


def test_three_wrong_numbers_end_it_and_count_as_one_wrong_try() -> None:
    talk = _talk()
    talk.write("register EMAK2345")
    for _ in range(3):
        said = talk.write("111111")
    (fact,) = _facts(said, RegistrationFailed)
    assert isinstance(fact, RegistrationFailed)
    assert (fact.reason, fact.tries) == ("wrong_otp", 1)
    assert talk.flow is None
    assert texts(said) == texts_of("en").otp_gone


@pytest.mark.parametrize("broken", ["flood", "down", "none"])
def test_when_codes_cannot_be_looked_up_nobody_is_blamed(broken: str) -> None:
    talk = _talk()
    assert talk.register is not None
    talk.register.open, talk.register.down = broken != "flood", broken == "down"
    talk.register = None if broken == "none" else talk.register
    said = talk.write("register ABCD2345")
    assert texts(said) == texts_of("en").later
    assert _facts(said, RegistrationFailed) == []


def test_whoever_is_registered_need_not_do_it_again() -> None:
    talk = _talk()
    talk.person = msgspec.structs.replace(talk.person, registered=True)
    assert texts(talk.press("do=registration.open")) == texts_of("en").already
