"""Medicines and leaves in pictures, from the phone and back: read, asked about, interrupted, forgotten, refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from namjai.chat.content import Language
from namjai.chat.skills.pictures.mixing import mixing
from namjai.chat.skills.pictures.plants import shipped
from namjai.chat.skills.pictures.texts import Texts
from namjai.chat.skills.pictures.texts import texts as words_of
from namjai.devkit.running import Running, namjai_up, until
from namjai.events.media import MediaTranscribed, MediaUnread
from namjai.events.reply import ReplyIssued
from namjai.events.risk import RiskAssessed
from tests.e2e.conversations.conftest import Person, Somebody, Turn, as_json
from tests.unit.chat.pictures.drawn import box, leaf, medicine, noise, plant

LOOK = "You look at one picture"
AGREED = ("chat", "model")
OPEN_S = 0.2
PRINT: dict[Language, dict[str, Any]] = {
    "th": medicine("ทรามาดอล", "Tramadol", instructions=["ครั้งละ 1 แคปซูล เมื่อปวด"], warnings=["ห้ามดื่มสุรา"]),
    "en": medicine("Tramadol", strengths=["50 mg"], instructions=["1 capsule when needed"]),
    "zh-TW": medicine("特拉嗎竇膠囊", instructions=["疼痛時服用 1 粒"]),
}
LANGUAGES: tuple[Language, ...] = ("th", "en", "zh-TW")


async def script(namjai: Running, *lines: dict[str, Any]) -> None:
    """What the model says next about pictures."""
    given = [{"system": LOOK, "times": 1, **line} for line in lines]
    async with namjai.http.post(f"{namjai.run['model_url']}/_fake/script", json=given) as answer:
        assert answer.status == 200, await answer.text()


async def show(person: Person, picture: bytes, reading: dict[str, Any]) -> Turn:
    """Send a picture in which the model sees this."""
    await script(person.namjai, {"value": reading})
    return await person.upload(picture, "image/jpeg")


async def unread(person: Person) -> str:
    """Why the newest picture was not looked at."""
    return (await person.facts(MediaUnread))[-1].reason


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_box_is_read_and_alcohol_with_it_is_warned_of(somebody: Somebody, language: Language) -> None:
    person, words = await somebody(language, agreed=AGREED), words_of(language)
    asked = await show(person, box("TRAMADOL", language), PRINT[language])
    assert words.printed in asked.text, as_json(asked)
    assert PRINT[language]["names"][0] in asked.text
    assert mixing().kinds["opioid"].names[language] in asked.text
    assert words.ask_taking in asked.text
    warned = await person.tap(asked, mixing().substances["alcohol"].names[language])
    assert words.mixes["danger"] in warned.text, as_json(warned)
    assert words.pharmacist in warned.text
    newest = (await person.facts(ReplyIssued))[-1]
    assert (newest.skill, newest.responder, newest.language, newest.review) == ("pictures", "fixed", language, "draft")


async def test_what_else_is_taken_can_be_written(somebody: Somebody) -> None:
    person, words = await somebody("th", agreed=AGREED), words_of("th")
    await show(person, box("LORAZEPAM", "th"), medicine("Lorazepam"))
    warned = await person.say("กินเหล้าทุกวันเลย")
    assert words.mixes["danger"] in warned.text, as_json(warned)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_leaf_is_asked_about_step_by_step(somebody: Somebody, language: Language) -> None:
    person, words, rice = await somebody(language, agreed=AGREED), words_of(language), shipped().plants["rice"]
    turn = LANGUAGES.index(language)
    asked = await show(person, leaf(4, turn), plant(diseases=[("blast", "possible")]))
    assert words.ask_plant in asked.text, as_json(asked)
    asked = await person.say(rice.names[language])
    assert words.ask_stage.format(plant=rice.names[language]) in asked.text, as_json(asked)
    advised = await person.tap(asked, rice.stages["tillering"].names[language])
    assert rice.diseases["blast"].names[language] in advised.text, as_json(advised)
    assert words.unverified in advised.text


async def test_another_question_in_between_is_answered_and_there_is_a_way_back(somebody: Somebody) -> None:
    person, words = await somebody("en", agreed=AGREED), words_of("en")
    await show(person, leaf(6, 1), plant())
    between = await person.say("How does alcohol change sleep?")
    assert (await person.facts(ReplyIssued))[-1].skill != "pictures"
    asked = await person.tap(between, words.labels["resume"])
    assert words.ask_plant in asked.text, as_json(asked)
    assert words.ask_stage.format(plant="Mango") in (await person.tap(asked, "Mango")).text


async def test_a_plant_that_is_no_choice_shows_the_choices_again(somebody: Somebody) -> None:
    person, words = await somebody("zh-TW", agreed=AGREED), words_of("zh-TW")
    await show(person, leaf(6, 2), plant())
    again = await person.say("香蕉")
    assert words.again in again.text, as_json(again)
    assert "芒果" in again.buttons


@pytest.mark.parametrize(("which", "name"), [("new", "มะม่วง"), ("old", "ข้าว")])
async def test_the_new_or_the_old_picture(somebody: Somebody, which: str, name: str) -> None:
    person, words = await somebody("th", agreed=AGREED), words_of("th")
    turn = 3 if which == "new" else 5
    await show(person, leaf(7, turn), plant("rice"))
    asked = await show(person, leaf(7, turn + 1), plant("mango"))
    assert words.new_or_old in asked.text, as_json(asked)
    chosen = await person.tap(asked, words.labels["new" if which == "new" else "old"])
    assert name in chosen.text, as_json(chosen)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_without_consent_a_picture_is_not_looked_at_and_with_it_is(
    somebody: Somebody, language: Language
) -> None:
    person, words = await somebody(language), words_of(language)
    refused = await person.upload(box("SERTRALINE", language), "image/jpeg")
    assert words.unread["no_consent"] in refused.text, as_json(refused)
    assert await unread(person) == "no_consent"
    await person.tap(refused, words.labels["allow"])
    read = await show(person, box("SERTRALINE", language), medicine("Sertraline"))
    assert "Sertraline" in read.text, as_json(read)


async def test_a_broken_picture_is_answered_kindly(somebody: Somebody) -> None:
    person = await somebody("th", agreed=AGREED)
    said = await person.upload(noise(), "image/jpeg")
    assert words_of("th").unread["unreadable"] in said.text, as_json(said)
    assert await unread(person) == "unreadable"


async def test_a_picture_of_two_hundred_megabytes_is_declined(somebody: Somebody) -> None:
    person = await somebody("en", agreed=AGREED)
    said = await person.upload(box("BIG"), "image/jpeg", zeros="200000000")
    assert words_of("en").unread["too_large"] in said.text, as_json(said)


async def test_a_video_of_two_hundred_megabytes_is_declined_without_being_fetched(somebody: Somebody) -> None:
    person = await somebody("zh-TW", agreed=AGREED)
    said = await person.upload(b"\0" * 64, "video/mp4", zeros="200000000")
    assert said.text
    assert (await person.facts(ReplyIssued))[-1].intent == "got_video"


async def test_a_picture_that_was_taken_back_is_left_alone(somebody: Somebody) -> None:
    person = await somebody("en", agreed=AGREED)
    await person.namjai.sim("PUT", "faults", [{"path": "*/content", "status": 410, "times": 1}])
    said = await person.upload(box("UNSENT"), "image/jpeg")
    assert words_of("en").unread["unsent"] in said.text, as_json(said)
    assert await unread(person) == "unsent"


async def test_a_model_that_answers_nonsense_tells_nobody_anything(somebody: Somebody) -> None:
    person = await somebody("zh-TW", agreed=AGREED)
    await script(person.namjai, {"text": "It is surely candy! Take ten.", "times": 2})
    said = await person.upload(box("NONSENSE"), "image/jpeg")
    assert words_of("zh-TW").unread["failed"] in said.text, as_json(said)
    assert await unread(person) == "failed"
    assert [use.outcome for use in (await person.facts(MediaUnread))[-1].uses] == ["misshapen", "misshapen"]


async def test_a_picture_that_the_model_will_not_look_at_is_met_kindly(somebody: Somebody) -> None:
    person = await somebody("en", agreed=AGREED)
    await script(person.namjai, {"response": {"promptFeedback": {"blockReason": "SAFETY"}}})
    said = await person.upload(box("BLOCKED"), "image/jpeg")
    assert words_of("en").unread["refused"] in said.text, as_json(said)
    assert any(action.get("data") == "cmd=emergency" for action in said.buttons.values())


async def test_pictures_sent_together_are_one_turn_in_their_order(somebody: Somebody) -> None:
    person = await somebody("th", agreed=AGREED)
    names = ("Paracetamol", "Ibuprofen", "Loratadine")
    await script(person.namjai, *({"value": medicine(name)} for name in names))
    said = await person.upload_together(*(box("SET", name) for name in names))
    assert [said.text.index(name) for name in names] == sorted(said.text.index(name) for name in names), as_json(said)
    assert len((await person.facts(ReplyIssued))[-1].answers) == 3


async def test_of_many_pictures_three_are_read_and_the_person_is_told(somebody: Somebody) -> None:
    person = await somebody("zh-TW", agreed=AGREED)
    names = ("Paracetamol", "Ibuprofen", "Loratadine")
    await script(person.namjai, *({"value": medicine(name)} for name in names))
    said = await person.upload_together(*(box("MANY", str(n)) for n in range(5)))
    assert words_of("zh-TW").several.format(sent=5, read=3) in said.text, as_json(said)
    assert len(await person.facts(MediaTranscribed)) == 3
    assert len((await person.facts(ReplyIssued))[-1].answers) == 5


async def test_pictures_together_without_their_number_are_waited_for(somebody: Somebody) -> None:
    person = await somebody("en", agreed=AGREED)
    names = ("Cetirizine", "Naproxen")
    await script(person.namjai, *({"value": medicine(name)} for name in names))
    first, second = [
        {**await person.stored(box("LOOSE", name)), "imageSet": {"id": "E005D41A7288F41B65593ED38FF6E9834B046AB36A"}}
        for name in names
    ]
    await person.namjai.sim("POST", "send", {"user": person.id, "message": first})
    said = await person.send(second)
    assert all(name in said.text for name in names), as_json(said)
    assert len((await person.facts(ReplyIssued))[-1].answers) == 2


async def test_words_of_despair_in_a_picture_bring_the_card(somebody: Somebody) -> None:
    person = await somebody("en", agreed=AGREED)
    note = {"kind": "other", "legible_text": "I want to kill myself tonight"}
    card = await show(person, box("A NOTE"), note)
    assert "1323" in card.text, as_json(card)
    assert (await person.facts(RiskAssessed))[-1].level in ("high", "crisis")


async def test_what_a_packet_warns_of_is_no_crisis(somebody: Somebody) -> None:
    person = await somebody("th", agreed=AGREED)
    warning = "คำเตือน ยานี้อาจเพิ่มความเสี่ยงต่อการคิดฆ่าตัวตาย หากมีความคิดอยากตายให้พบแพทย์ทันที"
    said = await show(person, box("FLUOXETINE"), medicine("Fluoxetine", legible_text=warning, warnings=[warning]))
    assert warning in said.text, as_json(said)
    assert {each.level for each in await person.facts(RiskAssessed)} == {"none"}


async def test_the_same_picture_is_looked_at_once_whoever_shows_it(somebody: Somebody) -> None:
    one, two = await somebody("th", agreed=AGREED), await somebody("zh-TW", agreed=AGREED)
    assert "Metformin" in (await show(one, box("METFORMIN"), medicine("Metformin"))).text
    assert "Metformin" in (await two.upload(box("METFORMIN"), "image/jpeg")).text
    (first,), (second,) = await one.facts(MediaTranscribed), await two.facts(MediaTranscribed)
    assert [use.cache for use in (*first.uses, *second.uses)] == ["miss", "hit"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_picture_of_something_else_is_met_with_kind_words(somebody: Somebody, language: Language) -> None:
    person = await somebody(language, agreed=AGREED)
    said = await show(person, box("A CAT", language), {"kind": "other"})
    assert words_of(language).other in said.text, as_json(said)


@pytest.mark.parametrize(("language", "typed"), [("th", "ส่งรูป"), ("en", "pictures"), ("zh-TW", "看圖")])
async def test_it_says_what_pictures_it_reads(somebody: Somebody, language: Language, typed: str) -> None:
    person = await somebody(language, agreed=AGREED)
    words: Texts = words_of(language)
    said = await person.say(typed)
    assert words.open_medicine in said.text, as_json(said)
    assert words.open_plant in said.text


@pytest.fixture(scope="module")
async def forgetful(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A Namjai that forgets a picture almost at once, so that nobody need wait for five minutes."""
    home = tmp_path_factory.mktemp("forgetful") / "home"
    async with namjai_up(
        home, NAMJAI_MODEL="fake", NAMJAI_COALESCE_MS="20", NAMJAI_PICTURE_OPEN_S=str(OPEN_S)
    ) as running:
        yield running


async def test_a_picture_with_an_open_question_is_forgotten_after_its_time(forgetful: Running) -> None:
    person = await _agreed(forgetful, "th")
    asked = await show(person, leaf(9, 9), plant())
    words = words_of("th")
    assert words.ask_plant in asked.text, as_json(asked)
    await asyncio.sleep(OPEN_S)
    assert words.forgotten in (await person.tap(asked, "ข้าว")).text


async def test_a_topic_that_the_clinic_switches_off_is_declined(forgetful: Running) -> None:
    code, printed = await forgetful.namjai("skills", "off", "pictures.plant")
    assert code == 0, printed
    person = await _agreed(forgetful, "en")
    off = words_of("en").off_plant
    turn = 0

    async def declined() -> bool:
        nonlocal turn
        turn += 1
        return off in (await show(person, leaf(5, turn), plant("rice", "tillering"))).text

    assert await until(declined)
    assert "Ibuprofen" in (await show(person, box("IBUPROFEN"), medicine("Ibuprofen"))).text


async def _agreed(namjai: Running, language: Language) -> Person:
    person = Person(namjai)
    await person.press(f"cmd=language&language={language}")
    await person.press("cmd=consent&purpose=model&granted=yes")
    return person
