"""People register with the clinic's codes: good ones, wrong ones, codes with a second factor, and codes taken back."""

from __future__ import annotations

import json
import re

import pytest

from namjai.devkit.running import Running, until
from namjai.events.member import MemberConsented, MemberRegistered, RegistrationFailed
from tests.e2e.conversations.conftest import Somebody


async def _code(talking: Running, *options: str) -> str:
    done, printed = await talking.namjai("codes", "new", "--by", "ploy", "--json", *options)
    assert done == 0, printed
    return str(json.loads(printed)["code"])


@pytest.mark.parametrize(("language", "word"), [("th", "ลงทะเบียน"), ("en", "register"), ("zh-TW", "註冊")])
async def test_word_then_code_then_consent(talking: Running, somebody: Somebody, language: str, word: str) -> None:
    person, code = await somebody(language), await _code(talking, "--patient", "HN-1")
    assert (await person.say(word)).buttons
    done = await person.say(code.lower())
    await person.tap(done, next(iter(done.buttons)))
    (fact,) = await person.facts(MemberRegistered)
    assert fact.method == "code"
    assert [each.purpose for each in await person.facts(MemberConsented)] == ["clinician"]


@pytest.mark.parametrize("language", ["th", "en", "zh-TW"])
async def test_a_used_code_is_refused_to_the_next(talking: Running, somebody: Somebody, language: str) -> None:
    first, second = await somebody(language), await somebody(language)
    code = await _code(talking)
    for person in (first, second):
        await person.press("do=registration.open")
        await person.say(code)
    assert await first.facts(MemberRegistered)
    assert [each.reason for each in await second.facts(RegistrationFailed)] == ["used"]


async def test_five_wrong_codes_lock_and_a_good_one_then_waits(talking: Running, somebody: Somebody) -> None:
    person, code = await somebody("en"), await _code(talking)
    for _ in range(5):
        await person.say("register ZZZZ9999")
    await person.say(f"register {code}")
    failed = await person.facts(RegistrationFailed)
    assert [each.tries for each in failed] == [1, 2, 3, 4, 5]
    assert failed[-1].locked_until is not None
    assert not await person.facts(MemberRegistered)


async def test_a_code_taken_back_is_no_longer_good(talking: Running, somebody: Somebody) -> None:
    person, code = await somebody("en"), await _code(talking)
    done, printed = await talking.namjai("codes", "revoke", code, "--by", "ploy")
    assert done == 0, printed
    await person.say(f"register {code}")
    assert [each.reason for each in await person.facts(RegistrationFailed)] == ["expired"]


async def test_a_code_that_never_was_cannot_be_taken_back(talking: Running) -> None:
    done, printed = await talking.namjai("codes", "revoke", "ZZZZ9999", "--by", "ploy")
    assert done == 1
    assert "no such code" in printed


async def test_the_second_factor_arrives_by_mail_and_registers(talking: Running, somebody: Somebody) -> None:
    person, address = await somebody("zh-TW"), "afang@example.org"
    code = await _code(talking, "--email", address)
    asked = await person.say(f"註冊 {code}")
    assert "a***@example.org" in asked.text
    letter = await until(lambda: _letter(talking, address))
    otp = re.search(r"\d{6}", letter)
    assert otp is not None
    assert otp.group() not in asked.text
    await person.say("000000" if otp.group() != "000000" else "000001")
    await person.say(otp.group())
    (fact,) = await person.facts(MemberRegistered)
    assert fact.method == "code_email"


async def _letter(talking: Running, address: str) -> str | None:
    letters = await talking.sim("GET", "mail")
    return next((str(each["text"]) for each in letters if address in str(each["to"])), None)


@pytest.mark.parametrize(
    ("language", "feeling"), [("th", "วันนี้เหนื่อยมาก"), ("en", "I am so tired today"), ("zh-TW", "今天好累")]
)
async def test_talk_in_between_is_answered_and_leads_back(somebody: Somebody, language: str, feeling: str) -> None:
    person = await somebody(language)
    await person.press("do=registration.open")
    answer = await person.say(feeling)
    assert any(action.get("data") == "do=registration.open" for action in answer.buttons.values())


async def test_whoever_does_not_want_to_is_left_alone(somebody: Somebody) -> None:
    person = await somebody("th")
    asked = await person.press("do=registration.open")
    left = await person.tap(asked, "ไว้ก่อน")
    assert left.text
    answer = await person.say("อยากเลิกเหล้า")
    assert not any(action.get("data") == "do=registration.open" for action in answer.buttons.values())
