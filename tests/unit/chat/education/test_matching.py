"""Which topic is meant: known words and slips of the finger are found, and a wrong one is worse than none."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
import pytest

from namjai.chat.skills.education.match import find, is_question_about, nearest
from namjai.chat.skills.education.shelf import entries


class Made(msgspec.Struct, frozen=True):
    """The hand-made list."""

    meant: dict[str, tuple[str, ...]]
    others: tuple[str, ...]


MADE: Final = msgspec.yaml.decode(Path(__file__).with_name("meant.yaml").read_bytes(), type=Made)


@pytest.mark.parametrize(("said", "topic"), [(said, topic) for topic, every in MADE.meant.items() for said in every])
def test_what_is_meant_is_found(said: str, topic: str) -> None:
    assert find(said).topic == topic


@pytest.mark.parametrize("said", MADE.others)
def test_what_is_something_else_is_not_taken_for_a_topic(said: str) -> None:
    assert find(said).topic is None


@pytest.mark.parametrize(
    ("said", "perhaps"),
    [
        ("alcohol and diabetes", {"alcohol", "diabetes"}),
        ("heroin overdose", {"opioids", "overdose"}),
        ("kratom with cola", {"kratom"}),
        ("เบาหวานขณะตั้งครรภ์", {"diabetes"}),
        ("喝酒和安眠藥", {"alcohol", "benzodiazepines"}),
    ],
)
def test_what_may_be_meant_is_asked(said: str, perhaps: set[str]) -> None:
    found = find(said)
    assert found.topic is None
    assert set(found.perhaps) == perhaps


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("what does yaba do to the brain?", "methamphetamine"),
        ("ยาบ้ามีผลต่อสมองยังไง", "methamphetamine"),
        ("安非他命對大腦有什麼影響？", "methamphetamine"),
        ("Is vaping addictive?", "tobacco"),
        ("เหล้าอันตรายไหม", "alcohol"),
        ("how does naloxone work?", "naloxone"),
        ("大麻會上癮嗎", "cannabis"),
    ],
)
def test_a_plain_question_is_a_question_about_a_topic(said: str, topic: str) -> None:
    assert is_question_about(said) == topic


@pytest.mark.parametrize(
    "said",
    [
        "alcohol",
        "ice?",
        "what is speed?",
        "ม้าคืออะไร",
        "I drink alcohol every day, is it bad?",
        "ผมกินเหล้าทุกวัน อันตรายไหม",
        "แฟนเล่นยาบ้า ทำยังไงดี",
        "我喝酒會怎樣？",
        "my son takes ketamine, what should I do?",
        "can I stop drinking?",
        "why is everything so hard?",
        "ทำไมชีวิตมันยากจัง",
        "how are you?",
        "does kratom mix with cola?",
        "เมื่อคืนดื่มเหล้า ผิดไหม",
        "what is love? " * 30,
    ],
)
def test_talk_is_no_question_about_a_topic(said: str) -> None:
    assert is_question_about(said) is None


def test_the_nearest_topics_come_first_and_are_always_some() -> None:
    assert nearest("alcohl detox")[0] in ("alcohol", "alcohol-withdrawal")
    assert nearest("gestational diabetes")[0] == "diabetes"
    assert nearest("ไขมันพอกตับ") == tuple(list(entries())[:4])
    assert len(nearest("")) == 4
