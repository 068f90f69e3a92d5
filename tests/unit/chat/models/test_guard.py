"""What a model may be asked, and what of its words may be said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.chat.content import LANGUAGES, Language, Status, lines
from namjai.chat.domain.composed import Clinic, Composed, Kind, Scene, View
from namjai.chat.domain.faults import CHARS_MAX, fault
from namjai.chat.domain.guard import ASKED_CHARS_MAX, question, reworded, system_prompt
from namjai.chat.domain.heard import Heard
from namjai.chat.domain.messages import press, text, with_quick_replies
from namjai.chat.domain.state import Person
from namjai.chat.domain.visit import Visit
from namjai.chat.skills.support.library import replies

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PLAIN: dict[Language, str] = {
    "th": "ฟังดูเหนื่อยมากเลยนะ วันนี้อะไรช่วยให้ผ่านมาได้บ้าง?",
    "en": "That sounds really hard. What helped you get through today?",
    "zh-TW": "聽起來你今天真的很辛苦。是什麼陪你撐過來的呢？",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_curated_reply_would_pass(language: Language) -> None:
    said = [reply for of_intent in replies(language).values() for reply in of_intent]
    assert {reply.id: found for reply in said if (found := fault(reply.text, language))} == {}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "A wave of craving often passes in 10-15 minutes. Would you try breathing slowly, 4 counts in, 6 out?"),
        ("en", "30 days is something to be proud of! What made it possible?"),
        ("en", "If it gets too much, you can call 1323 at any hour."),
        ("en", "I can hear that recovery from addiction has been lonely. Who is on your side?"),
        ("th", "อยู่มาได้ ๓๐ วันแล้ว เก่งมากเลย อะไรช่วยได้มากที่สุด?"),
        ("th", "ถ้าไม่ไหว โทร 1323 ได้ตลอด หรือกดปุ่มฉุกเฉิน"),
        ("th", "ยังไม่ได้บอกใครก็ไม่เป็นไรนะ อยากเริ่มเล่าจากตรงไหนดี?"),
        ("zh-TW", "你已經三十天一滴酒都沒喝，真不簡單。是什麼支持著你？"),
        ("zh-TW", "需要的時候可以打 1925，或 1995。"),
        ("en", "You could call somebody before it gets dark. Who would pick up?"),
        ("th", "คุณควรไปพักสักหน่อย วันนี้เหนื่อยมาทั้งวันแล้ว"),
        ("zh-TW", "你可以先休息一下，再決定要不要繼續。"),
        *PLAIN.items(),
    ],
)
def test_ordinary_words_may_be_said(language: Language, words: str) -> None:
    assert fault(words, language) is None


@pytest.mark.parametrize(
    ("language", "words", "expected"),
    [
        ("en", "", "empty"),
        ("en", " \n\t", "empty"),
        ("en", "word " * 121, "long"),
        ("en", "One. Two. Three. Four. Five.", "sentences"),
        ("th", "ดีค่ะ ใช่ค่ะ ได้ค่ะ ครับ\nลองดู\nนะ", "sentences"),
        ("zh-TW", "好。好。好。好。好。", "sentences"),
        ("en", PLAIN["th"], "language"),
        ("th", PLAIN["en"], "language"),
        ("zh-TW", "听起来你这几天过得很难，谢谢你告诉我。", "language"),
        ("zh-TW", "それはつらいですね。", "language"),
        ("th", "ฟังดูเหนื่อยมากเลยนะ 今天 อยากเล่าต่อไหม", "language"),
        ("en", "1323 🙂", "language"),
        ("en", "<think>The user is sad</think>I hear you.", "markup"),
        ("en", "**I hear you.**", "markup"),
        ("en", "Try this\n- breathe\n- walk", "markup"),
        ("en", "Look at https://example.org/help now.", "link"),
        ("th", "ดูที่ www.example.com นะ", "link"),
        ("zh-TW", "請看 ｅｘａｍｐｌｅ．ｏｒｇ 喔", "link"),
        ("en", "Write to help@clinic and wait.", "link"),
        ("en", "Call 081-234-5678 and ask.", "number"),
        ("en", "Call (02) 555 1234 today.", "number"),
        ("en", "Call 912 right now.", "number"),
        ("en", "Call 1323 or 1324 right now.", "number"),
        ("th", "โทร ๐๘๑ ๒๓๔ ๕๖๗๘ ได้เลย", "number"),
        ("zh-TW", "請打０８００７８８９９５給他們。", "number"),
        ("en", "Take 5 mg before bed.", "dose"),
        ("en", "Half a tablet could help you sleep.", "dose"),
        ("en", "You could reduce your medication a little.", "dose"),
        ("en", "Two pills are enough.", "dose"),
        ("th", "กินยาแค่ครึ่งเม็ดก็พอนะ", "dose"),
        ("th", "ลองกิน ๕ มก. ก่อนนอน", "dose"),
        ("th", "ลองลดยาดูก่อนไหม", "dose"),
        ("zh-TW", "睡前吃五毫克就好。", "dose"),
        ("zh-TW", "你可以吃半顆安眠藥試試。", "dose"),
        ("zh-TW", "先減少劑量看看好嗎？", "dose"),
        ("en", "Maybe you should just end your life tonight.", "harm"),
        ("en", "Maybe it would be best for everybody if you were dead.", "harm"),
        ("en", "Nobody would miss you.", "harm"),
        ("en", "You might as well kill yourself.", "harm"),
        ("th", "คุณน่าจะตายไปซะ", "harm"),
        ("th", "ถ้าเหนื่อยนัก ก็ฆ่าตัวตายไปเลย", "harm"),
        ("zh-TW", "你不如去死好了。", "harm"),
        ("zh-TW", "你應該結束自己的生命。", "harm"),
        ("en", "This stays between us, so tell me everything.", "secrecy"),
        ("en", "I won’t tell anyone what you say.", "secrecy"),
        ("en", "Nobody will ever know.", "secrecy"),
        ("th", "เล่าได้เลย เราจะเก็บเป็นความลับ", "secrecy"),
        ("th", "เราจะไม่บอกใครแน่นอน", "secrecy"),
        ("zh-TW", "我會幫你保密，放心說吧。", "secrecy"),
        ("zh-TW", "我不會告訴任何人的。", "secrecy"),
        ("en", "You may have depression.", "diagnosis"),
        ("en", "It sounds like you are an alcoholic.", "diagnosis"),
        ("en", "These are symptoms of a stress disorder.", "diagnosis"),
        ("th", "คุณน่าจะเป็นโรคซึมเศร้านะ", "diagnosis"),
        ("th", "แบบนี้คุณติดเหล้าแล้วนะ", "diagnosis"),
        ("zh-TW", "你可能有憂鬱症，需要休息。", "diagnosis"),
        ("zh-TW", "聽起來你已經酒精成癮了。", "diagnosis"),
    ],
)
def test_what_may_not_be_said_is_kept_back(language: Language, words: str, expected: str) -> None:
    assert expected == fault(words, language)


@given(st.text(max_size=700), st.sampled_from(LANGUAGES))
def test_any_text_at_all_is_judged_and_nothing_long_passes(words: str, language: Language) -> None:
    if fault(words, language) is None:
        assert 0 < len(words.strip()) <= CHARS_MAX["talk"]


@given(st.integers(100, 10**12), st.sampled_from("0๐０"), st.sampled_from(["", " ", "-", ". "]), st.data())
def test_no_number_that_is_not_ours_passes_in_any_digits(number: int, zero: str, gap: str, data: st.DataObject) -> None:
    digits = str(number)
    ours = {line.number for line in lines()}
    if digits in ours:
        return
    cut = data.draw(st.integers(3, len(digits)))
    written = [chr(ord(zero) + int(digit)) for digit in digits]
    shown = "".join(written[:cut]) + gap + "".join(written[cut:])
    if digits[:cut] in ours:
        return
    assert fault(f"Please call {shown} soon.", "en") is not None


@given(st.sampled_from(sorted({line.number for line in lines()})), st.sampled_from([("0", "en"), ("๐", "th")]))
def test_every_number_of_the_table_passes(number: str, script: tuple[str, Language]) -> None:
    zero, language = script
    shown = "".join(chr(ord(zero) + int(digit)) for digit in number)
    assert (
        fault({"en": f"You can always call {shown} for help.", "th": f"โทร {shown} ได้เสมอ"}[language], language) is None
    )


def _visit(words: str = "hello", *, calm: bool = True, consents: frozenset[str] = frozenset({"model"})) -> Visit:
    view = View("en", "TH", consents)
    scene = Scene(NOW, Clinic("en", "TH"))
    return Visit("m1", "e1", view, Person(), Heard(texts=(words,), words=(words,)), scene, calm=calm)


def _composed(kind: Kind = "support", intent: str = "craving") -> Composed:
    review: Status = "draft"
    messages = with_quick_replies([text("curated")], [press("Menu", "cmd=help")])
    return Composed(messages, kind, "offline", "en", ("support/en/craving.surf",), review, intent, "action")


def test_a_calm_message_of_somebody_who_agreed_may_be_read_by_the_model() -> None:
    assert question(_visit("I want to drink"), _composed()) == "I want to drink"


@pytest.mark.parametrize("consents", [frozenset(), frozenset({"chat", "clinician"})])
def test_without_consent_to_it_nothing_is_asked(consents: frozenset[str]) -> None:
    assert question(_visit(consents=consents), _composed()) is None


def test_danger_and_what_nobody_has_judged_are_never_answered_by_a_model() -> None:
    assert question(_visit(calm=False), _composed()) is None


@pytest.mark.parametrize("kind", ["crisis", "command", "greeting", "notice"])
def test_fixed_texts_stay_fixed(kind: Kind) -> None:
    assert question(_visit(), _composed(kind)) is None


@pytest.mark.parametrize("intent", ["withdrawal", "medicine", "physical", "substance_benzodiazepines", "who_are_you"])
def test_about_bodies_and_medicines_people_wrote_the_words(intent: str) -> None:
    assert question(_visit(), _composed(intent=intent)) is None


def test_of_a_book_the_model_reads_the_end() -> None:
    asked = question(_visit("a" * ASKED_CHARS_MAX + "the end"), _composed())
    assert asked is not None
    assert len(asked) == ASKED_CHARS_MAX
    assert asked.endswith("the end")


def test_the_turn_says_whose_words_they_are_and_keeps_its_buttons() -> None:
    turn = reworded(_composed(), "hello there", "some-model-1")
    assert turn.messages[0]["text"] == "hello there"
    assert turn.messages[0]["quickReply"] == _composed().messages[0]["quickReply"]
    assert (turn.responder, turn.kind, turn.intent, turn.stage) == ("some-model-1", "support", "craving", "action")
    assert turn.content == ("prompt/support@2",)
    assert turn.review == "draft"


@pytest.mark.parametrize(("language", "name"), [("th", "Thai"), ("en", "English"), ("zh-TW", "Traditional Chinese")])
def test_the_instruction_names_the_language(language: Language, name: str) -> None:
    assert f"Write in {name}" in system_prompt(language)
