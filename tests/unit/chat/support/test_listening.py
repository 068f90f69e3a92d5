"""What a listener adds: reflections of what was said, a summary after some turns, and nothing that was not said."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.faults import fault
from namjai.chat.skills.support.library import joined, replies
from namjai.chat.skills.support.listening import (
    REFLECTED,
    SUMMARY_EVERY_TURNS,
    listening,
    reflection,
    summary,
)
from namjai.chat.skills.support.notice import FEELINGS, Noticed, Time, notice, remembered, things
from namjai.chat.skills.support.talk import SENTENCES_MAX
from namjai.chat.skills.support.understand import understand
from namjai.events.conversation import FlowMoved
from tests.unit.chat.support.conversing import Conversation
from tests.unit.chat.visits import texts

FULL = Noticed(substance="alcohol", trigger="after_work", person="child", feeling="shame", time=Time(30, "day"))
OLD = tuple(f"support/en/x.{n}" for n in range(SUMMARY_EVERY_TURNS))


@pytest.mark.parametrize(
    ("said", "kind", "value"),
    [
        ("I want a beer after work", "substance", "alcohol"),
        ("I want a beer after work", "trigger", "after_work"),
        ("อยากกินเหล้าหลังเลิกงาน", "trigger", "after_work"),
        ("晚上很想喝酒", "trigger", "night"),
        ("I do it for my kids", "person", "child"),
        ("อยากเลิกเพื่อแม่", "person", "mother"),
        ("為了家人", "person", "family"),
        ("30 days sober", "time", Time(30, "day")),
        ("เลิกมาได้ ๓๐ วันแล้ว", "time", Time(30, "day")),
        ("戒酒第三十天了", "time", Time(30, "day")),
        ("兩個月沒喝酒了", "time", Time(2, "month")),
        ("I'm so ashamed", "feeling", "shame"),
    ],
)
def test_a_few_things_are_noticed(said: str, kind: str, value: object) -> None:
    assert getattr(notice(said, understand(said).intent), kind) == value


@pytest.mark.parametrize(
    "said",
    ["thirty-five days sober", "戒酒第三十五天了", "เลิกเหล้ามาได้ยี่สิบห้าวันแล้ว", "1000 days sober", "2.5 years sober"],
)
def test_half_of_a_number_is_no_number(said: str) -> None:
    assert notice(said, "milestone").time is None


def test_somebody_who_is_only_mentioned_is_not_made_a_reason() -> None:
    assert notice("my mother shouted at me and I'm furious", "anger").person is None


def test_two_substances_are_not_made_one() -> None:
    assert notice("beer and meth", "craving").substance is None


@given(st.text(max_size=300))
def test_no_text_breaks_noticing(said: str) -> None:
    notice(said, understand(said).intent)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_can_be_noticed_has_a_name(language: Language) -> None:
    names = listening(language).names
    assert set(names.trigger) == set(things().triggers)
    assert set(names.person) == set(things().people)
    assert set(names.feeling) == FEELINGS
    assert {f"substance_{name}" for name in names.substance} <= set(replies(language))
    assert set(listening(language).units) == set(things().units)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reflection_is_one_sentence_that_may_be_said_and_asks_nothing(language: Language) -> None:
    words = listening(language)
    assert set(words.reflect) == set(listening("en").reflect)
    for name in words.reflect:
        intent, _, kind = name.partition(".")
        assert kind in REFLECTED
        assert intent in replies(language)
        for seed in "abcdef":
            said = reflection(intent, FULL, language=language, recent=(), seed=seed)
            assert said is not None
            assert fault(said.text, language) is None
            assert not {"?", "？"} & set(said.text)
            assert "{" not in said.text


def test_the_same_thing_is_not_reflected_twice_in_a_row() -> None:
    first = reflection("craving", FULL, language="en", recent=(), seed="a")
    assert first is not None
    second = reflection("craving", FULL, language="en", recent=(first.id,), seed="a")
    assert second is not None
    assert second.id != first.id
    assert reflection("craving", FULL, language="en", recent=(first.id, second.id), seed="a") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_summary_can_be_said_and_asks_once(language: Language) -> None:
    for count in (2, 3, 4, 5):
        for kinds in itertools.combinations(FULL.pieces(), count):
            some = Noticed(**{kind: getattr(FULL, kind) for kind in kinds})
            sentences = summary(some, language=language, recent=OLD, seed="x")
            assert sentences is not None
            said = " ".join(sentences)
            assert fault(said, language) is None, said
            assert said.count("?") + said.count("？") <= 1
            assert "{" not in said


def test_a_summary_waits_for_enough_and_is_not_repeated() -> None:
    assert summary(FULL, language="en", recent=OLD[1:], seed="x") is None
    assert summary(Noticed(substance="alcohol"), language="en", recent=OLD, seed="x") is None
    assert summary(FULL, language="en", recent=(*OLD, "support/en/summary"), seed="x") is None


def test_a_conversation_of_ten_turns_is_reflected_summed_up_and_never_repeats_itself() -> None:
    talk = Conversation()
    said = [
        "hello",
        "I really want a beer after work",
        "I drank again last night",
        "I feel so ashamed",
        "part of me wants to quit",
        "I do it for my kids",
        "I have to stop",
        "starting tomorrow I won't drink",
        "3 days sober",
        "ok",
    ]
    turns = [talk.said(words) for words in said]
    assert "time after work" in texts(turns[1])
    assert [turn.intent for turn in turns].count("summary") == 1
    summed = next(texts(turn) for turn in turns if turn.intent == "summary")
    assert "alcohol" in summed
    assert "your child" in summed
    assert len({texts(turn) for turn in turns}) == len(turns)
    assert all(texts(turn).count("?") <= 1 for turn in turns)


def test_without_consent_nothing_that_was_said_is_kept() -> None:
    talk = Conversation(consents=frozenset())
    for words in ("I want a beer after work", "I do it for my kids", "I have to stop"):
        talk.said(words)
    assert all(fact.slots is None for fact in talk.facts(FlowMoved))
    turns = [talk.said("ok") for _ in range(8)]
    assert "summary" not in {turn.intent for turn in turns}


def test_what_an_older_release_kept_otherwise_is_left_alone() -> None:
    assert remembered({"noticed": {"time": "long"}}) == Noticed()
    assert remembered({"noticed": 3}) == Noticed()
    assert remembered({}) == Noticed()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reply_with_a_reflection_before_it_is_still_short_and_asks_once(language: Language) -> None:
    for name in listening(language).reflect:
        intent = name.partition(".")[0]
        for reply in replies(language)[intent]:
            given = reflection(intent, FULL, language=language, recent=(), seed=reply.id)
            assert given is not None
            if len(reply.sentences) < SENTENCES_MAX:
                whole = joined((given.text, *reply.sentences), language)
                assert fault(whole, language) is None, (reply.id, whole)
                assert whole.count("?") + whole.count("？") <= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_has_a_craving_is_always_given_back_when_it_comes(language: Language) -> None:
    assert all(len(reply.sentences) < SENTENCES_MAX for reply in replies(language)["craving"])
