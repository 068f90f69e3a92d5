"""People read about an illness or a substance, in their own words and language, and take a leaflet with them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from namjai.chat.skills.education.shelf import page
from namjai.chat.skills.education.texts import texts
from namjai.devkit.running import Running, until
from namjai.events.leaflet import LeafletMade
from namjai.events.mail import MailRequested, MailSent
from namjai.events.reply import ReplyIssued
from tests.e2e.conversations.conftest import Person, Somebody, Turn

SEARCH, WRITE = "You look up facts", "You write a health-education leaflet"
CHANGE, TRANSLATE = "You change a health-education leaflet", "You translate a health-education leaflet"
FOUND = {
    "th": "ไขมันพอกตับพบได้บ่อยในผู้ใหญ่ 🫀 การลดน้ำหนักช่วยได้มาก",
    "en": "Fatty liver is common in adults. Losing weight helps.",
    "zh-TW": "脂肪肝在成人中很常見。減重很有幫助。",
}


def _words(title: str, said: str) -> str:
    """A leaflet as a model writes it."""
    return json.dumps(
        {
            "title": title,
            "overview": said,
            "topics": [{"heading": f"{title} {letter}", "text": said} for letter in "ABC"],
            "questions": [{"question": f"{title}?", "answer": said} for _ in range(3)],
            "actions": [said, said, said],
            "about_health": True,
        },
        ensure_ascii=False,
    )


async def _teach(namjai: Running, *lines: tuple[str, str, str]) -> None:
    """What the model says to whom: instruction, words in the question, answer."""
    await namjai.script(*({"system": system, "match": match, "text": text} for system, match, text in lines))


def _leaflets(turn: Turn) -> list[dict[str, Any]]:
    return [message for message in turn.messages if message["type"] == "flex"]


@pytest.mark.parametrize(
    ("language", "said", "topic"),
    [
        ("th", "ed เบาหวาน", "diabetes"),
        ("th", "ยาบ้ามีผลต่อสมองยังไง", "methamphetamine"),
        ("en", "leaflet about naloxone", "naloxone"),
        ("en", "what does kratom do to the body?", "kratom"),
        ("zh-TW", "衛教 高血壓", "hypertension"),
        ("zh-TW", "K他命對膀胱有什麼影響？", "ketamine"),
    ],
)
async def test_the_library_answers_first_and_says_that_it_is_a_draft(
    somebody: Somebody, language: Any, said: str, topic: str
) -> None:
    person = await somebody(language)
    turn = await person.say(said)
    shelved = page(topic, language)
    found = shelved.leaflet
    [message] = _leaflets(turn)
    assert len(message["contents"]["contents"]) == 7
    for words in (found.title, found.overview, found.questions[2].answer, found.actions[-1]):
        assert words in turn.text
    assert texts(language).notes["draft"] in turn.text
    [made] = await person.facts(LeafletMade)
    assert (made.leaflet, made.source, made.review) == (f"{topic}/{language}@{shelved.version}", "library", "draft")
    assert (await person.facts(ReplyIssued))[-1].responder == "fixed"


@pytest.mark.parametrize(
    ("language", "ask"), [("th", "ed ไขมันพอกตับ"), ("en", "ed fatty liver"), ("zh-TW", "衛教 脂肪肝")]
)
async def test_without_a_model_an_unknown_topic_leads_to_what_there_is(
    namjai: Running, language: Any, ask: str
) -> None:
    person = Person(namjai)
    await person.press(f"cmd=language&language={language}")
    turn = await person.say(ask)
    assert texts(language).no_model in turn.text
    offered = next(iter(turn.buttons))
    shown = await person.tap(turn, offered)
    assert _leaflets(shown)


@pytest.mark.parametrize(
    ("language", "ask", "topic", "title"),
    [
        ("th", "ed ไขมันพอกตับ", "ไขมันพอกตับ", "ไขมันพอกตับ"),
        ("en", "ed fatty liver", "fatty liver", "Fatty liver"),
        ("zh-TW", "衛教 脂肪肝", "脂肪肝", "脂肪肝"),
    ],
)
async def test_a_model_writes_by_consent_with_references_and_says_so(
    somebody: Somebody, talking: Running, language: Any, ask: str, topic: str, title: str
) -> None:
    await _teach(talking, (SEARCH, topic, FOUND[language]), (WRITE, topic, _words(title, FOUND[language])))
    person = await somebody(language)
    asked = await person.say(ask)
    words = texts(language)
    assert words.ask_consent in asked.text
    await person.tap(asked, words.labels["agree"])
    turn = await person.say(ask)
    assert words.notes["generated"] in turn.text
    assert words.sources_expire in turn.text
    links = {label: action["uri"] for label, action in turn.buttons.items() if action["type"] == "uri"}
    assert {uri.split("/")[2] for label, uri in links.items() if label.startswith("[")} == {
        "vertexaisearch.cloud.google.com"
    }
    sentence = FOUND[language].split(". ")[0].split("。")[0]
    assert sentence in turn.text
    [made] = await person.facts(LeafletMade)
    assert (made.source, made.review, made.version) == ("generated", "draft", "prompt/education@1")
    reply = (await person.facts(ReplyIssued))[-1]
    assert [use.purpose for use in reply.uses] == ["leaflet", "leaflet"]
    assert reply.responder not in ("fixed", "offline")


async def test_nonsense_from_the_model_is_not_shown(somebody: Somebody, talking: Running) -> None:
    await _teach(
        talking,
        (SEARCH, "gout", "bananas"),
        (WRITE, "gout", "I am sorry, here is a poem instead of a leaflet."),
        (WRITE, "not in the shape that was asked for", "And here is another one."),
        (WRITE, "asthma", _words("Asthma", "Call 02-123-4567 and visit www.bad.example now.")),
        (WRITE, "carburettor", _words("Carburettor", "It mixes air.").replace("true", "false")),
    )
    person = await somebody("en", agreed=("model",))
    for topic, answer in (("gout", "failed"), ("asthma", "failed"), ("carburettors", "not_found")):
        turn = await person.say(f"ed {topic}")
        assert getattr(texts("en"), answer) in turn.text
        assert not _leaflets(turn)
        assert len(turn.buttons) >= 4
    assert not await person.facts(LeafletMade)


async def test_a_leaflet_is_translated_by_the_library_and_by_a_model(somebody: Somebody, talking: Running) -> None:
    await _teach(talking, (TRANSLATE, "กัญชา", _words("大麻について", "大麻は気分や記憶に影響します。")))
    person = await somebody("th", agreed=("model",))
    await person.say("ed กัญชา")
    chinese = await person.say("แปลเป็นภาษาจีน")
    assert page("cannabis", "zh-TW").leaflet.title in chinese.text
    back = await person.say("แปลเป็นภาษาไทย")
    assert page("cannabis", "th").leaflet.title in back.text
    menu = await person.say("แปล")
    japanese = await person.tap(menu, "日本語")
    assert "大麻について" in japanese.text
    assert texts("th").notes["translated"] in japanese.text
    made = await person.facts(LeafletMade)
    assert [(each.source, each.language) for each in made] == [
        ("library", "th"),
        ("library", "zh-TW"),
        ("library", "th"),
        ("translated", "ja"),
    ]


async def test_a_translation_that_loses_a_number_is_kept_back(somebody: Somebody, talking: Running) -> None:
    await _teach(talking, (TRANSLATE, "Alcohol withdrawal", _words("禁断症状", "医師に相談してください。")))
    person = await somebody("en", agreed=("model",))
    await person.say("ed alcohol withdrawal")
    kept = await person.say("translate to Japanese")
    assert texts("en").failed_change in kept.text
    again = await person.tap(kept, "Back to the leaflet")
    assert page("alcohol-withdrawal", "en").leaflet.title in again.text


async def test_a_leaflet_is_made_simpler_and_then_as_somebody_asks(somebody: Somebody, talking: Running) -> None:
    await _teach(
        talking,
        (CHANGE, "Much simpler words", _words("大麻", "大麻會影響記憶。")),
        (CHANGE, "給奶奶看", _words("給奶奶的大麻說明", "大麻會影響記憶，慢慢來。")),
    )
    person = await somebody("zh-TW", agreed=("model",))
    first = await person.say("衛教 大麻")
    simple = await person.tap(first, "簡單一點")
    assert texts("zh-TW").notes["modified"] in simple.text
    asked = await person.tap(simple, "修改")
    assert texts("zh-TW").ask_change in asked.text
    changed = await person.say("短一點，給奶奶看")
    assert "給奶奶的大麻說明" in changed.text
    library, plain, own = await person.facts(LeafletMade)
    assert (plain.level, plain.based_on, own.based_on) == ("simple", library.leaflet, plain.leaflet)


@pytest.mark.parametrize(
    ("language", "ask", "command", "yes"),
    [("th", "ed เหล้า", "ส่งอีเมล", "ใช่"), ("en", "ed alcohol", "mail", "yes"), ("zh-TW", "衛教 酒精", "寄信", "好")],
)
async def test_a_leaflet_arrives_by_mail_once_it_is_confirmed(
    somebody: Somebody, talking: Running, language: Any, ask: str, command: str, yes: str
) -> None:
    person = await somebody(language)
    await person.say(ask)
    assert texts(language).ask_address in (await person.say(command)).text
    address = f"p{person.id[1:9]}@mail.example.com"
    wrong = await person.say("somchai@nowhere")
    assert texts(language).bad_address in wrong.text
    asked = await person.say(address)
    assert address not in asked.text
    assert "p***@mail.example.com" in asked.text
    assert "p***@mail.example.com" in (await person.say(yes)).text

    async def arrived() -> dict[str, Any] | None:
        letters = await talking.sim("GET", "mail")
        return next((each for each in letters if each["to"] == [address]), None)

    letter = await until(arrived)
    body = page("alcohol", language).leaflet
    for words in (body.title, body.overview, body.actions[0], texts(language).notes["draft"]):
        assert words in letter["text"]
        assert words in letter["html"]
    assert "<img" not in letter["html"]
    assert len(await person.facts(MailRequested)) == 1
    await until(lambda: person.facts(MailSent))


async def test_a_letter_survives_the_death_of_its_sender(somebody: Somebody, talking: Running) -> None:
    person = await somebody("en")
    await person.say("ed sleep problems")
    address = f"k{person.id[1:9]}@mail.example.com"
    asked = await person.say(f"mail it to {address}")
    await person.tap(asked, "Yes, send it")
    talking.kill("notify")
    await until(lambda: person.facts(MailSent), within_s=30)
    await asyncio.sleep(1)
    letters = [each for each in await talking.sim("GET", "mail") if each["to"] == [address]]
    assert len({each["headers"]["Message-ID"] for each in letters}) == 1
    assert len(await person.facts(MailSent)) == 1


async def test_while_a_leaflet_is_open_people_can_talk_and_find_the_way_back(somebody: Somebody) -> None:
    person = await somebody("en")
    await person.say("ed tobacco")
    talk = await person.say("I feel lonely in the evenings")
    assert not _leaflets(talk)
    again = await person.tap(talk, "Back to the leaflet")
    assert page("tobacco", "en").leaflet.title in again.text


async def test_danger_comes_before_any_leaflet(somebody: Somebody) -> None:
    person = await somebody("th")
    await person.say("ed ยานอนหลับ")
    card = await person.say("อยากตาย คืนนี้จะกินยานอนหลับให้หมด")
    assert "1323" in card.text
    assert page("benzodiazepines", "th").leaflet.title not in card.text


async def test_a_topic_can_be_chosen_with_buttons_only(somebody: Somebody) -> None:
    person = await somebody("zh-TW")
    menu = await person.press("do=education.open")
    more = await person.tap(menu, texts("zh-TW").labels["more"])
    leaflet = await person.tap(more, "納洛酮")
    sources = await person.tap(leaflet, "資料來源")
    assert "World Health Organization" in sources.text
    assert texts("zh-TW").sources_unchecked in sources.text
