"""What chat does once risk has judged an answer about death: the card, although the turn for it is long over."""

import pytest

from namjai.events.instrument import InstrumentAnswered
from tests.unit.chat.crisis.world import World


def answered(world: World, item: int, value: int, *, about_death: bool = True) -> str:
    return world.fact(
        InstrumentAnswered(instrument="8q", version="1", item=item, value=value, about_death=about_death)
    ).id


@pytest.mark.parametrize("level", ["high", "crisis"])
def test_danger_found_in_an_answer_is_owed_its_card(level: str) -> None:
    world = World()
    world.judge(answered(world, 4, 8), level)  # type: ignore[arg-type]
    assert [verdict.level for verdict in world.state.owed] == [level]


def test_a_wish_to_be_dead_goes_to_the_inbox_and_needs_no_card() -> None:
    world = World()
    world.judge(answered(world, 1, 1), "medium")
    assert world.state.owed == ()


@pytest.mark.parametrize(("value", "about_death"), [(0, True), (8, False)])
def test_other_answers_are_not_waited_for(value: int, about_death: bool) -> None:
    world = World()
    answered(world, 4, value, about_death=about_death)
    assert world.state.unscreened == ()
