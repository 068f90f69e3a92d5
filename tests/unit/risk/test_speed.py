"""A verdict's time: a message of 500 characters in each language, whatever it says; and no text can make it slow."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from statistics import median

import pytest

from namjai.risk.domain.policy import Policy
from namjai.risk.domain.screen import screen
from tests.unit.risk.cases import cases

MESSAGE_CHARS = 500
PROMISED_P99_MS_MAX = 5.0
"""What the first verdict on a message may take, as CPU time of the quiet reference machine: see `costs_ms`."""
DENSE_P99_MS_MAX = 12.0
"""For messages that are nothing but danger, a dozen crises in 500 characters: nobody writes so, and no queue forms."""
USUAL_MS = {"th": (1.25, 3.1), "en": (1.0, 2.4), "zh": (1.9, 5.4)}
"""What a message takes today, the median of ordinary and of dense ones. Whoever makes it faster writes it here."""
SLOWER_MAX = 1.6
"""So far may the usual go before we call the screener slower. Noise makes 1.4 of it; twice the work, 1.6 to 1.9."""
CostsMs = Callable[..., list[float]]
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
    suites = [cases(name) for name in ("broad", "heldout")]
    calm = [text for suite in suites for level in ("none", "low") for text in suite[language][level]]
    grave = [text for suite in suites for level in ("medium", "high", "crisis") for text in suite[language][level]]
    plain = EVERYDAY[language]
    kinds = [grave] * risky + [calm] * 2 + [plain] * 8
    said = [kinds[n % 10][n % len(kinds[n % 10])] for n in range(1500)]
    whole = "\n".join(said)
    return [whole[at : at + MESSAGE_CHARS] for at in range(0, len(whole) - MESSAGE_CHARS, MESSAGE_CHARS)]


@pytest.mark.parametrize(("risky", "p99_ms_max"), [(2, PROMISED_P99_MS_MAX), (10, DENSE_P99_MS_MAX)])
@pytest.mark.parametrize("language", ["th", "en", "zh"])
def test_a_message_of_500_characters_is_screened_in_time(
    language: str, risky: int, p99_ms_max: float, policy: Policy, costs_ms: CostsMs
) -> None:
    works = [partial(screen, text, policy) for text in messages(language, risky)]

    costs = sorted(costs_ms(*works))

    assert costs[int(len(costs) * 0.99)] <= p99_ms_max
    assert median(costs) <= SLOWER_MAX * USUAL_MS[language][risky == 10]


@pytest.mark.parametrize("piece", HOSTILE, ids=range(len(HOSTILE)))
def test_ten_times_the_text_takes_about_ten_times_as_long(piece: str, policy: Policy, costs_ms: CostsMs) -> None:
    short, long = ((piece * (length // len(piece) + 1))[:length] for length in (500, 5_000))

    cheap, dear = costs_ms(partial(screen, short, policy), partial(screen, long, policy))

    assert dear < 20 * cheap + 10
