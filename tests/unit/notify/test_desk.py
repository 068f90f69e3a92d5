"""The memory of one process: whose attempts were ours, what is finished, and in which order."""

import asyncio

from namjai.notify.desk import Desk


async def never() -> bool:
    return False


async def always() -> bool:
    return True


def test_an_attempt_that_was_not_ours_is_known() -> None:
    desk = Desk()
    assert not desk.take("a", 1).former
    assert not desk.take("a", 2).former
    assert desk.take("a", 4).former
    assert desk.take("a", 5).former, "and stays known"
    assert desk.take("b", 2).former
    assert desk.take("c", 1, resent=True).former


def test_what_is_forgotten_counts_as_tried_by_somebody_else() -> None:
    desk = Desk(entries_max=2)
    for reply in ("a", "b", "c"):
        desk.take(reply, 1)
    assert desk.take("a", 2).former
    assert not desk.take("c", 2).former


async def test_a_turn_goes_when_the_one_before_is_finished_here() -> None:
    desk = Desk()
    first = desk.take("a", 1)
    async with asyncio.TaskGroup() as work:
        waiting = work.create_task(desk.after("a", never))
        await asyncio.sleep(0)
        assert not waiting.done()
        desk.finish("a", first, [])
    assert waiting.result()


async def test_a_turn_goes_when_the_one_before_is_on_record() -> None:
    assert await Desk().after("elsewhere", always)
    assert await Desk().after(None, never)


async def test_late_beats_never_unless_we_are_still_at_it() -> None:
    desk = Desk(order_wait_s=0.01)
    assert await desk.after("lost", never)
    desk.take("here", 1)
    assert not await desk.after("here", never)
