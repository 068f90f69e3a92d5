"""What is shipped: small, quick to load, quick to use, and never far below what was measured.

The model has seen the development data: these floors catch a broken file, the card has the honest figures.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from namjai.risk import learned
from namjai.risk.domain.assess import assess
from namjai.risk.domain.model import Level
from namjai.risk.domain.policy import Policy
from namjai.risk.learned import Classifier, Thresholds

MODEL_MAX_BYTES = 4 << 20
LOAD_MAX_MS = 500
COST_P99_MS_MAX = 1.5
"""Of the 5 ms that a verdict may take; the rest is the rules'. As CPU time: the machine may be busy."""
MESSAGE_CHARS = 500
DATA = os.environ.get("NAMJAI_RISK_DATA")
CHAT = {
    "th": "วันนี้ไปตลาดกับแม่มาค่ะ ซื้อผักกับปลามาทำกับข้าวเย็น อากาศร้อนมากเลย ",
    "zh": "今天跟朋友去公園散步然後一起吃火鍋，下午回家看書睡了一下，",
    "en": "so i went out with my friends today and we had dinner by the river. ",
}


def files() -> tuple[bytes, bytes]:
    here = resources.files(learned)
    return (here / learned.MODEL_FILE).read_bytes(), (here / learned.THRESHOLDS_FILE).read_bytes()


def test_the_model_is_small_enough_for_the_history_of_a_repository() -> None:
    assert len(files()[0]) <= MODEL_MAX_BYTES


def test_it_loads_before_anybody_notices(costs_ms: Callable[..., list[float]]) -> None:
    content, thresholds = files()

    [cost_ms] = costs_ms(lambda: Classifier.parse(content, Thresholds.parse(thresholds)))
    assert cost_ms <= LOAD_MAX_MS


@pytest.mark.parametrize("language", CHAT)
def test_a_message_of_500_characters_is_read_in_time(
    language: str, policy: Policy, shipped: Classifier, costs_ms: Callable[..., list[float]]
) -> None:
    text = (CHAT[language] * 20)[:MESSAGE_CHARS]

    costs = sorted(costs_ms(*[lambda: shipped.finding(text, (), policy)] * 100))
    assert costs[int(len(costs) * 0.99)] <= COST_P99_MS_MAX


def test_the_thresholds_are_probabilities_for_every_kind_of_text(shipped: Classifier) -> None:
    for by_kind in (shipped.thresholds.any, shipped.thresholds.high, shipped.thresholds.crisis):
        assert set(by_kind) <= {"th", "zh", "en", "en-long"}
        assert all(0.5 <= least <= 1 for least in by_kind.values())


SCENES = [
    ("ได้ยามาครบสองร้อยเม็ด คืนนี้คงได้นอนยาวไม่ต้องตื่นมาเจอใคร", "ได้ยามาครบสองเดือน คืนนี้นอนเร็วพรุ่งนี้ตื่นมาวิ่ง"),
    ("นั่งห้อยขาอยู่ขอบดาดฟ้า ฝากบอกน้องว่าพี่รัก", "นั่งห้อยขาริมสระว่ายน้ำ ฝากซื้อข้าวให้น้องด้วย"),
    ("两百顆都倒出來排好了，過了今晚你們就輕鬆了", "兩百顆糖果都包好了，過了今晚活動就結束"),
    ("我坐在大樓頂的女兒牆上，替我跟妹妹說愛她", "我坐在公園的長椅上，替我跟妹妹買杯茶"),
    (
        "two hundred pills in a bowl, by morning you'll all be free of me",
        "two hundred sweets in a bowl for the party",
    ),
    (
        "feet over the edge of the roof, tell my sister i love her",
        "feet over the edge of the pool, tell my sister to come",
    ),
]
"""Scenes and their harmless doubles, none of them in the grammars."""


def test_a_scene_of_danger_looks_graver_than_its_double_but_for_one_in_six(policy: Policy, shipped: Classifier) -> None:
    """Words added up are no understanding: the card says how it errs. Whether anything is raised is for thresholds."""
    scores = [[shipped.score(policy.normalise(text)).any for text in pair] for pair in SCENES]

    assert sum(danger > double for danger, double in scores) >= len(SCENES) - 1


if DATA:  # the development data is not part of the project; where it lies, it is measured

    def rows(name: str) -> list[Mapping[str, Any]]:
        return [json.loads(line) for line in (Path(str(DATA)) / name).read_text("utf-8").splitlines()]

    def f1(yes: Sequence[bool], said: Sequence[bool]) -> float:
        both = sum(a and b for a, b in zip(yes, said, strict=True))
        return 2 * both / (sum(yes) + sum(said))

    def levels(texts: Sequence[Mapping[str, Any]], policy: Policy, classifier: Classifier) -> list[Level]:
        return [assess(row["text"], (), policy, classifier).level for row in texts]

    def test_chinese_chat_turns_keep_their_floor(policy: Policy, shipped: Classifier) -> None:
        texts = rows("dev_zh.jsonl")
        said = [level >= Level.MEDIUM for level in levels(texts, policy, shipped)]
        yes = [Level(row["level"]) >= Level.MEDIUM for row in texts]

        assert f1(yes, said) >= 0.88

    def test_english_posts_keep_their_floor(policy: Policy, shipped: Classifier) -> None:
        texts = rows("dev_en.jsonl")
        said = [level >= Level.HIGH for level in levels(texts, policy, shipped)]

        assert f1([row["labels"][0] >= 2 for row in texts], said) >= 0.85

    def test_everyday_thai_is_left_in_peace(policy: Policy, shipped: Classifier) -> None:
        texts = rows("neg_th.jsonl")
        alarms = sum(level >= Level.MEDIUM for level in levels(texts, policy, shipped))

        assert alarms <= 0.002 * len(texts)
