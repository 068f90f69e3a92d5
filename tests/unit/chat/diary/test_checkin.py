"""A check-in: one question a bubble, tapped or typed, back, skipped, stopped, gone on with; and what follows it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.composed import Composed
from namjai.chat.domain.messages import problems
from namjai.chat.domain.visit import Visit
from namjai.chat.skills.diary import SKILL
from namjai.chat.skills.diary.checkin import NOTE_CHARS_MAX, At, Stopped, Unread, said
from namjai.chat.skills.diary.skill import OPEN_FOR
from namjai.chat.skills.diary.texts import STEPS, preload, texts
from namjai.events import Sealed
from namjai.events.checkin import CheckInRecorded, RemindersSet
from namjai.events.conversation import ExerciseEnded
from tests.unit.chat.visits import NOW, Talk, buttons
from tests.unit.chat.visits import texts as words_of

BEGIN = {"th": "เช็คอิน", "en": "check in", "zh-TW": "打卡"}
ANSWERS = {
    "th": ("๓", "เจ็ด", "ไม่ได้ใช้ค่ะ", "ไปเดินเล่นมา"),
    "en": ("3", "seven", "no, thanks", "went for a walk"),
    "zh-TW": ("三", "七分", "沒有喔", "去散步了"),
}


class Talking(Talk):
    """A talk in a clinic that has more skills on, with somebody who may not be calm."""

    calm: bool = True

    def visit(self, *arguments: Any) -> Visit:
        visit = super().visit(*arguments)
        return replace(visit, calm=self.calm, scene=replace(visit.scene, skills=frozenset({"diary", "coping", "plan"})))


def recorded(talk: Talk) -> list[CheckInRecorded]:
    return [each.fact for each in talk.records.said if isinstance(each.fact, CheckInRecorded)]


def kept(talk: Talk, *used: bool | None, until: datetime = NOW) -> None:
    """A check-in a day up to the day before."""
    for n, each in enumerate(reversed(used), start=1):
        talk.records.add(CheckInRecorded(craving=2, mood=6, used=each), at=until - timedelta(days=n))
    talk.records.said.sort(key=lambda each: each.at)


def bubble(turn: Composed | None) -> str:
    assert turn is not None
    return json.dumps([message for message in turn.messages if message["type"] == "flex"], ensure_ascii=False)


def checked_in(talk: Talk, *values: str) -> Composed | None:
    """The end of a check-in with these buttons."""
    turn = talk.press("do=diary.checkin")
    for step, value in zip(STEPS, values, strict=True):
        turn = talk.press(f"do=diary.set&at={step}&value={value}")
    return turn


def test_every_language_has_every_word() -> None:
    preload()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_check_in_is_typed_in_any_language(language: Language) -> None:
    talk = Talk(SKILL, language=language)
    turn = talk.write(BEGIN[language])
    assert texts(language).kept in words_of(turn)
    for answer, step in zip(ANSWERS[language], STEPS, strict=True):
        assert texts(language).ask[step] in bubble(turn)
        assert turn is not None
        assert [problem for message in turn.messages for problem in problems(message)] == []
        turn = talk.write(answer)
    (fact,) = recorded(talk)
    assert (fact.craving, fact.mood, fact.used) == (3, 7, False)
    assert fact.note is not None
    assert fact.note.value == ANSWERS[language][3]
    assert texts(language).end.clean_first in words_of(turn)
    assert texts(language).badges["first"].shown in words_of(turn)
    assert talk.flow is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_check_in_is_tapped(language: Language) -> None:
    talk = Talk(SKILL, language=language)
    labels = texts(language).labels
    turn = talk.tap(talk.tap(talk.write(BEGIN[language]), "10"), "0")
    assert list(buttons(turn))[:3] == [labels["no"], labels["yes"], labels["rather_not"]]
    turn = talk.tap(talk.tap(turn, labels["rather_not"]), labels["no_note"])
    assert recorded(talk) == [CheckInRecorded(craving=10, mood=0)]


def test_what_is_kept_is_said_once() -> None:
    talk = Talk(SKILL)
    kept(talk, False)
    turn = talk.write("check in")
    assert turn is not None
    assert [message["type"] for message in turn.messages] == ["flex"]


def test_skipped_is_none_and_never_zero_and_all_skipped_is_no_check_in() -> None:
    talk = Talk(SKILL)
    checked_in(talk, "skip", "4", "skip", "skip")
    assert recorded(talk) == [CheckInRecorded(mood=4)]
    turn = checked_in(talk, "skip", "skip", "skip", "skip")
    assert len(recorded(talk)) == 1
    assert words_of(turn) == texts("en").end.nothing


def test_back_asks_again_and_the_new_answer_counts() -> None:
    talk = Talk(SKILL)
    talk.write("check in")
    talk.write("7")
    turn = talk.write("back")
    assert "Check-in · 1 of 4" in bubble(turn)
    for answer in ("4", "6", "prefer not to say", "-"):
        talk.write(answer)
    assert recorded(talk) == [CheckInRecorded(craving=4, mood=6)]


@pytest.mark.parametrize("stop", ["Stop here", "enough for now", "พอแล้ว", "夠了"])
def test_who_stops_half_way_keeps_what_was_said(stop: str) -> None:
    talk = Talk(SKILL)
    talk.write("check in")
    talk.write("3")
    turn = talk.write(stop)
    assert texts("en").stopped_kept in words_of(turn)
    assert recorded(talk) == [CheckInRecorded(craving=3)]
    assert talk.flow is None


def test_who_stops_before_saying_anything_leaves_nothing() -> None:
    talk = Talk(SKILL)
    turn = talk.tap(talk.write("check in"), "Stop here")
    assert words_of(turn) == texts("en").stopped_empty
    assert recorded(talk) == []


def test_who_stops_after_a_strong_craving_still_finds_help() -> None:
    talk = Talking(SKILL)
    talk.write("check in")
    talk.write("9")
    turn = talk.tap(talk.write("1"), "Stop here")
    assert texts("en").end.craving_high in words_of(turn)
    assert texts("en").end.mood_low in words_of(turn)
    assert list(buttons(turn))[:3] == ["Ride the urge", "Numbers to call", "My safety plan"]


def test_somebody_interrupted_goes_on_where_they_were() -> None:
    talk = Talk(SKILL)
    talk.write("check in")
    talk.write("3")
    assert talk.write("why do I always want to drink on Fridays, can you tell me?") is None
    turn = talk.press("do=diary.resume")
    assert texts("en").returned in words_of(turn)
    assert "2 of 4" in bubble(turn)


def test_after_hours_it_is_closed_and_the_next_begins_afresh() -> None:
    talk = Talk(SKILL)
    talk.write("check in")
    talk.write("3")
    talk.now += OPEN_FOR
    turn = talk.press("do=diary.set&at=mood&value=5")
    assert words_of(turn) == texts("en").closed
    assert "1 of 4" in bubble(talk.tap(turn, "Check in"))
    assert recorded(talk) == []


def test_a_late_button_is_told_where_we_are() -> None:
    talk = Talk(SKILL)
    talk.write("check in")
    talk.write("3")
    turn = talk.press("do=diary.set&at=craving&value=9")
    assert texts("en").earlier in words_of(turn)
    assert talk.flow is not None
    assert talk.flow.slots["craving"] == 3


@pytest.mark.parametrize(("at", "words"), [("craving", "12"), ("mood", "yes"), ("used", "5"), ("craving", "?")])
def test_what_is_no_answer_is_asked_once_more(at: Any, words: str) -> None:
    assert said(At(at), [words]) == Unread(At(at))


@pytest.mark.parametrize("words", ["I had a fight with my brother and it hurts", "今天跟家人吵架了心情好亂"])
def test_talk_is_heard_by_the_supporter(words: str) -> None:
    talk = Talk(SKILL)
    talk.write("check in")
    assert talk.write(words) is None
    assert talk.flow is not None


def test_somebody_in_distress_is_not_asked_for_numbers() -> None:
    talk = Talking(SKILL)
    talk.write("check in")
    talk.calm = False
    assert talk.write("7") is None
    talk.calm = True
    assert "2 of 4" in bubble(talk.write("7"))


def test_two_numbers_in_one_breath_are_two_answers() -> None:
    assert said(At(), ["7", "5"]) == At("used", craving=7, mood=5)
    assert said(At(), ["7", "stop here"]) == Stopped(At("mood", craving=7))
    assert said(At("used"), ["no", "slept well", "and ate"]) == At(
        "note", used=False, note="slept well\nand ate", over=True
    )


def test_a_question_is_no_note_and_a_long_note_is_cut() -> None:
    assert said(At("note"), ["what helps against shaking hands?"]) is None
    noted = said(At("note"), ["x" * (NOTE_CHARS_MAX + 1)])
    assert isinstance(noted, At)
    assert noted.note is not None
    assert len(noted.note) == NOTE_CHARS_MAX


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lapse_after_a_streak_is_met_with_warmth(language: Language) -> None:
    talk = Talking(SKILL, language=language)
    kept(talk, *[False] * 12)
    turn = checked_in(talk, "5", "5", "yes", "skip")
    shown, words = words_of(turn), texts(language)
    assert words.end.used_after.format(days=words.days.of(12)) in shown
    assert words.labels["talk"] in buttons(turn)
    assert words.end.offer not in shown
    diary = talk.press("do=diary.view")
    assert words.view.longest.format(days=words.days.of(12)) in bubble(diary)
    assert words.view.fresh in bubble(diary)


def test_a_lapse_without_a_streak_is_met_as_warmly() -> None:
    assert texts("en").end.used in words_of(checked_in(Talk(SKILL), "5", "5", "yes", "skip"))


def test_who_comes_back_is_welcomed() -> None:
    talk = Talk(SKILL)
    kept(talk, False, False, True)
    shown = words_of(checked_in(talk, "1", "8", "no", "skip"))
    assert texts("en").end.clean_back in shown
    assert texts("en").badges["came_back"].shown in shown


def test_a_streak_is_named_and_a_badge_told_on_its_day() -> None:
    talk = Talk(SKILL)
    kept(talk, False, False)
    shown = words_of(checked_in(talk, "1", "8", "no", "skip"))
    assert "3 days in a row" in shown
    assert "🌿 3 days" in shown


def test_a_second_check_in_of_a_day_adds_and_says_which_counts() -> None:
    talk = Talk(SKILL)
    checked_in(talk, "8", "5", "no", "skip")
    turn = talk.write("diary")
    assert texts("en").view.today in words_of(turn)
    turn = checked_in(talk, "2", "skip", "skip", "skip")
    assert texts("en").end.more in words_of(turn)
    assert len(recorded(talk)) == 2


def test_a_strong_craving_offers_to_ride_it_out_only_where_that_is_on() -> None:
    data = buttons(checked_in(Talking(SKILL), "7", "5", "skip", "skip"))
    assert data["Ride the urge"] == "do=coping.open&exercise=urge_surfing"
    assert "Ride the urge" not in buttons(checked_in(Talk(SKILL), "7", "5", "skip", "skip"))
    assert "Ride the urge" not in buttons(checked_in(Talking(SKILL), "6", "5", "skip", "skip"))


def test_a_low_mood_offers_people_to_call_and_the_plan() -> None:
    turn = checked_in(Talking(SKILL), "1", "2", "no", "skip")
    assert texts("en").end.mood_low in words_of(turn)
    assert buttons(turn)["Numbers to call"] == "cmd=emergency"
    assert buttons(turn)["My safety plan"] == "do=plan.show"


def test_reminders_are_offered_until_somebody_has_said_yes_or_no() -> None:
    talk = Talk(SKILL)
    assert texts("en").end.offer in words_of(checked_in(talk, "1", "8", "no", "skip"))
    talk.records.add(RemindersSet(on=False), talk.now)
    talk.now += timedelta(days=1)
    turn = checked_in(talk, "1", "8", "no", "skip")
    assert texts("en").end.offer not in words_of(turn)
    assert "Remind me" in buttons(turn)


def test_what_people_do_for_themselves_earns_badges() -> None:
    talk = Talk(SKILL)
    kept(talk, None)
    talk.records.add(ExerciseEnded(exercise="urge_surfing", completed=True, before=8, after=3))
    assert texts("en").badges["practised"].name in bubble(talk.write("my diary"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_deleting_the_diary_is_answered_honestly(language: Language) -> None:
    word = {"th": "ลบไดอารี่", "en": "delete my diary", "zh-TW": "刪除日記"}[language]
    turn = Talk(SKILL, language=language).write(word)
    assert words_of(turn) == texts(language).delete
    assert "cmd=erase" in buttons(turn).values()


def test_an_erased_note_is_no_note() -> None:
    talk = Talk(SKILL)
    talk.records.add(CheckInRecorded(craving=4, note=Sealed("hard day")))
    assert "hard day" in bubble(talk.write("my diary"))
