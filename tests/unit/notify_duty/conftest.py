"""One clinic, as its roster is written down."""

from __future__ import annotations

import copy
from typing import Any

import pytest

CLINIC: dict[str, Any] = {
    "staff": [
        {"name": "ploy", "email": "ploy@clinic.example"},
        {"name": "dao", "email": "dao@clinic.example"},
        {"name": "nok", "email": "nok@clinic.example", "level": 2},
        {"name": "pager", "webhook": "https://pager.example/hook", "level": 3},
    ],
    "schedules": {
        "days": {
            "layers": [
                {
                    "people": ["ploy", "dao"],
                    "start": "2026-01-05",
                    "only": [{"days": ["mon", "tue", "wed", "thu", "fri"], "start": "08:00", "end": "18:00"}],
                }
            ]
        },
        "nights": {
            "layers": [{"people": ["nok"], "start": "2026-01-05", "only": [{"start": "18:00", "end": "00:00"}]}]
        },
    },
    "policies": {
        "urgent": {
            "levels": [
                {"targets": ["schedule:days", "schedule:nights"]},
                {"targets": ["schedule:nights", "schedule:days"], "delay_min": 5},
            ],
            "repeat": 1,
            "round_min": 7,
        }
    },
    "route": {"crisis": "urgent", "high": "urgent", "medium": "inbox"},
    "fallback": ["person:pager"],
}


@pytest.fixture
def clinic() -> dict[str, Any]:
    return copy.deepcopy(CLINIC)
