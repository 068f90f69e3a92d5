"""Commands: whole words only, a truthful answer, and exactly the facts that follow."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

import pytest

from namjai.chat.content import (
    LANGUAGES,
    UI_LANGUAGES,
    Language,
    UiLanguage,
    command_words,
    in_full,
    own_name,
    ui_texts,
)
from namjai.chat.domain.carry_out import answer, consent_version, greeting
from namjai.chat.domain.commands import Command, CommandName, Purpose, parse
from namjai.chat.domain.contact import Contact
from namjai.chat.domain.language import fold
from namjai.chat.domain.messages import QUICK_REPLIES_MAX, Message, problems
from namjai.chat.skills.skill import Skills
from namjai.chat.skills.table import ALL
from namjai.events.member import ErasureRequested, LanguageChosen, MemberConsented, MemberPaused, MemberResumed

NOW = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    speaks: UiLanguage = "th"
    country: str = "TH"
    consents: frozenset[str] = frozenset()
    contact: Contact | None = None

    @property
    def language(self) -> Language:
        return in_full(self.speaks)


def offered(messages: tuple[Message, ...]) -> list[str]:
    """The data of the buttons under the last message."""
    items = messages[-1].get("quickReply", {}).get("items", [])
    return [item["action"].get("data", "") for item in items]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("ช่วยด้วย", "emergency"),
        ("ฉุกเฉิน!!!", "emergency"),
        ("HELP", "help"),
        ("help me", "emergency"),
        ("เมนู", "help"),
        ("選單", "help"),
        ("选单", "help"),
        ("救命", "emergency"),
        ("隱私", "privacy"),
        ("ความเป็นส่วนตัว", "privacy"),
        ("หยุด", "stop"),
        ("stop.", "stop"),
        ("開始", "start"),
        ("เริ่ม", "start"),
        ("new", "start"),
        ("chat", "chat"),
        ("คุย", "chat"),
        ("聊天", "chat"),
        ("ลบข้อมูลของฉัน", "erase"),
        ("Delete my data", "erase"),
        ("删除我的资料", "erase"),
        ("ภาษา", "language"),
        ("?", "help"),
    ],
)
def test_a_word_typed_alone_is_a_command(said: str, name: CommandName) -> None:
    assert parse(said) == Command(name)


@pytest.mark.parametrize(
    "said",
    ["I can't stop drinking", "หยุดดื่มไม่ได้", "help me stop using", "我想停止喝酒", "ช่วยวางแผนหน่อย", "", "x" * 6000],
)
def test_a_sentence_is_never_a_command(said: str) -> None:
    assert parse(said) is None


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("ภาษาไทย", "th"),
        ("English", "en"),
        ("中文", "zh-TW"),
        ("繁體中文", "zh-TW"),
        ("日本語", "ja"),
        ("日文", "ja"),
        ("ภาษาญี่ปุ่น", "ja"),
        ("Tiếng Việt", "vi"),
        ("bahasa indonesia", "id"),
        ("한국어", "ko"),
        ("Español", "es"),
        ("Français", "fr"),
    ],
)
def test_the_name_of_a_language_chooses_it(said: str, language: UiLanguage) -> None:
    assert parse(said) == Command("language", language=language)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "cmd=",
        "cmd=format",
        "cmd=consent&purpose=everything",
        "cmd=language&language=xx",
        "richmenu=2",
        "cmd=help" * 60,
        "cmd=help&cheat=1",
    ],
)
def test_another_features_button_is_not_a_command_or_only_its_known_part(data: str) -> None:
    assert parse(postback=data) in (None, Command("help"))


def test_nothing_dangerous_can_be_typed_by_accident() -> None:
    """Confirming an erasure and ending a crisis need the button that was just shown."""
    for language in UI_LANGUAGES:
        labels = ui_texts(language).labels
        assert parse(labels["erase_confirm"]) is None
        assert parse(labels["safe"]) is None


@pytest.mark.parametrize("language", UI_LANGUAGES)
@pytest.mark.parametrize("name", get_args(CommandName))
def test_every_command_is_answered_within_lines_limits(name: CommandName, language: UiLanguage) -> None:
    said = answer(Command(name), Person(language), now=NOW)
    assert [problem for message in said.messages for problem in problems(message)] == []
    assert 1 <= len(said.messages) <= 5
    assert said.review == "draft"
    assert said.content


@pytest.mark.parametrize("language", UI_LANGUAGES)
def test_every_button_leads_to_a_command(language: UiLanguage) -> None:
    shown = [answer(Command(name), Person(language), now=NOW).messages for name in get_args(CommandName)]
    data = {one for messages in [*shown, greeting(language).messages] for one in offered(messages)}
    assert data
    assert [one for one in data if parse(postback=one) is None] == []


def test_stopping_and_starting_are_facts_and_say_what_goes_on() -> None:
    stopped = answer(Command("stop"), Person(), now=NOW)
    assert stopped.facts == (MemberPaused(),)
    assert "ตรวจหาสัญญาณอันตราย" in stopped.messages[0]["text"]
    assert answer(Command("start"), Person(), now=NOW).facts == (MemberResumed(),)


def test_erasure_is_asked_about_before_it_is_requested() -> None:
    asked = answer(Command("erase"), Person(), now=NOW)
    assert asked.facts == ()
    assert offered(asked.messages) == ["cmd=erase_confirm", "cmd=erase_cancel"]
    confirmed = parse(postback="cmd=erase_confirm")
    assert confirmed is not None
    assert answer(confirmed, Person(), now=NOW).facts == (ErasureRequested(),)
    assert answer(Command("erase_cancel"), Person(), now=NOW).facts == ()


@pytest.mark.parametrize("purpose", get_args(Purpose))
@pytest.mark.parametrize("granted", [True, False])
def test_a_consent_names_the_text_that_was_shown(purpose: Purpose, granted: bool) -> None:
    pressed = parse(postback=f"cmd=consent&purpose={purpose}&granted={'yes' if granted else 'no'}")
    assert pressed is not None
    said = answer(pressed, Person(), now=NOW)
    assert said.facts == (MemberConsented(purpose=purpose, granted=granted, text_version=consent_version("th")),)
    opposite = f"cmd=consent&purpose={purpose}&granted={'no' if granted else 'yes'}"
    assert opposite in offered(said.messages)


def test_the_consent_overview_shows_each_purpose_as_it_stands() -> None:
    overview = answer(Command("consent"), Person("en", consents=frozenset({"chat"})), now=NOW).messages[0]["text"]
    ui = ui_texts("en")
    assert f"{ui.purposes['chat']}: agreed" in overview
    assert f"{ui.purposes['clinician']}: not agreed" in overview


def test_choosing_a_language_answers_in_it() -> None:
    said = answer(Command("language", language="zh-TW"), Person("th"), now=NOW)
    assert said.facts == (LanguageChosen(language="zh-TW"),)
    assert said.messages[0]["text"] == ui_texts("zh-TW").language_chosen


def test_every_language_can_be_chosen_by_a_button_with_its_own_name() -> None:
    items = answer(Command("language"), Person("ko"), now=NOW).messages[-1]["quickReply"]["items"]
    assert [item["action"]["label"] for item in items] == [own_name(language) for language in UI_LANGUAGES]
    chosen = [parse(postback=item["action"]["data"]) for item in items]
    assert chosen == [Command("language", language=language) for language in UI_LANGUAGES]


def test_who_chooses_a_language_that_has_no_answers_yet_is_told_so() -> None:
    ui = ui_texts("ja")
    said = answer(Command("language", language="ja"), Person("th"), now=NOW)
    assert said.messages[0]["text"] == f"{ui.language_chosen} {ui.in_english}"
    assert said.facts == (LanguageChosen(language="ja"),)


ON = frozenset(
    {"support", "coping", "diary", "plan", "instruments", "education", "interpreter", "pictures", "nearby", "voice"}
)


@pytest.mark.parametrize("language", UI_LANGUAGES)
def test_help_tells_of_the_skills_that_are_on_and_opens_them(language: UiLanguage) -> None:
    ui = ui_texts(language)
    assert ui.skills.keys() == ON
    said = answer(Command("help"), Person(language), now=NOW, skills=ON)
    assert [message["text"] for message in said.messages] == [ui.help, "\n".join([ui.help_skills, *ui.skills.values()])]
    data = offered(said.messages)
    assert data[0] == "cmd=emergency"
    assert data[1:7] == [
        "do=diary.open",
        "do=plan.show",
        "do=instruments.open",
        "do=education.open",
        "do=interpreter.open",
        "do=pictures.open",
    ]
    assert len(data) <= QUICK_REPLIES_MAX
    assert [problem for message in said.messages for problem in problems(message)] == []


def test_help_is_silent_about_what_is_off() -> None:
    ui = ui_texts("en")
    some = answer(Command("help"), Person("en"), now=NOW, skills=frozenset({"support", "diary"}))
    assert some.messages[1]["text"].splitlines()[1:] == [ui.skills["support"], ui.skills["diary"]]
    assert [data for data in offered(some.messages) if data.startswith("do=")] == ["do=diary.open"]
    none = answer(Command("help"), Person("en"), now=NOW, skills=frozenset({"support"}))
    assert [message["text"] for message in none.messages] == [ui.help]


def test_no_two_doors_or_commands_share_a_word() -> None:
    """Nor does a word mean two commands: folding would hide one behind the other."""
    commands = [
        (name, word) for name, words in command_words().words.items() for word in {fold(word) for word in words}
    ]
    assert len({word for _, word in commands}) == len(commands)
    typed = {word for _, word in commands}
    skills = Skills(ALL)  # two doors with one word would stop it here
    assert sorted(word for word in skills.doors.words if word in typed or parse(word) is not None) == []


def test_emergency_shows_every_kind_of_line_that_is_open() -> None:
    shown = json.dumps(answer(Command("emergency"), Person(), now=NOW).messages)
    assert all(f"tel:{number}" in shown for number in ("1323", "1669", "191", "1165", "1413", "1300"))


def test_only_the_person_pressing_the_button_ends_a_crisis() -> None:
    assert answer(Command("safe"), Person(), now=NOW).ends_crisis
    assert not any(
        answer(Command(name), Person(), now=NOW).ends_crisis for name in get_args(CommandName) if name != "safe"
    )


SOFTWARE: dict[Language, tuple[str, ...]] = {
    "th": ("คุณกำลังคุยกับโปรแกรม", "ไม่ใช่หน่วยฉุกเฉิน"),
    "en": ("You are talking to software", "not an emergency service"),
    "zh-TW": ("是程式，不是真人", "不是緊急救援單位"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_words_say_that_this_is_software_and_no_emergency_service(language: Language) -> None:
    hello = greeting(language)
    assert all(words in hello.messages[0]["text"] for words in SOFTWARE[language])
    assert offered(hello.messages) == [
        "cmd=consent&purpose=chat&granted=yes",
        "cmd=privacy",
        "cmd=emergency",
        "cmd=language",
        "cmd=help",
    ]
    assert [problem for message in hello.messages for problem in problems(message)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_promises_secrecy_and_privacy_says_so(language: Language) -> None:
    promise = {"th": "สัญญาไม่ได้ว่า", "en": "can't promise to keep everything secret", "zh-TW": "不能答應什麼事都保密"}[
        language
    ]
    assert any(promise in message["text"] for message in answer(Command("privacy"), Person(language), now=NOW).messages)
    assert ui_texts(language).meta.status == "draft"
