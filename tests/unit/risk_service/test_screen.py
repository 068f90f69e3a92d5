"""Words that nobody has said yet are judged by the policy in force, and leave no trace."""

from __future__ import annotations

import logging

import pytest

from namjai.risk import rules
from namjai.risk.api import AT_ONCE_CHARS_MAX, Words
from namjai.risk.api_words import Screen

WORDS = Words(rules.load, None)


async def test_the_verdict_names_the_policy_that_gave_it() -> None:
    found = await WORDS.screen(Screen(text="That sounds like a long day."))
    assert (found.level, found.version) == ("none", rules.load().version)


@pytest.mark.parametrize("padding", [0, AT_ONCE_CHARS_MAX])
async def test_danger_is_found_in_short_and_in_long_words(padding: int) -> None:
    found = await WORDS.screen(Screen(text="Sleep well. " * padding + "I will kill myself tonight.", language="en"))
    assert (found.level, found.category) == ("crisis", "suicide")


async def test_nothing_is_logged(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    await WORDS.screen(Screen(text="I will kill myself tonight."))
    assert caplog.text == ""
    assert "".join(capsys.readouterr()) == ""
