"""Safety plans of people in three languages, through the real services: written, shown, changed, sent by consent."""

from __future__ import annotations

import asyncio

import pytest

from namjai.devkit.running import Running, until
from namjai.events.conversation import CrisisStarted
from namjai.events.mail import MailRequested, MailSent
from namjai.events.plan import PlanShared, PlanWritten
from namjai.events.sealed import StillSealed
from tests.e2e.conversations.conftest import Person, Somebody, Turn

WRITE = {"en": "Write my plan", "th": "เขียนแผนของฉัน", "zh-TW": "寫我的計畫"}
NEXT = {"en": "Next step", "th": "ขั้นต่อไป", "zh-TW": "下一步"}
WORD = {"en": "safety plan", "th": "แผนความปลอดภัย", "zh-TW": "安全計畫"}
OWN = {
    "en": ["I stop answering", "Cold water", "The river", "My sister Nok", "Dr Chai", "No bottles at home"],
    "th": ["ไม่รับโทรศัพท์", "ล้างหน้า", "ริมน้ำ", "พี่นก", "หมอชัย", "ไม่มีขวดในบ้าน"],
    "zh-TW": ["不接電話", "洗冷水臉", "河邊", "姊姊小美", "陳醫師", "家裡不放酒瓶"],
}


async def written(person: Person, language: str) -> Turn:
    """Somebody writes a line for every step."""
    turn = await person.tap(await person.say(WORD[language]), WRITE[language])
    for line in OWN[language]:
        await person.say(line)
        turn = await person.press(f"do=plan.next&at={STEPS[OWN[language].index(line)]}")
    return turn


STEPS = ["signs", "coping", "places", "people", "professionals", "surroundings"]


async def test_a_plan_is_written_and_shown_on_one_word(somebody: Somebody) -> None:
    await asyncio.gather(*[_a_plan_is_written(await somebody(language), language) for language in OWN])


async def _a_plan_is_written(person: Person, language: str) -> None:
    turn = await written(person, language)
    assert all(line in turn.text for line in OWN[language])
    turn = await person.say(WORD[language])
    assert all(line in turn.text for line in OWN[language])
    facts = await person.facts(PlanWritten)
    assert [fact.step for fact in facts] == STEPS
    with pytest.raises(StillSealed):  # nobody reads it in the log
        _ = facts[0].text.value


@pytest.mark.parametrize(("language", "number"), [("en", "1323"), ("th", "1323"), ("zh-TW", "1925")])
async def test_examples_can_be_tapped_and_the_lines_are_always_there(
    somebody: Somebody, language: str, number: str
) -> None:
    person = await somebody(language)
    turn = await person.press("do=plan.edit&at=professionals")
    assert number in turn.text
    turn = await person.press("do=plan.pick&at=professionals&n=0")
    turn = await person.press("do=plan.done&at=professionals")
    assert any(action.get("uri") == f"tel:{number}" for action in turn.buttons.values())


async def test_in_a_crisis_the_plan_is_one_tap_away(somebody: Somebody) -> None:
    person = await somebody("th")
    await person.press("do=plan.edit&at=coping")
    await person.say("ฟังเพลงของแม่")
    turn = await person.say("อยากตาย คืนนี้จะทำแน่ๆ")
    assert "1323" in turn.text
    turn = await person.tap(turn, "แผนความปลอดภัย")
    assert "ฟังเพลงของแม่" in turn.text
    assert "cmd=emergency" in {action.get("data") for action in turn.buttons.values()}
    assert len(await person.facts(CrisisStarted)) == 1
    turn = await person.say("อืม")  # and the held conversation goes on where it was
    assert "แผนความปลอดภัย" in turn.buttons


async def test_who_has_no_plan_is_not_asked_to_write_one_in_a_crisis(somebody: Somebody) -> None:
    person = await somebody("zh-TW")
    turn = await person.say("我想死，今晚就要動手")
    assert "安全計畫" not in turn.buttons
    turn = await person.say("安全計畫")
    assert "1925" in turn.text
    assert WRITE["zh-TW"] not in turn.buttons


async def test_writing_is_interrupted_and_goes_on(somebody: Somebody) -> None:
    person = await somebody("en")
    turn = await person.tap(await person.say("my safety plan"), WRITE["en"])
    await person.say("My thoughts race")
    turn = await person.say("are you a real person?")
    assert "Go on with my plan" in turn.buttons
    turn = await person.tap(turn, "Go on with my plan")
    assert "My thoughts race" in turn.text
    turn = await person.tap(turn, "Stop for now")
    assert "kept" in turn.text
    turn = await person.say("safety plan")
    assert "My thoughts race" in turn.text
    assert "Fill in the rest" in turn.buttons


async def test_a_step_is_cleared(somebody: Somebody) -> None:
    person = await somebody("zh-TW")
    await person.press("do=plan.edit&at=people")
    turn = await person.say("小明 0912345678")
    assert "小明 0912345678" in turn.text
    turn = await person.tap(turn, "清空這一步")
    assert "小明" not in turn.text
    turn = await person.say("安全計畫")
    assert "小明" not in turn.text


async def test_it_is_sent_to_the_one_who_is_trusted_by_consent_and_a_yes(somebody: Somebody, talking: Running) -> None:
    sending = [("en", "Mali", "Yes, send it now"), ("th", "มะลิ", "ส่งเลยตอนนี้"), ("zh-TW", "茉莉", "好，現在寄出")]
    await asyncio.gather(*[_it_is_sent(await somebody(each[0]), talking, *each) for each in sending])


async def _it_is_sent(person: Person, talking: Running, language: str, name: str, send: str) -> None:
    address = f"m{person.id[1:9]}@mail.example.com"
    await person.press("do=plan.edit&at=coping")
    await person.say(OWN[language][1])
    turn = await person.press("do=plan.share")
    assert "cmd=contact" in {action.get("data") for action in turn.buttons.values()}
    await person.press("cmd=contact")
    await person.say(f"{name} {address}")
    turn = await person.press("do=plan.share")
    assert send not in turn.buttons
    await person.press("cmd=consent&purpose=contact&granted=yes")
    turn = await person.press("do=plan.share")
    assert address in turn.text
    assert await person.facts(MailRequested) == []
    await person.tap(turn, send)
    (mail,) = await person.facts(MailRequested)
    (shared,) = await person.facts(PlanShared)
    assert (mail.kind, mail.language) == ("plan", language)
    (sent,) = await until(lambda: person.facts(MailSent))
    assert sent.request == shared.mail
    (letter,) = [each for each in await talking.sim("GET", "mail") if each["to"] == [address]]
    assert name in letter["text"]
    assert OWN[language][1] in letter["text"]


async def test_without_an_address_nothing_is_sent_and_it_is_said(somebody: Somebody) -> None:
    person = await somebody("en", agreed=("contact",))
    await person.press("do=plan.edit&at=signs")
    await person.say("I cannot sleep at all")
    await person.press("cmd=contact")
    await person.say("Somchai 081 234 5678")
    turn = await person.press("do=plan.share")
    assert "no e-mail address" in turn.text
    assert await person.facts(MailRequested) == []


async def test_a_late_or_invented_button_harms_nobody(somebody: Somebody) -> None:
    person = await somebody("en")
    for data in ("do=plan.send", "do=plan.next&at=signs", "do=plan.pick&at=signs&n=7", "do=plan.dance"):
        assert (await person.press(data)).text
    assert await person.facts(PlanWritten) == []
    assert await person.facts(MailRequested) == []
