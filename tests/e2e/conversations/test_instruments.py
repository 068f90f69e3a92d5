"""Questionnaires in conversation: chosen, answered, left, gone on with, and heard where they are about death."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from namjai.devkit.running import Running, until
from namjai.events.alert import AlertRaised
from namjai.events.conversation import CrisisEnded, CrisisStarted
from namjai.events.instrument import InstrumentAnswered, InstrumentCompleted, InstrumentStarted, InstrumentStopped
from namjai.events.reply import ReplyIssued
from namjai.events.risk import RiskAssessed
from tests.e2e.conversations.conftest import ANSWER_S, Person, Somebody, Turn, as_json

FORMS = {"th": "แบบประเมิน", "en": "forms", "zh-TW": "量表"}
BEGIN = {"th": "เริ่มทำ", "en": "Begin", "zh-TW": "開始填寫"}
GO_ON = {"th": "ทำแบบประเมินต่อ", "en": "Continue the form", "zh-TW": "繼續填量表"}
STOP = {"th": "หยุดทำแบบนี้", "en": "Stop the form", "zh-TW": "停止填寫"}


async def started(person: Person, language: str, form: str) -> Turn:
    """The first question of a form, found in the list as people find it."""
    shown = await person.tap(await person.say(FORMS[language]), form)
    return await person.tap(shown, BEGIN[language])


async def tapped(person: Person, turn: Turn, labels: Sequence[str]) -> Turn:
    """The turn after these answers, one after the other."""
    for label in labels:
        turn = await person.tap(turn, label)
    return turn


async def typed(person: Person, answers: Sequence[str]) -> Turn:
    """The turn after these typed words."""
    turns = [await person.say(words) for words in answers]
    return turns[-1]


async def completed(person: Person) -> InstrumentCompleted:
    (ended,) = await person.facts(InstrumentCompleted)
    return ended


async def test_in_thai_a_form_is_chosen_filled_in_with_buttons_and_its_result_told(somebody: Somebody) -> None:
    person = await somebody("th")
    shown = await person.tap(await person.say("แบบประเมิน"), "PHQ-9")
    for expected in ("ไม่ใช่การวินิจฉัย", "Pfizer", "ยังไม่ได้เทียบกับต้นฉบับ"):
        assert expected in shown.text
    first = await person.tap(shown, "เริ่มทำ")
    assert "เพลิดเพลิน" in first.text
    assert list(first.buttons)[:4] == ["ไม่เลย", "มีบางวันหรือไม่บ่อย", "มีค่อนข้างบ่อย", "มีเกือบทุกวัน"]
    over = await tapped(person, first, ["มีค่อนข้างบ่อย"] * 6 + ["ไม่เลย"] * 3 + ["ลำบากบ้าง"])
    assert "12 จาก 27 คะแนน – ปานกลาง" in over.text
    assert "ไม่ใช่การวินิจฉัย" in over.text
    ended = await completed(person)
    assert (ended.instrument, ended.total, ended.band, ended.positive) == ("phq-9", 12, "moderate", True)
    assert [(fact.item, fact.value) for fact in await person.facts(InstrumentAnswered)][:2] == [(1, 2), (2, 2)]
    assert len(await person.facts(InstrumentAnswered)) == 10
    replies = [each for each in await person.facts(ReplyIssued) if each.skill == "instruments"]
    assert {(each.responder, each.uses, each.review) for each in replies} == {("fixed", (), "draft")}


async def test_answers_can_be_typed_and_one_that_is_none_is_asked_again(somebody: Somebody) -> None:
    person = await somebody("en")
    await started(person, "en", "GAD-7")
    await typed(person, ["2", "several days", "幾乎每天"])
    again = await person.say("7")
    assert "Which of these is closest?" in again.text
    assert "Trouble relaxing" in again.text
    over = await tapped(person, await person.say("๑"), ["Not at all", "Several days", "Several days"])
    assert "9 of 21 points – mild" in over.text
    assert [fact.value for fact in await person.facts(InstrumentAnswered)] == [2, 1, 3, 1, 0, 1, 1]


async def test_in_chinese_the_mood_thermometer_comes_first_and_its_last_item_raises_an_alert(
    somebody: Somebody,
) -> None:
    person = await somebody("zh-TW")
    shown = await person.say("量表")
    assert next(iter(shown.buttons)) == "心情溫度計 BSRS-5"
    first = await person.tap(await person.tap(shown, "心情溫度計 BSRS-5"), "開始填寫")
    over = await tapped(person, first, ["輕微", "完全沒有", "輕微", "完全沒有", "完全沒有", "中等程度"])
    assert "2 分（滿分 20）" in over.text
    assert "不論總分多少" in over.text
    assert "tel:1925" in as_json(over)
    alert = (await until(lambda: person.facts(AlertRaised)))[0]
    assert (alert.level, alert.category) == ("medium", "suicide")
    assert "suicide_thoughts" in (await completed(person)).flags


async def test_thoughts_of_death_nearly_every_day_bring_the_card_and_the_form_waits(somebody: Somebody) -> None:
    person = await somebody("en")
    first = await started(person, "en", "PHQ-9")
    cared = await tapped(person, first, ["Not at all"] * 8 + ["Nearly every day"])
    assert "takes courage" in cared.text
    assert "tel:1323" in as_json(cared)
    alert = (await until(lambda: person.facts(AlertRaised)))[0]
    assert (alert.level, alert.category) == ("high", "suicide")
    (answered,) = [fact for fact in await person.facts(InstrumentAnswered) if fact.about_death and fact.value]
    assert (answered.item, answered.value) == (9, 3)
    assert any(each.level == "high" for each in await person.facts(RiskAssessed))
    asks = "q=safe_now&a=no"
    card = cared if asks in as_json(cared) else await person.listen()  # it may come in the same moment
    assert "tel:1323" in as_json(card)
    assert asks in as_json(card)
    await until(lambda: person.facts(CrisisStarted))
    held = await person.press("do=instruments.resume")  # in a crisis its own question comes first
    assert "How difficult" not in held.text
    assert not await person.facts(InstrumentCompleted)
    await person.press("cmd=safe")
    await person.press("q=confirm_safe&a=yes")
    await until(lambda: person.facts(CrisisEnded))
    back = await person.press("do=instruments.resume")
    assert "How difficult" in back.text
    assert "3 of 27" in (await person.tap(back, "Not difficult at all")).text


async def test_the_thai_chain_goes_from_two_questions_to_nine_to_eight(somebody: Somebody) -> None:
    person = await somebody("th")
    over = await tapped(person, await started(person, "th", "2Q"), ["มี", "ไม่มี"])
    first = await person.tap(await person.tap(over, "9Q"), "เริ่มทำ")
    over = await tapped(person, first, ["เป็นทุกวัน"] * 3 + ["ไม่มีเลย"] * 6)
    assert "9 จาก 27 คะแนน – ระดับน้อย" in over.text
    first = await person.tap(await person.tap(over, "8Q"), "เริ่มทำ")
    assert "ข้ามข้อนี้" not in first.buttons  # nothing is left out here
    over = await tapped(person, first, ["ไม่มี"] * 8)
    assert "0 จาก 52" in over.text
    totals = [(each.instrument, each.total, each.positive) for each in await person.facts(InstrumentCompleted)]
    assert totals == [("2q", 1, True), ("9q", 9, True), ("8q", 0, False)]


async def test_somebody_goes_back_and_answers_anew(somebody: Somebody) -> None:
    person = await somebody("zh-TW")
    turn = await tapped(person, await started(person, "zh-TW", "GAD-7"), ["幾乎每天", "幾乎每天"])
    turn = await tapped(person, turn, ["上一題", "上一題"])
    assert "心神不寧" in turn.text
    over = await tapped(person, turn, ["完全沒有"] * 7)
    assert "0 分（滿分 21）" in over.text
    assert (await completed(person)).total == 0


async def test_a_question_left_out_means_no_score_and_no_reproach(somebody: Somebody) -> None:
    person = await somebody("th")
    turn = await person.tap(await started(person, "th", "GAD-7"), "ข้ามข้อนี้")
    over = await tapped(person, turn, ["ไม่เลย"] * 6)
    assert "ครั้งนี้จึงไม่มีผล" in over.text
    (stop,) = await person.facts(InstrumentStopped)
    assert (stop.instrument, stop.answered, stop.reason) == ("gad-7", 6, "skipped")
    assert not await person.facts(InstrumentCompleted)


@pytest.mark.parametrize("language", ["th", "en", "zh-TW"])
async def test_a_form_can_be_stopped_and_begun_anew(somebody: Somebody, language: str) -> None:
    person = await somebody(language)
    over = await person.tap(await started(person, language, "DAST-10"), STOP[language])
    assert GO_ON[language] not in over.buttons
    (stop,) = await person.facts(InstrumentStopped)
    assert (stop.answered, stop.reason) == (0, "person")
    await started(person, language, "DAST-10")
    assert len(await person.facts(InstrumentStarted)) == 2


@pytest.mark.parametrize(
    ("language", "words", "second"),
    [
        ("th", "วันนี้ทะเลาะกับแม่มา เหนื่อยใจจัง", "ควบคุมความกังวลไม่ได้"),
        ("en", "I had a row with my mother today and I am tired", "control worrying"),
        ("zh-TW", "今天和媽媽吵了一架，好累", "控制擔憂"),
    ],
)
async def test_other_words_in_between_are_answered_and_the_form_waits(
    somebody: Somebody, language: str, words: str, second: str
) -> None:
    person = await somebody(language)
    await started(person, language, "GAD-7")
    await person.say("1")
    between = await person.say(words)
    assert second not in between.text
    assert second in (await person.tap(between, GO_ON[language])).text
    spoke = [each.skill for each in await person.facts(ReplyIssued)]
    assert spoke[-2:] == ["support", "instruments"]


async def test_a_form_goes_on_where_it_was_after_chat_was_killed(talking: Running, somebody: Somebody) -> None:
    person = await somebody("zh-TW")
    turn = await tapped(person, await started(person, "zh-TW", "GAD-7"), ["幾天", "幾天"])
    killed = talking.kill("chat")

    async def started_again() -> bool:
        return bool(talking.run["services"]["chat"]["pid"] != killed)

    await until(started_again, ANSWER_S)
    turn = await person.tap(turn, "幾天")
    assert "第 4 題" in turn.text
    over = await tapped(person, turn, ["幾天"] * 4)
    assert "7 分（滿分 21）" in over.text
    assert [fact.item for fact in await person.facts(InstrumentAnswered)] == [1, 2, 3, 4, 5, 6, 7]


async def test_danger_in_the_middle_of_a_form_comes_before_the_form(somebody: Somebody) -> None:
    person = await somebody("th")
    await started(person, "th", "AUDIT-C")
    card = await person.say("อยากตาย คืนนี้จะทำแน่ๆ")
    assert "tel:1323" in as_json(card)
    assert (await until(lambda: person.facts(AlertRaised)))[0].level == "crisis"
    assert not await person.facts(InstrumentAnswered)


async def test_long_answers_are_rows_of_a_card_and_a_cut_off_that_depends_on_sex_says_so(somebody: Somebody) -> None:
    person = await somebody("en")
    first = await started(person, "en", "AUDIT-C")
    assert first.kinds == ["flex"]
    last = await tapped(person, first, ["2–3 times a week", "1 or 2 drinks"])
    over = await person.tap(last, "Never")
    assert "3 of 12 points" in over.text
    assert "4 for men and 3 for women" in over.text
    assert "All points come from the first question" in over.text
    ended = await completed(person)
    assert (ended.total, ended.positive, ended.flags) == (3, True, ("confirm_intake", "sex_unknown"))


async def test_not_answering_about_suicide_counts_as_a_yes_and_now_is_asked(somebody: Somebody) -> None:
    person = await somebody("en")
    cared = await person.tap(await started(person, "en", "ASQ"), "I'd rather not say")
    assert "takes courage" in cared.text
    second = await person.tap(cared, "Continue the form")
    last = await tapped(person, second, ["No", "No", "No"])
    assert "right now" in last.text
    over = await person.tap(last, "No")
    assert "worth a talk soon" in over.text
    assert (await completed(person)).band == "positive"
    assert (await until(lambda: person.facts(AlertRaised)))[0].level == "medium"


async def test_assist_goes_on_only_with_the_substances_that_were_named(somebody: Somebody) -> None:
    person = await somebody("th")
    turn = await started(person, "th", "ASSIST")
    assert "ยาสูบ" in turn.text
    turn = await tapped(person, turn, ["ไม่เคย", "เคย", *["ไม่เคย"] * 8])
    assert "แอลกอฮอล์" in turn.text
    turn = await tapped(person, turn, ["ทุกสัปดาห์", "ทุกสัปดาห์", "ไม่เคย", "ไม่เคย", "เคย ใน 3 เดือนนี้", "ไม่เคย"])
    over = await person.tap(turn, "ไม่เคย")
    assert "แอลกอฮอล์: 15 จาก 39 – ความเสี่ยงปานกลาง" in over.text
    assert (await completed(person)).subscores == {"alcohol": 15}


async def test_a_form_whose_wording_belongs_to_others_is_not_offered(somebody: Somebody) -> None:
    person = await somebody("en")
    shown = await person.say("forms")
    assert "C-SSRS" not in shown.text
    for data in ("do=instruments.begin&form=c-ssrs", "do=instruments.open&form=c-ssrs", "do=instruments.begin&form=x"):
        assert "[wording" not in (await person.press(data)).text
    assert not await person.facts(InstrumentStarted)
