"""What documents and translations of a model are held to."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.chat.content import TONGUES
from namjai.chat.domain.faults import CHARS_MAX, fault

LEAFLET = {
    "en": "Alcohol and the liver. Heavy drinking for years can scar the liver; a doctor can diagnose this with a blood "
    "test. Do not stop your medicines on your own. One can of beer (330 ml) holds about 13 g of alcohol. "
    "In 2015-2020 about 1,500,000 people sought help. Symptoms of dependence differ. For advice call 1413.",
    "th": "แอลกอฮอล์กับตับ: การดื่มหนักหลายปีทำให้ตับแข็งได้ แพทย์วินิจฉัยได้ด้วยการตรวจเลือด อย่าหยุดยาหรือลดยาเอง "
    "เบียร์ 1 กระป๋อง (330 มล.) มีแอลกอฮอล์ประมาณ 13 กรัม กฎหมายกำหนด 50 มก.เปอร์เซ็นต์ สายด่วน 1413",
    "zh-TW": "酒精與肝臟：長年大量飲酒會使肝臟結疤，醫師可以用抽血診斷。請勿自行停藥。"
    "一罐啤酒（330 毫升）約含 13 公克酒精。需要時可撥打 1925。",
}


def test_every_leaflet_that_people_wrote_would_pass() -> None:
    kept_back, read = {}, 0
    for topic in resources.files("namjai.chat.skills.education").joinpath("library").iterdir():
        for file in topic.iterdir() if topic.is_dir() else ():
            words = "\n".join(_strings(msgspec.yaml.decode(file.read_bytes())["leaflet"]))
            read += 1
            if (found := fault(words, file.name.removesuffix(".yaml"), "document")) is not None:
                kept_back[f"{topic.name}/{file.name}"] = found
    assert read >= 48
    assert kept_back == {}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(each)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "You can die of an overdose. Ask whether somebody thinks of ending their life; asking does no harm."),
        ("th", "การใช้ยาเกินขนาดทำให้ตายได้ ถามตรง ๆ ได้ว่าคิดอยากตายหรือไม่ การถามไม่ทำให้คิดมากขึ้น"),
        ("zh-TW", "過量可能會死亡。可以直接問他有沒有想死的念頭，問並不會讓人產生念頭。"),
    ],
)
def test_a_document_may_warn_of_death(language: str, words: str) -> None:
    assert fault(words, language, "document") is None


@pytest.mark.parametrize("language", sorted(LEAFLET))
def test_an_ordinary_leaflet_may_be_said(language: str) -> None:
    assert fault(LEAFLET[language], language, "document") is None


@pytest.mark.parametrize(
    ("language", "words", "expected"),
    [
        ("en", "", "empty"),
        ("en", "word " * 1_300, "long"),
        ("en", LEAFLET["th"], "language"),
        ("zh-TW", "酒精与肝脏：长年大量饮酒会使肝脏结疤，医生可以用抽血诊断。", "language"),
        ("th", LEAFLET["th"] + " 今天", "language"),
        ("fr", "El consumo de alcohol daña el hígado y el corazón de muchas personas cada año.", "language"),
        ("en", "# Alcohol\nIt harms the liver.", "markup"),
        ("en", "Read more at https://example.org today.", "link"),
        ("en", "Call 02-123-4567 for an appointment.", "number"),
        ("en", "Call 1199 at any hour for help.", "number"),
        ("th", "โทร 1199 ได้ตลอดเวลา", "number"),
        ("th", "ติดต่อ ๐๘๑-๒๓๔-๕๖๗๘", "number"),
        ("zh-TW", "請撥打 0800123456 尋求協助。", "number"),
        ("en", "Take 5 mg of diazepam every evening.", "dose"),
        ("en", "Take one tablet before bed.", "dose"),
        ("en", "You can reduce your medicine when you feel better.", "dose"),
        ("th", "กินยา 2 เม็ดก่อนนอน", "dose"),
        ("th", "ถ้าดีขึ้นให้ลดยาได้", "dose"),
        ("zh-TW", "好一點就可以停藥了。", "dose"),
        ("en", "You have an alcohol use disorder.", "diagnosis"),
        ("th", "คุณเป็นโรคซึมเศร้า", "diagnosis"),
        ("zh-TW", "您可能有憂鬱症。", "diagnosis"),
        ("en", "If nothing helps you should just end your life.", "harm"),
        ("en", "What you write here is strictly confidential.", "secrecy"),
        ("en", "We will never tell anybody what you write.", "secrecy"),
        ("th", "เราจะไม่บอกใครเรื่องของคุณ", "secrecy"),
        ("zh-TW", "我們不會告訴任何人你的事。", "secrecy"),
    ],
)
def test_what_a_document_may_not_say_is_kept_back(language: str, words: str, expected: str) -> None:
    assert fault(words, language, "document") == expected


TRANSLATED = {
    "th": "กินยาวันละ 2 ครั้ง หลังอาหาร เป็นเวลา 14 วัน",
    "en": "Take the medicine 2 times a day after meals for 14 days.",
    "zh-TW": "請在飯後服藥，一天 2 次，連續 14 天，還要多休息。",
    "ja": "食後に1日2回、14日間くすりを飲んでください。",
    "ko": "식후에 하루 2번, 14일 동안 약을 드세요.",
    "vi": "Uống thuốc 2 lần mỗi ngày sau bữa ăn trong 14 ngày.",
    "id": "Minum obat ini 2 kali sehari setelah makan selama 14 hari.",
    "es": "Tome el medicamento 2 veces al día después de comer durante 14 días.",
    "fr": "Prenez le médicament 2 fois par jour après les repas pendant 14 jours.",
    "nan": "食飽了後食藥仔，一工 2 擺，連紲 14 工。",
}
SOURCE = "กินยาวันละ ๒ ครั้ง หลังอาหาร เป็นเวลา ๑๔ วัน"


def test_every_language_that_is_offered_is_tried() -> None:
    assert set(TRANSLATED) == set(TONGUES)


@pytest.mark.parametrize("language", sorted(set(TRANSLATED) - {"ja"}))
def test_a_faithful_translation_may_be_said_in_every_language(language: str) -> None:
    assert fault(TRANSLATED[language], language, "translation", source=SOURCE) is None


def test_a_number_word_that_became_a_figure_is_a_change_too() -> None:
    assert fault(TRANSLATED["ja"], "ja", "translation", source=SOURCE) == "figures"
    assert fault("食後に一日2回、14日間くすりを飲んでください。", "ja", "translation", source=SOURCE) is None


@pytest.mark.parametrize("language", sorted(TRANSLATED))
def test_a_changed_number_is_kept_back_in_every_language(language: str) -> None:
    wrong = TRANSLATED[language].replace("14", "40")
    assert fault(wrong, language, "translation", source=SOURCE) == "figures"


@pytest.mark.parametrize("language", sorted(TRANSLATED))
def test_words_in_another_language_are_no_translation(language: str) -> None:
    others = {
        other: words
        for other, words in TRANSLATED.items()
        if other != language and {other, language} != {"zh-TW", "nan"} and (language != "nan" or other > "zzz")
    }
    wrong = {other: fault(words, language, "translation", source=SOURCE) for other, words in others.items()}
    assert set(wrong.values()) <= {"language"}


@pytest.mark.parametrize(
    ("source", "words", "language", "expected"),
    [
        ("1,500 mg", "1.500 mg de ibuprofeno", "es", None),
        ("120/80", "120/80", "ja", None),
        ("0.5 ml", "0,5 ml d'eau", "fr", None),
        ("see www.example.org", "ดูที่ www.example.org", "th", None),
        ("see the page", "ดูที่ www.example.org", "th", "link"),
        ("write to a@example.org", "เขียนถึง b@example.org", "th", "link"),
        ("Does it hurt?", "ปวดไหม **ใช่**", "th", "markup"),
        ("Yes.", "ใช่ " + "ค่ะ " * 30, "th", "long"),
        ("คุณสมชาย ใจดี", "Mr. สมชาย ใจดี is here", "th", None),
        ("Dr. Smith will come.", "คุณหมอ Smith จะมา", "th", None),
        ("anything at all", "", "th", "empty"),
        ("I take two pills", "ฉันกินยา 2 เม็ด", "th", "figures"),
        ("断酒", "断酒", "ja", None),
    ],
)
def test_numbers_links_and_form_are_those_of_the_source(
    source: str, words: str, language: str, expected: str | None
) -> None:
    assert fault(words, language, "translation", source=source) == expected


@given(st.text(min_size=1, max_size=300), st.sampled_from(["talk", "document", "translation", "data"]))
def test_any_text_is_judged_whatever_it_is_held_to(words: str, kind: str) -> None:
    if fault(words, "th", kind, source=words) is None:  # type: ignore[arg-type]  # one of the four
        assert words.strip()


def test_data_is_held_to_its_size_alone() -> None:
    assert fault('{"dose": "5 mg", "call": "02-123-4567"}', "th", "data") is None
    assert fault("x" * (CHARS_MAX["data"] + 1), "th", "data") == "long"
