"""The curated replies themselves: enough, distinct, short, kind, and never promising what nobody can promise."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable

import msgspec
import pytest

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.doing import do
from namjai.chat.domain.faults import fault
from namjai.chat.domain.messages import Action, press, problems, say, text, with_quick_replies
from namjai.chat.skills.support import RECENT_MAX, Reply, respond, respond_to_kind, understand
from namjai.chat.skills.support.library import LanguageFile, QuickReply, entries, replies
from namjai.chat.skills.support.understand import UNCLEAR

REPLIES_MIN = 170
CHARS_MAX: dict[Language, int] = {"th": 320, "en": 420, "zh-TW": 160}

FORBIDDEN = {
    "a dose": r"\d+ ?(?:mg|ml|มก|มิลลิกรัม|เม็ด|毫克|顆|tablets?|pills?\b)",
    "a promise of secrecy": (
        r"(?:เป็นความลับ|ไม่บอกใคร|ไม่มีใครรู้|between us|confidential|keep (?:it|this) secret|won't tell"
        r"|保密|不會告訴|不會跟(?:別)?人說)"
    ),
    "a diagnosis": r"(?:คุณเป็นโรค|คุณเป็นซึมเศร้า|you (?:have|suffer from) (?:depression|an addiction)|你得了|你有憂鬱症)",
    "shaming": r"(?:ขี้ยา|ขี้เมา|น่าอาย|ไม่น่าเลย|junkie|addict\b|you failed|shame on|毒蟲|酒鬼|丟人|活該)",
    "an order": r"(?:ต้องเลิกเดี๋ยวนี้|คุณต้อง|you must|you have to (?:quit|stop)|你必須|你一定要)",
    "a promise of time": r"(?:ภายใน \d+ (?:นาที|ชั่วโมง)|within \d+|\d+ ?(?:分鐘|小時)內)",
    "a particle that gives the writer a sex": r"ค่ะ|คะ(?!แนน)|ครับ",
}
_QUESTION: dict[Language, re.Pattern[str]] = {
    "th": re.compile(
        r"(?:ไหม|มั้ย|อะไร|อย่างไร|ยังไง|เท่าไร|ที่ไหน|เมื่อไร|หรือเปล่า|หรือยัง|แค่ไหน|แบบไหน|ข้อไหน|เรื่องไหน)(?:บ้าง|แล้ว)?$|\?"
    ),
    "en": re.compile(r"\?"),
    "zh-TW": re.compile("？"),
}


def everything(language: Language) -> list[Reply]:
    return [reply for group in replies(language).values() for reply in group]


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_replies_and_no_two_are_the_same(language: Language) -> None:
    texts = [reply.text for reply in everything(language)]
    assert len(texts) >= REPLIES_MIN
    assert [said for said, times in Counter(texts).items() if times > 1] == []
    assert len({reply.id for reply in everything(language)}) == len(texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_has_an_alternative_in_every_language(language: Language) -> None:
    assert {intent: len(group) for intent, group in replies(language).items() if len(group) < 2} == {}
    assert set(replies(language)) == {entry.intent for entry in entries().values()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_replies_are_short_and_ask_at_most_one_question_at_their_end(language: Language) -> None:
    for reply in everything(language):
        asking = [n for n, sentence in enumerate(reply.sentences, start=1) if _QUESTION[language].search(sentence)]
        assert 2 <= len(reply.sentences) <= 4, reply.id
        assert len(reply.text) <= CHARS_MAX[language], reply.id
        assert sum(len(_QUESTION[language].findall(sentence)) for sentence in reply.sentences) <= 1, reply.id
        assert asking in ([], [len(reply.sentences)]), reply.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reply_would_pass_the_guard_that_a_models_words_must_pass(language: Language) -> None:
    assert {reply.id: found for reply in everything(language) if (found := fault(reply.text, language))} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_withdrawal_is_always_answered_with_its_danger_signs_and_a_doctor_today(language: Language) -> None:
    danger = {"th": r"ชัก|หยุดเองทันที", "en": r"seizure|dangerous", "zh-TW": r"抽搐|危險"}[language]
    doctor = {"th": r"วันนี้|โรงพยาบาลทันที", "en": r"today|hospital at once", "zh-TW": r"今天|馬上去醫院"}[language]
    for reply in replies(language)["withdrawal"]:
        assert re.search(danger, reply.text), reply.id
        assert re.search(doctor, reply.text), reply.id
        assert reply.fixed, reply.id
        assert "emergency" in {offer.command for offer in reply.quick_replies}, reply.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_about_safety_is_in_no_models_hands_and_shows_the_way_to_help(language: Language) -> None:
    for intent in ("harm_reduction", "family_safety", "family_now", "withdrawal"):
        for reply in replies(language)[intent]:
            assert reply.fixed, reply.id
            assert "emergency" in {offer.command for offer in reply.quick_replies}, reply.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_is_one_sentence(language: Language) -> None:
    """The list of sentences is what is counted, so no item may hide two."""
    inner = {"th": r"(?:ค่ะ|คะ) (?=\S)", "en": r"[.?!] (?=[A-Z])", "zh-TW": r"[。？！](?=.)"}[language]
    for reply in everything(language):
        assert len(reply.sentences) + sum(len(re.findall(inner, one)) for one in reply.sentences) <= 5, reply.id
        assert all(len(re.findall(inner, one)) <= 1 for one in reply.sentences), reply.id


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_reply_holds(what: str, language: Language) -> None:
    offending = [reply.id for reply in everything(language) if re.search(FORBIDDEN[what], reply.text, re.IGNORECASE)]
    assert offending == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_claims_a_review_that_it_has_not_had(language: Language) -> None:
    assert {(reply.status, reply.author) for reply in everything(language)} == {("draft", "Namjai project")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_replies_are_written_in_their_own_language(language: Language) -> None:
    script = {"th": "[\u0e00-\u0e7f]", "en": "[a-z]", "zh-TW": "[\u4e00-\u9fff]"}[language]
    for reply in everything(language):
        assert re.search(script, reply.text), reply.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reply_passes_lines_limits_with_its_buttons(language: Language) -> None:
    for reply in everything(language):
        actions = [_button(offer) for offer in reply.quick_replies]
        assert [
            problem for message in with_quick_replies([text(reply.text)], actions) for problem in problems(message)
        ] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_read_is_said_so_and_offers_the_emergency_button(language: Language) -> None:
    for kind in ("image", "audio", "video"):
        for reply in replies(language)[f"got_{kind}"]:
            assert "emergency" in {offer.command for offer in reply.quick_replies}, reply.id


def test_the_same_cause_gives_the_same_reply() -> None:
    answers = {
        respond("อยากดื่มเหล้า", language="th", recent_reply_ids=(), stage=None, seed="event-1").id for _ in range(20)
    }
    assert len(answers) == 1


def test_different_causes_reach_every_reply_of_an_intent() -> None:
    reached = {
        respond("I feel so sad", language="en", recent_reply_ids=(), stage=None, seed=str(n)).id for n in range(50)
    }
    assert reached == {reply.id for reply in replies("en")["sadness"]}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("said", ["อยากดื่มเหล้า", "I feel so sad", "睡不著", "qwrtzp", "ขอบคุณ"])
def test_nothing_is_ever_said_twice_in_a_row(said: str, language: Language) -> None:
    ids: list[str] = []
    for turn in range(60):
        ids.append(respond(said, language=language, recent_reply_ids=ids, stage=None, seed=f"{turn}").id)
    assert all(one != following for one, following in itertools.pairwise(ids))


def _button(offer: QuickReply) -> Action:
    if offer.doing is not None:
        return do(offer.label, offer.doing.skill, offer.doing.action, **offer.doing.args)
    return press(offer.label, f"cmd={offer.command}") if offer.command else say(offer.label)


def test_replies_said_lately_are_left_out_while_others_are_left() -> None:
    ids: list[str] = []
    for turn in range(len(replies("en")[UNCLEAR])):
        ids.append(respond("qwrtzp", language="en", recent_reply_ids=ids, stage=None, seed=f"{turn}").id)
    assert len(set(ids)) == len(replies("en")[UNCLEAR])


def test_a_long_memory_is_read_only_as_far_as_the_limit() -> None:
    forgotten = [reply.id for reply in replies("en")["sadness"]] + [f"other-{n}" for n in range(RECENT_MAX)]
    fresh = respond("I feel so sad", language="en", recent_reply_ids=(), stage=None, seed="a")
    assert respond("I feel so sad", language="en", recent_reply_ids=forgotten, stage=None, seed="a") == fresh


def test_a_stage_chooses_among_the_replies() -> None:
    for seed in range(40):
        early = respond("I made it today", language="en", recent_reply_ids=(), stage=None, seed=str(seed))
        assert early.id != "support/en/milestone.keep"
        new = respond("I really want a drink", language="en", recent_reply_ids=(), stage=None, seed=str(seed))
        assert new.id != "support/en/craving.reason"


def test_an_unknown_kind_of_message_still_gets_an_answer() -> None:
    reply = respond_to_kind("hologram", language="en", recent_reply_ids=(), stage="action", seed="x")
    assert reply.intent == "got_file"
    assert reply.stage == "action"


def test_a_reply_may_stand_apart_from_its_file_in_review() -> None:
    raw = {
        "meta": {"status": "draft", "author": "a", "version": 1},
        "quick": {},
        "replies": {
            "x": ["One.", "Two."],
            "y": {
                "sentences": ["One."],
                "status": "reviewed",
                "author": "a",
                "version": 2,
                "reviewer": "Dr B",
                "reviewed_on": "2026-01-01",
            },
        },
    }
    file = msgspec.convert(raw, LanguageFile)
    assert file.replies["x"] == ("One.", "Two.")
    assert not isinstance(file.replies["y"], tuple)
    assert file.replies["y"].status == "reviewed"


@pytest.mark.parametrize(
    "unit",
    ["1", "12 ", "一", "第", "อยาก", "เพื่อน", "เลิกมา", "my son ", "want to quit ", "but ", "戒", "我又", "ไม่ได้ดื่ม "],
)
def test_no_message_however_long_makes_the_rules_slow(unit: str, costs_ms: Callable[..., list[float]]) -> None:
    [cost_ms] = costs_ms(lambda: understand(unit * 5_000))

    assert cost_ms < 250
