"""A verdict's time: a message of 500 characters in each language, whatever it says; and no text can make it slow."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from namjai.risk.domain.policy import Policy
from namjai.risk.domain.screen import screen

HERE = Path(__file__).parent
MESSAGE_CHARS = 500
RULES_P99_MS_MAX = 5.0
"""All of what a verdict may take: on a quiet machine it is 1 to 3 ms, and a busy one is slower. As CPU time."""
DENSE_P99_MS_MAX = 20.0
"""For messages that are nothing but danger, a dozen crises in 500 characters: nobody writes so, and no queue forms."""
EVERYDAY = {
    "th": ["วันนี้ไปตลาดกับแม่มา ซื้อผักกับปลามาทำกับข้าว", "หมอนัดอีกทีวันพุธหน้า ต้องเอาใบนัดไปด้วยไหมคะ", "ฝนตกทั้งวันเลยไม่ได้ออกไปไหน"],
    "en": [
        "Went to the market with my mother and cooked fish.",
        "My next appointment is Wednesday, do I bring the card?",
    ],
    "zh": [
        "今天陪媽媽去市場買菜，晚上煮了一條魚。",
        "下次回診是禮拜三，要帶預約單嗎？",
        "下了一整天的雨，所以在家看書。",
    ],
}
HOSTILE = [
    *("想死", "不想死", "我朋友說", "ไม่อยากตาย ", "อยาก", "เพื่อนบอกว่า", "yak tai ", "想 ", "i don't want to die "),
    *("kill myself ", "my friend says ", "took 40 pills ", "pills and wine and ", ":gun: ", "\n", "a", "ab ", "ก"),
    *("自", "(", "k1", "ั", "💊", "1"),
]


def messages(language: str, risky: int) -> list[str]:
    """Stretches of 500 characters; of ten sentences `risky` speak of danger, two seem to, the rest are ordinary."""
    suites = [yaml.safe_load((HERE / f"cases_{name}.yaml").read_text("utf-8")) for name in ("broad", "heldout")]
    calm = [text for suite in suites for level in ("none", "low") for text in suite[language][level]]
    grave = [text for suite in suites for level in ("medium", "high", "crisis") for text in suite[language][level]]
    plain = EVERYDAY[language]
    kinds = [grave] * risky + [calm] * 2 + [plain] * 8
    said = [kinds[n % 10][n % len(kinds[n % 10])] for n in range(1500)]
    whole = "\n".join(said)
    return [whole[at : at + MESSAGE_CHARS] for at in range(0, len(whole) - MESSAGE_CHARS, MESSAGE_CHARS)]


def cost_ms(text: str, policy: Policy) -> float:
    policy.normalise("")  # the last view is kept, and no message should profit from the one before
    begin = time.process_time()
    screen(text, policy)
    return (time.process_time() - begin) * 1000


@pytest.mark.parametrize(("risky", "p99_ms_max"), [(2, RULES_P99_MS_MAX), (10, DENSE_P99_MS_MAX)])
@pytest.mark.parametrize("language", ["th", "en", "zh"])
def test_a_message_of_500_characters_is_screened_in_time(
    language: str, risky: int, p99_ms_max: float, policy: Policy
) -> None:
    texts = messages(language, risky)

    costs = sorted(min(cost_ms(text, policy) for _ in range(3)) for text in texts)

    assert costs[int(len(costs) * 0.99)] < p99_ms_max


@pytest.mark.parametrize("piece", HOSTILE, ids=range(len(HOSTILE)))
def test_ten_times_the_text_takes_about_ten_times_as_long(piece: str, policy: Policy) -> None:
    short, long = (piece * (length // len(piece) + 1) for length in (500, 5_000))

    cheap = min(cost_ms(short[:500], policy) for _ in range(3))
    dear = min(cost_ms(long[:5_000], policy) for _ in range(3))

    assert dear < 20 * cheap + 10
