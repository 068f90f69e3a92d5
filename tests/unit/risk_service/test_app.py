"""What the service carries: nothing of a model's SDK while nobody asked for one, and no model that cannot be had."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from namjai.risk.settings import RiskSettings


def test_without_a_second_opinion_no_sdk_is_loaded() -> None:
    heavy = (
        "import sys, namjai.risk.app; print([m for m in ('google.genai', 'pydantic_ai', 'openai') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("opinion", "missing"),
    [("gemini", "NAMJAI_OPINION_API_KEY"), ("openai", "NAMJAI_OPINION_MODEL"), ("fake", "NAMJAI_OPINION_BASE_URL")],
)
def test_a_model_that_cannot_be_had_stops_the_start_and_says_what_is_missing(opinion: str, missing: str) -> None:
    with pytest.raises(ValidationError) as refused:
        RiskSettings(opinion=opinion)
    assert missing in refused.value.errors()[0]["type"]


def test_nobody_looks_a_second_time_unless_asked_to() -> None:
    assert RiskSettings().opinion == "off"
