"""The shapes that others rely on: a change here is a change of the contract, and the golden files say which."""

import json
from pathlib import Path

import msgspec
import pytest

from namjai.analytics.adapters.queries import Overview, Timeline
from namjai.analytics.api import OverviewRequest, TimelineRequest

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("kind", [OverviewRequest, Overview, TimelineRequest, Timeline], ids=lambda kind: kind.__name__)
def test_a_request_or_answer_has_the_agreed_shape(kind: type[msgspec.Struct]) -> None:
    golden = json.loads((GOLDEN / f"{kind.__name__}.json").read_text("utf-8"))
    assert msgspec.json.schema(kind) == golden
