"""When a person is reminded and when not: once a day, never in a talk, and goodbye after five that nobody answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.composed import Clinic, Scene, View
from namjai.chat.domain.fold import fold
from namjai.chat.domain.messages import problems
from namjai.chat.domain.state import Cue, State
from namjai.chat.domain.visit import Call
from namjai.chat.skills.diary import SKILL
from namjai.chat.skills.diary.reminding import SPREAD_S, UNANSWERED_MAX, Ask, Later, Leave, Rhythm, Standing, on_due
from namjai.chat.skills.diary.texts import texts
from namjai.events import Sealed, Stored, begin
from namjai.events.checkin import CheckInRecorded, ReminderDue, RemindersSet
from namjai.events.message import MessageReceived
from namjai.events.reply import ReplyIssued
from tests.unit.chat.visits import NOW, Talk, buttons
from tests.unit.chat.visits import texts as words_of

BANGKOK = ZoneInfo("Asia/Bangkok")
ZONES = [BANGKOK, ZoneInfo("America/New_York"), ZoneInfo("Europe/London"), ZoneInfo("Pacific/Apia")]
DAILY = Rhythm(BANGKOK)
DUE = datetime(2026, 3, 4, 13, 0, tzinfo=UTC)
SLOT = "2026-03-04"
ON = Standing(on=True, hour=20)
moments = st.integers(0, 60 * 24 * 365).map(
    lambda minutes: datetime(2025, 10, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def due(standing: Standing, now: datetime = DUE) -> Ask | Later | Leave:
    return on_due(standing, SLOT, DUE, "this", now, DAILY)


@given(moments, st.integers(0, 23), st.sampled_from(ZONES), st.text("abcdef0123456789", min_size=1, max_size=12))
def test_the_next_one_is_within_a_day_at_its_hour_and_never_twice_on_one(
    now: datetime, hour: int, zone: ZoneInfo, member: str
) -> None:
    rhythm = Rhythm(zone)
    times = [now]
    for _ in range(5):
        times.append(rhythm.next(times[-1], hour, member))
    assert all(timedelta() < later - before <= timedelta(hours=25, minutes=10) for before, later in pairwise(times))
    assert len({rhythm.slot(each) for each in times[1:]}) == 5
    for each in times[1:]:
        local = each.astimezone(zone)
        assert local.hour == hour or local.utcoffset() != (local - timedelta(hours=3)).utcoffset()
        assert local.minute * 60 + local.second < SPREAD_S or local.hour != hour


def test_people_who_chose_one_hour_are_not_all_written_to_in_one_second() -> None:
    assert len({DAILY.next(DUE, 20, f"member{n}") for n in range(100)}) > 50


def test_for_trying_out_no_hour_is_kept_to() -> None:
    quick = replace(DAILY, every=timedelta(seconds=2))
    assert quick.next(DUE, 8, "m") == DUE + timedelta(seconds=2)
    assert quick.slot(DUE) != quick.slot(DUE + timedelta(seconds=2))


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (ON, Ask(1, last=False)),
        (replace(ON, unanswered=4), Ask(5, last=False)),
        (replace(ON, unanswered=5), Ask(6, last=True)),
        (replace(ON, on=False), Leave()),
        (replace(ON, reachable=False), Leave()),
        (replace(ON, asked=frozenset({"this"})), Leave()),
        (replace(ON, checked_in_at=DUE - timedelta(hours=9)), Leave()),
        (replace(ON, checked_in_at=DUE - timedelta(hours=24)), Ask(1, last=False)),
        (replace(ON, heard_at=DUE - timedelta(minutes=5)), Later(DUE + timedelta(minutes=15))),
        (replace(ON, heard_at=DUE - timedelta(minutes=21)), Ask(1, last=False)),
    ],
)
def test_what_a_due_timer_leads_to(standing: Standing, expected: Ask | Later | Leave) -> None:
    assert due(standing) == expected


def test_one_that_comes_much_too_late_is_left_out() -> None:
    assert due(ON, DUE + timedelta(hours=1, minutes=59)) == Ask(1, last=False)
    assert due(ON, DUE + timedelta(hours=3)) == Leave()
    talking = replace(ON, heard_at=DUE + timedelta(hours=3))
    assert due(talking, DUE + timedelta(hours=3)) == Leave()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_reminder_says_something_else_and_the_last_one_goodbye(language: Language) -> None:
    said = []
    for number in range(1, UNANSWERED_MAX + 2):
        cue = Cue(sequence=1, event="e", kind="reminder", number=number)
        assert SKILL.called is not None
        turn = SKILL.called(Call(cue, View(language, "TH", frozenset()), Scene(NOW, Clinic("th", "TH"))))
        assert turn is not None
        assert turn.kind == "reminder"
        assert [problem for message in turn.messages for problem in problems(message)] == []
        said.append((words_of(turn), "do=diary.stop_reminders" in buttons(turn).values()))
    words = texts(language).reminders
    assert len({each for each, _ in said[:3]}) == 3
    assert said[-1] == (words.goodbye, False)
    assert all(stoppable for _, stoppable in said[:-1])


def test_another_cue_is_not_ours() -> None:
    cue = Cue(sequence=1, event="e", kind="follow_up")
    assert SKILL.called is not None
    assert SKILL.called(Call(cue, View("en", "TH", frozenset()), Scene(NOW, Clinic("th", "TH")))) is None


def test_a_reminder_does_not_take_the_place_of_a_question_of_ours() -> None:
    asked = State(asks="follow_up", through=1)
    due = begin(ReminderDue(number=2), source="t", cause="c", member="m", time=NOW)
    waiting = fold(asked, Stored(2, due))
    assert [(cue.kind, cue.number) for cue in waiting.cues] == [("reminder", 2)]
    reply = ReplyIssued(
        answers=(due.id,),
        through=2,
        kind="reminder",
        responder="fixed",
        content=(),
        review="draft",
        language="en",
        screened=True,
        messages=Sealed([]),
        to=Sealed("U"),
        received_at=NOW,
    )
    said = fold(waiting, Stored(3, begin(reply, source="t", cause="r", member="m", time=NOW)))
    assert said.cues == ()
    assert said.asks == "follow_up"


def written(at: datetime) -> MessageReceived:
    return MessageReceived(
        webhook_event_id="w",
        kind="text",
        message_id="m",
        source_kind="user",
        mode="active",
        sent_at=at,
        received_at=at,
        raw=Sealed("{}"),
    )


def chosen(talk: Talk) -> list[tuple[bool, int | None]]:
    return [(each.fact.on, each.fact.hour) for each in talk.records.said if isinstance(each.fact, RemindersSet)]


@pytest.mark.parametrize(
    ("language", "words", "hour"),
    [("en", "remind me", "8 pm"), ("th", "เตือนฉัน", "สองทุ่ม"), ("zh-TW", "提醒我", "晚上八點")],
)
def test_an_hour_is_typed(language: Language, words: str, hour: str) -> None:
    talk = Talk(SKILL, language=language)
    talk.write(words)
    turn = talk.write(hour)
    assert chosen(talk) == [(True, 20)]
    assert "20:00" in words_of(turn)
    assert talk.flow is None


@pytest.mark.parametrize("words", ["remind me at 8pm", "เตือนฉันตอน 20.00 น.", "提醒我晚上八點"])
def test_an_hour_is_named_at_once(words: str) -> None:
    talk = Talk(SKILL)
    talk.write(words)
    assert chosen(talk) == [(True, 20)]


def test_a_wish_to_be_reminded_of_something_else_is_talk() -> None:
    assert Talk(SKILL).write("remind me why I stopped drinking") is None


def test_the_quiet_hour_is_named_as_it_is_learned() -> None:
    talk = Talk(SKILL)
    for day in range(1, 11):
        talk.records.add(written(NOW - timedelta(days=day)), NOW - timedelta(days=day))
    turn = talk.tap(talk.write("remind me"), "When I'm quiet")
    assert chosen(talk) == [(True, None)]
    assert "19:00" in words_of(turn) or "13:00" in words_of(turn)
    assert isinstance(talk.records.said[0].fact, MessageReceived)


def test_not_now_is_remembered_and_keeps_what_was_set() -> None:
    talk = Talk(SKILL)
    talk.tap(talk.write("remind me"), "Not now")
    assert chosen(talk) == [(False, None)]
    talk.press("do=diary.remind_at&hour=18")
    turn = talk.tap(talk.press("do=diary.remind"), "Not now")
    assert chosen(talk)[-1] == (True, 18)
    assert "18:00" in words_of(turn)


@pytest.mark.parametrize("words", ["stop reminders", "หยุดเตือน", "停止提醒"])
def test_they_are_stopped_by_a_word(words: str) -> None:
    talk = Talk(SKILL)
    talk.press("do=diary.remind_at&hour=18")
    talk.write(words)
    assert chosen(talk)[-1] == (False, None)


def test_an_odd_hour_is_asked_for_again_and_talk_is_not() -> None:
    talk = Talk(SKILL)
    talk.write("remind me")
    assert words_of(talk.write("25:00")) == texts("en").reminders.unread
    assert talk.write("actually my day was terrible") is None


def test_setting_them_does_not_end_a_check_in() -> None:
    talk = Talk(SKILL)
    talk.write("check in")
    talk.write("3")
    turn = talk.tap(talk.write("remind me"), "20:00")
    assert talk.flow is not None
    assert talk.flow.step == "mood"
    assert "Go on with check-in" in buttons(turn)
    for answer in ("5", "no", "skip"):
        talk.write(answer)
    assert [each.fact.mood for each in talk.records.said if isinstance(each.fact, CheckInRecorded)] == [5]
