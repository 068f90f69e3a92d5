"""What is said about a medicine: its print quoted, its kind from our table, warnings, and never a dose of ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.heard import Media
from namjai.chat.domain.messages import problems
from namjai.chat.skills.education.shelf import entries
from namjai.chat.skills.pictures import SKILL
from namjai.chat.skills.pictures.medicine import is_over
from namjai.chat.skills.pictures.mixing import kinds_in, mixes_of, mixing, risky_with, substances_in, told
from namjai.chat.skills.pictures.texts import texts as words_of
from namjai.events import Sealed
from namjai.events.checkin import CheckInRecorded
from namjai.events.instrument import InstrumentCompleted
from tests.unit.chat.pictures.drawn import medicine
from tests.unit.chat.visits import Talk, at_once, buttons, texts

TRAMADOL = medicine("Tramadol", strengths=["50 mg"], instructions=["1 capsule every 6 hours"], expiry="12/2027")


def seen(reading: dict[str, Any]) -> Media:
    return Media("", "image", str(reading.get("legible_text", "")), reading)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_printed_is_quoted_and_said_to_be_printed(language: Language) -> None:
    said = Talk(SKILL, language).show("image", seen(TRAMADOL))
    assert said is not None
    first = said.messages[0]["text"]
    assert first.startswith(words_of(language).printed)
    assert "“Tramadol”" in first
    assert "“1 capsule every 6 hours”" in first
    assert "1 capsule" not in "".join(message["text"] for message in said.messages[1:])
    assert mixing().kinds["opioid"].names[language] in texts(said)
    assert words_of(language).pharmacist in texts(said)
    assert not [problem for message in said.messages for problem in problems(message)]


def test_what_leads_elsewhere_is_not_passed_on() -> None:
    reading = medicine(
        "Tramadol", instructions=["Call 02-123-4567 to order", "see www.cheap-pills.example", "with food"]
    )
    said = texts(Talk(SKILL).show("image", seen(reading)))
    assert "with food" in said
    assert "4567" not in said
    assert "cheap" not in said


def test_a_packet_with_a_book_on_it_is_quoted_in_part() -> None:
    said = Talk(SKILL).show("image", seen(medicine("Tramadol", warnings=["Very long warning " * 20] * 8)))
    assert said is not None
    assert len(said.messages[0]["text"]) < 1_600


def test_without_a_name_a_better_picture_is_asked_for() -> None:
    assert texts(Talk(SKILL).show("image", seen(medicine()))) == words_of("en").nothing_printed


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_else_is_taken_is_asked_and_answered_by_button(language: Language) -> None:
    talk = Talk(SKILL, language)
    asked = talk.show("image", seen(TRAMADOL))
    assert words_of(language).ask_taking in texts(asked)
    warned = talk.tap(asked, mixing().substances["alcohol"].names[language])
    assert words_of(language).mixes["danger"] in texts(warned)
    assert "1669" in texts(warned) or language == "zh-TW"
    assert talk.flow is None


def test_the_buttons_say_themselves_what_they_were_about_and_can_wait() -> None:
    asked = Talk(SKILL).show("image", seen(TRAMADOL))
    later = Talk(SKILL)
    assert words_of("en").mixes["danger"] in texts(later.tap(asked, "Sleeping pills"))


@pytest.mark.parametrize(
    ("language", "typed", "expected"),
    [
        ("en", "beer every evening", "mixes"),
        ("th", "กินเบียร์ทุกวัน", "mixes"),
        ("zh-TW", "我每天喝酒", "mixes"),
        ("en", "no", "pharmacist"),
        ("th", "ไม่มี", "pharmacist"),
        ("zh-TW", "沒有", "pharmacist"),
        ("en", "Rather not say", "no_telling"),
    ],
)
def test_typed_words_answer_it_too(language: Language, typed: str, expected: str) -> None:
    talk = Talk(SKILL, language)
    talk.show("image", seen(TRAMADOL))
    words = words_of(language)
    needle = words.mixes["danger"] if expected == "mixes" else getattr(words, expected)
    assert needle in texts(talk.write(typed))


@pytest.mark.parametrize("typed", ["what is methadone?", "I feel so low today", "beer " * 30])
def test_talk_is_left_to_others_and_the_question_stays_open(typed: str) -> None:
    talk = Talk(SKILL)
    talk.show("image", seen(TRAMADOL))
    assert talk.write(typed) is None
    assert talk.flow is not None
    assert words_of("en").ask_taking in texts(talk.press("do=pictures.resume"))


def test_the_diary_does_not_count_without_consent() -> None:
    talk = Talk(SKILL)
    talk.records.add(CheckInRecorded(used=True, note=Sealed("drank whisky")))
    assert words_of("en").ask_taking in texts(talk.show("image", seen(TRAMADOL)))


def test_what_was_written_beside_the_picture_counts_without_any_consent() -> None:
    talk = Talk(SKILL)
    visit = talk.visit(talk._event("image", None), seen(TRAMADOL))
    beside = replace(visit, heard=replace(visit.heard, texts=("I had some wine, can I take this",)))
    assert words_of("en").mixes["danger"] in texts(at_once(SKILL.turn(beside, talk.desk())))


def test_the_diary_counts_with_consent_to_earlier_talk_and_the_person_is_told_so() -> None:
    talk = Talk(SKILL, consents=frozenset({"chat"}))
    talk.records.add(CheckInRecorded(used=True, note=Sealed("drank whisky with friends")))
    said = texts(talk.show("image", seen(TRAMADOL)))
    assert words_of("en").mixes["danger"] in said
    assert "Alcohol" in said
    assert words_of("en").ask_taking not in said


def test_questionnaires_tell_too_and_the_newest_one_counts() -> None:
    def form(name: str, total: int, **parts: int) -> InstrumentCompleted:
        return InstrumentCompleted(instrument=name, version="1", total=total, subscores=parts)

    assert told([], [form("audit-c", 5)]) == ("alcohol",)
    assert told([], [form("audit-c", 5), form("audit-c", 0)]) == ()
    assert told([], [form("assist", 0, opioids=3, alcohol=0)]) == ("opioids",)
    assert told([CheckInRecorded(used=False, note=Sealed("beer"))], []) == ()


def test_two_packets_that_do_not_go_together_are_warned_of() -> None:
    talk = Talk(SKILL)
    event = talk._event("image", None)
    visit = talk.visit(event)
    medias = (seen(TRAMADOL), seen(medicine("Alprazolam 0.5 mg")))
    both = replace(visit, heard=replace(visit.heard, media=medias), kinds=("image", "image"))
    assert words_of("en").mixes["danger"] in texts(at_once(SKILL.turn(both, talk.desk())))


def test_an_unknown_name_is_not_guessed_at() -> None:
    said = texts(Talk(SKILL).show("image", seen(medicine("Zorbulax"))))
    assert words_of("en").no_kind in said


def test_a_topic_that_the_clinic_has_off_is_declined() -> None:
    talk = Talk(SKILL, skills=frozenset({"pictures", "pictures.plant"}))
    assert texts(talk.show("image", seen(TRAMADOL))) == words_of("en").off_medicine


@pytest.mark.parametrize("language", LANGUAGES)
def test_loose_pills_are_never_identified(language: Language) -> None:
    said = texts(Talk(SKILL, language).show("image", seen({"kind": "loose_pills", "names": ["Tramadol"]})))
    assert "Tramadol" not in said
    assert said.startswith(words_of(language).loose_pills[:12])


def test_a_leaflet_is_offered_where_there_are_leaflets() -> None:
    talk = Talk(SKILL, skills=frozenset({"pictures", "pictures.medicine", "education"}))
    data = buttons(talk.show("image", seen(TRAMADOL)))["Leaflet"]
    assert data == "do=education.open&topic=opioids"
    assert "Leaflet" not in buttons(Talk(SKILL).show("image", seen(TRAMADOL)))


@pytest.mark.parametrize(
    ("printed", "over"),
    [
        ("EXP 02/2026", True),
        ("EXP 03/2026", False),
        ("วันหมดอายุ 28/02/2569", True),
        ("31.12.2569", False),
        ("2026-01", True),
        ("有效期限 2026年02月", True),
        ("EXP 02 26", False),
        ("soon", False),
        ("99/2020", False),
    ],
)
def test_a_date_that_is_over_is_known_in_each_calendar_and_never_guessed(printed: str, over: bool) -> None:
    assert is_over(printed, date(2026, 3, 4)) is over


def test_a_medicine_past_its_date_is_said_to_be() -> None:
    assert words_of("en").expired in texts(Talk(SKILL).show("image", seen(medicine("Tramadol", expiry="01/2020"))))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("I don't drink alcohol", ()),
        ("i quit drinking", ()),
        ("no alcohol, but I take sleeping pills", ("sedatives",)),
        ("ไม่ได้ดื่มเหล้าแต่กินยานอนหลับ", ("sedatives",)),
        ("我不喝酒，有吃安眠藥", ("sedatives",)),
        ("methodology", ()),
        ("heroin and weed", ("opioids", "cannabis")),
    ],
)
def test_what_people_say_they_take_is_read_and_what_they_deny_is_not(said: str, expected: tuple[str, ...]) -> None:
    assert substances_in([said]) == expected


@pytest.mark.parametrize("printed", ["Tramadol HCl 50 mg", "ทรามาดอล", "特拉嗎竇", "TRAMADOL"])
def test_a_name_is_known_in_each_script(printed: str) -> None:
    assert kinds_in([printed]) == ("opioid",)


def test_every_leaflet_that_is_offered_is_in_the_library() -> None:
    table = mixing()
    of_kinds = {each.leaflet for each in table.kinds.values()}
    topics = (of_kinds | {each.leaflet for each in table.substances.values()}) - {None}
    assert topics <= {*entries()}


def test_every_kind_has_a_warning_and_every_warning_a_source() -> None:
    table = mixing()
    assert [kind for kind in table.kinds if not risky_with([kind])] == []
    assert all(not mix.verified for mix in table.mixes)
    for mix in table.mixes:
        assert mix in mixes_of(mix.kinds, mix.substances) or len(mixes_of(mix.kinds, mix.substances)) == 3
