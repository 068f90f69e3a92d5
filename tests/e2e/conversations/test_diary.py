"""The diary with people of three languages, through the real services: check-ins, lapses, the picture, reminders."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from namjai.devkit.running import until
from namjai.events import begin
from namjai.events.checkin import CheckInRecorded, ReminderDue, RemindersSet
from namjai.events.conversation import ExerciseEnded, FlowMoved, TurnSkipped
from namjai.events.message import PostbackReceived
from namjai.events.reply import ReplyIssued
from tests.e2e.conftest import REMINDERS_EVERY_S
from tests.e2e.conversations.conftest import Person, Somebody, Turn, as_json

CHECK_IN = {"en": "check in", "th": "เช็คอิน", "zh-TW": "打卡"}
LINES = {"en": "Numbers to call", "th": "เบอร์ที่โทรได้", "zh-TW": "可以打的電話"}
READ_MAX = 20
"""So many turns a test reads at most until the one it waits for comes: reminders come in between."""


async def checked_in(person: Person, language: str, *answers: str) -> Turn:
    """The end of a check-in with these typed answers."""
    turn = await person.say(CHECK_IN[language])
    for answer in answers:
        turn = await person.say(answer)
    return turn


async def noted(person: Person, *used: bool) -> None:
    """Check-ins of the days before today, one a day, as they would be in the log by now."""
    await person.facts(PostbackReceived)  # whose log it is
    now = datetime.now(UTC)
    async with person.namjai.log() as (_, log):
        for ago, each in enumerate(reversed(used), start=1):
            fact = CheckInRecorded(craving=3, mood=6, used=each)
            cause = f"{person.member}-{ago}"
            await log.append(
                [begin(fact, source="test", cause=cause, member=person.member, time=now - timedelta(days=ago))]
            )


async def until_it_says(person: Person, words: str, turn: Turn | None = None) -> Turn:
    """The turn that has these words in it."""
    for _ in range(READ_MAX):
        if turn is not None and words in turn.text:
            return turn
        turn = await person.listen()
    raise AssertionError(f"never said: {words}")


@pytest.mark.parametrize(
    ("language", "answers", "thanks", "diary"),
    [
        ("en", ("3", "seven", "no", "long walk by the river"), "first day without using", "1 day"),
        ("th", ("๓", "เจ็ด", "ไม่ได้ใช้", "ไปเดินริมแม่น้ำมา"), "วันแรกที่ไม่ได้ใช้", "1 วัน"),
        ("zh-TW", ("三", "七", "沒有", "去河邊散步"), "第一個沒有使用的日子", "1 天"),
    ],
)
async def test_a_day_is_told_and_looked_at(
    somebody: Somebody, language: str, answers: tuple[str, ...], thanks: str, diary: str
) -> None:
    person = await somebody(language)
    turn = await checked_in(person, language, *answers)
    assert thanks in turn.text
    (fact,) = await person.facts(CheckInRecorded)
    assert (fact.craving, fact.mood, fact.used) == (3, 7, False)
    assert fact.note is not None
    assert (await person.facts(FlowMoved))[-1].step == "done"
    shown = await person.tap(turn, {"en": "My diary", "th": "บันทึกของฉัน", "zh-TW": "我的日記"}[language])
    assert shown.kinds == ["text", "flex"]
    assert diary in shown.text
    assert answers[-1] in shown.text
    assert answers[-1] not in shown.messages[1]["altText"]
    assert "3.0" in shown.messages[1]["altText"]


async def test_one_question_at_a_time_with_numbers_to_tap_a_way_back_and_what_is_kept(somebody: Somebody) -> None:
    person = await somebody("en")
    turn = await person.press("do=diary.open")
    assert "encrypted with a key of your own" in turn.text
    assert "1 of 4" in turn.text
    turn = await person.tap(await person.tap(turn, "8"), "Back")
    assert "1 of 4" in turn.text
    for label in ("2", "9", "I'd rather not say", "Nothing to add"):
        turn = await person.tap(turn, label)
    assert await person.facts(CheckInRecorded) == [CheckInRecorded(craving=2, mood=9)]


@pytest.mark.parametrize(
    ("language", "yes", "not_lost", "after"),
    [
        ("en", "yes", "Your 12 days are not lost", "12 days"),
        ("th", "ใช้", "12 วัน ของคุณไม่ได้หายไปไหน", "12 วัน"),
        ("zh-TW", "有", "你的 12 天沒有白費", "12 天"),
    ],
)
async def test_a_lapse_after_a_streak_is_met_with_warmth(
    somebody: Somebody, language: str, yes: str, not_lost: str, after: str
) -> None:
    person = await somebody(language)
    await noted(person, *[False] * 12)
    turn = await checked_in(person, language, "4", "5", yes, "-")
    assert not_lost in turn.text
    shown = await person.press("do=diary.view")
    assert after in shown.text
    assert '"0' not in as_json(shown)


@pytest.mark.parametrize(
    ("language", "stop", "kept"),
    [
        ("en", "Stop here", "is in your diary"),
        ("th", "พอแค่นี้", "ที่เล่ามาแล้วอยู่ในบันทึกของคุณ"),
        ("zh-TW", "先到這裡", "已經記進日記"),
    ],
)
async def test_who_stops_half_way_keeps_what_was_said(somebody: Somebody, language: str, stop: str, kept: str) -> None:
    person = await somebody(language)
    turn = await person.tap(await checked_in(person, language, "2", "6"), stop)
    assert kept in turn.text
    assert await person.facts(CheckInRecorded) == [CheckInRecorded(craving=2, mood=6)]


async def test_somebody_who_has_something_to_tell_is_heard_and_finds_the_way_back(somebody: Somebody) -> None:
    person = await somebody("en")
    await checked_in(person, "en", "3")
    heard = await person.say("I had a terrible fight with my brother and I feel so angry")
    assert (await person.facts(ReplyIssued))[-1].skill == "support"
    turn = await person.tap(heard, "Go on with check-in")
    assert "2 of 4" in turn.text


async def test_a_strong_craving_is_ridden_out_at_once(somebody: Somebody) -> None:
    person = await somebody("th")
    turn = await checked_in(person, "th", "9", "6", "ไม่ได้ใช้", "ข้าม")
    assert "มันขึ้นได้ก็ลงได้" in turn.text
    turn = await person.tap(turn, "โต้คลื่นความอยาก")
    turn = await person.tap(turn, "9")
    await person.tap(turn, "หยุดตรงนี้")
    assert [each.exercise for each in await person.facts(ExerciseEnded)] == ["urge_surfing"]


async def test_a_very_low_mood_finds_numbers_to_call_and_the_plan(somebody: Somebody) -> None:
    person = await somebody("zh-TW")
    turn = await checked_in(person, "zh-TW", "1", "1", "沒有", "跳過")
    assert "不必一個人承擔" in turn.text
    assert "我的安全計畫" in turn.buttons
    assert "1925" in as_json(await person.tap(turn, LINES["zh-TW"]))


async def test_a_badge_is_told_on_its_day_and_the_next_one_shown(somebody: Somebody) -> None:
    person = await somebody("en")
    await noted(person, *[False] * 6)
    turn = await checked_in(person, "en", "1", "8", "no", "skip")
    assert "7 days in a row" in turn.text
    assert "🍀 7 days" in turn.text
    shown = await person.say("my diary")
    assert "Next: 📔 Ten check-ins · 7 of 10" in shown.text


async def test_asking_to_delete_the_diary_is_answered_honestly(somebody: Somebody) -> None:
    person = await somebody("th")
    turn = await person.say("ลบไดอารี่")
    assert "ลบเฉพาะบันทึกไม่ได้" in turn.text
    assert turn.buttons["ลบข้อมูลของฉัน"]["data"] == "cmd=erase"


@pytest.mark.parametrize(
    ("language", "remind", "at", "answer", "off"),
    [
        ("en", "remind me", "8 pm", "Check in", "I won't remind you any more"),
        ("th", "เตือนฉัน", "สองทุ่ม", "เช็กอิน", "จะไม่เตือนแล้ว"),
        ("zh-TW", "提醒我", "晚上八點", "打卡", "之後不再提醒你"),
    ],
)
async def test_a_reminder_comes_is_answered_and_is_stopped(
    somebody: Somebody, language: str, remind: str, at: str, answer: str, off: str
) -> None:
    person = await somebody(language)
    await person.say(remind)
    assert "20:00" in (await person.say(at)).text
    reminded = await person.listen()
    assert answer in reminded.buttons
    stopping = {"en": "stop reminders", "th": "หยุดเตือน", "zh-TW": "停止提醒"}[language]
    await until_it_says(person, off, await person.say(stopping))
    count = len(await person.facts(ReminderDue))
    await person.tap(reminded, answer)
    for value in ("2", "7", "-", "-"):
        await person.say(value)
    assert await person.facts(CheckInRecorded) == [CheckInRecorded(craving=2, mood=7)]
    await asyncio.sleep(REMINDERS_EVERY_S * 2)
    assert len(await person.facts(ReminderDue)) == count
    assert [each.kind for each in await person.facts(ReplyIssued)].count("reminder") == count
    pushed = [each["message"] for each in await person.namjai.chat(person.id) if each["via"] == "push"]
    assert reminded.messages[0]["text"] in [message["text"] for message in pushed]


async def test_five_that_nobody_answers_stop_by_themselves_with_a_goodbye(somebody: Somebody) -> None:
    person = await somebody("en")
    await person.press("do=diary.remind_at&hour=quiet")
    turn = await until_it_says(person, "I stop reminding you now")
    assert "Remind me" in turn.buttons

    async def stopped() -> bool:
        return (await person.facts(RemindersSet))[-1].on is False

    await until(stopped)
    assert [(each.on, each.by) for each in await person.facts(RemindersSet)] == [(True, "person"), (False, "bot")]
    await asyncio.sleep(REMINDERS_EVERY_S * 2)
    assert [each.number for each in await person.facts(ReminderDue)] == [1, 2, 3, 4, 5, 6]


async def test_in_a_crisis_nobody_is_asked_how_their_day_was(somebody: Somebody) -> None:
    person = await somebody("en")
    await person.press("do=diary.remind_at&hour=20")
    await person.say("I am going to kill myself tonight")

    async def held_back() -> bool:
        return [each.reason for each in await person.facts(TurnSkipped)].count("crisis") >= 2

    await until(held_back)
    replies = await person.facts(ReplyIssued)
    card = next(n for n, each in enumerate(replies) if each.urgent)
    assert "reminder" not in [each.kind for each in replies[card:]]


async def test_who_wants_quiet_is_not_reminded_until_they_are_back(somebody: Somebody) -> None:
    person = await somebody("zh-TW")
    await person.press("do=diary.remind_at&hour=20")
    await until_it_says(person, "安靜", await person.say("停止"))
    await asyncio.sleep(REMINDERS_EVERY_S / 2)
    count = len(await person.facts(ReminderDue))
    await asyncio.sleep(REMINDERS_EVERY_S * 2)
    assert len(await person.facts(ReminderDue)) == count
    await person.say("開始")
    await until_it_says(person, "今天過得怎麼樣")
    await until_it_says(person, "不再提醒你", await person.say("停止提醒"))
