"""One person's turns arrive in their order, once, with several replicas and when a process is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from namjai.devkit.line.state.faults import Fault
from namjai.devkit.testing import NatsServer
from namjai.events.delivery import DeliveryFailed, DeliverySent
from tests.integration.notify.conftest import ACCESS_TOKEN, MASTER_KEYS, PERSON, AtWork, Line, Office

REPLY = "*/message/reply"


async def test_turns_keep_their_order_over_two_replicas(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with at_work(), at_work():
        for person in range(10):
            previous = None
            for n in range(6):
                chat = f"U{person:032x}"
                issued = await office.reply(f"{member}{person}", f"{n}", n=n, previous=previous, to=chat)
                previous = issued.id
        for person in range(10):
            await office.facts(f"{member}{person}", "delivery", 6)
    for person in range(10):
        assert line.seen(f"U{person:032x}") == ["0", "1", "2", "3", "4", "5"]
    assert not line.findings()


async def test_a_turn_waits_for_a_slow_one_before_it(office: Office, line: Line, at_work: AtWork, member: str) -> None:
    line.faults(Fault(path=REPLY, user=f"token-{member}-0", status=500, times=2))
    async with at_work(), at_work():
        first = await office.reply(member, "first")
        await office.reply(member, "second", n=1, previous=first.id)
        await office.facts(member, "delivery", 2)
    assert line.seen() == ["first", "second"]


async def test_a_turn_whose_predecessor_is_lost_goes_out_late(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with at_work(order_wait_s=1):
        await office.reply(member, "alone", previous="00000000-0000-0000-0000-000000000000")
        [fact] = await office.facts(member, "delivery", 1, within_s=20)
    assert isinstance(fact, DeliverySent)
    assert fact.latency_ms >= 1_000
    assert line.seen() == ["alone"]


async def test_after_a_restart_the_log_says_what_is_finished(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with at_work():
        first = await office.reply(member, "first")
        await office.facts(member, "delivery", 1)
    async with at_work():
        await office.reply(member, "second", n=1, previous=first.id)
        facts = await office.facts(member, "delivery", 2)
    assert facts[1].latency_ms < 5_000
    assert line.seen() == ["first", "second"]


async def test_when_the_log_was_restored_and_everything_comes_again_nobody_is_told_twice(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    """A restored log has no consumers: all of it is handed over as if for the first time."""
    async with at_work():
        await office.reply(member, "told already", age_s=120)
        await office.facts(member, "delivery", 1)
    seen = line.seen()
    assert seen == ["told already"]
    for durable in ("notify", "notify-urgent", "notify-alerts"):
        await office.nc.jetstream().delete_consumer("EVENTS", durable)
    async with at_work():
        await office.reply(member, "new", n=1)
        await office.facts(member, "delivery", 2)
        assert line.seen() == ["told already", "new"]
    assert len(await office.facts(member, "delivery", 2)) == 2


async def test_an_erased_persons_turn_is_not_sent(office: Office, line: Line, at_work: AtWork, member: str) -> None:
    await office.reply(member, "hello")
    await office.journal.keyring.destroy(member)
    async with at_work():
        [fact] = await office.facts(member, "delivery", 1)
    assert isinstance(fact, DeliveryFailed)
    assert fact.reason == "erased"
    assert line.seen() == []


@asynccontextmanager
async def process(server: NatsServer, line: Line, errors: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The service as `python -m namjai.notify`."""
    told = {
        "NAMJAI_NATS_URL": server.url,
        "NAMJAI_MASTER_KEYS": MASTER_KEYS,
        "NAMJAI_LINE_API_URL": line.url,
        "NAMJAI_LINE_CHANNEL_ACCESS_TOKEN": ACCESS_TOKEN,
        "NAMJAI_ACK_WAIT_S": "1",
        "NAMJAI_DRAIN_S": "1",
    }
    with errors.open("ab") as log:
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "namjai.notify", env={**os.environ, **told}, stderr=log
        )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.send_signal(signal.SIGTERM)
        await running.wait()


async def test_a_kill_between_lines_answer_and_the_log_sends_nothing_twice(
    office: Office, line: Line, server: NatsServer, member: str, tmp_path: Path
) -> None:
    line.faults(Fault(path=REPLY, delay_ms=30_000, after=True, times=1))
    async with process(server, line, tmp_path / "errors") as first:
        await office.reply(member, "hello")
        await line.until(lambda: line.seen() == ["hello"], within_s=30)
        first.kill()
        await first.wait()
    async with process(server, line, tmp_path / "errors") as second:
        [fact] = await office.facts(member, "delivery", 1, within_s=30)
    assert (fact.via, fact.presumed) == ("reply", True)
    assert line.seen(PERSON) == ["hello"]
    assert second.returncode == 0, "it stops in order when it is told to"
    assert not line.findings()


async def test_a_nats_that_dies_under_a_call_costs_no_second_one(
    office: Office, line: Line, server: NatsServer, at_work: AtWork, member: str
) -> None:
    line.faults(Fault(path=REPLY, delay_ms=700, after=True, times=1))
    async with at_work():
        await office.reply(member, "hello")
        await line.until(lambda: line.seen() == ["hello"])
        await server.kill()
        await asyncio.sleep(1.5)
        await server.start()
        await line.until(lambda: office.nc.is_connected)
        [fact] = await office.facts(member, "delivery", 1)
        await asyncio.sleep(1.5)  # longer than the ack wait: a second delivery would show by now
        assert len(await office.facts(member, "delivery", 1)) == 1
    assert (fact.via, fact.presumed, fact.calls) == ("reply", False, 1)
    assert len(line.calls("reply")) == 1


async def test_a_turn_handed_over_anew_as_if_for_the_first_time_is_not_sent_again(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with at_work():
        await office.reply(member, "hello")
        await office.facts(member, "delivery", 1)
    await office.nc.jetstream().delete_consumer("EVENTS", "notify")  # what it had delivered is forgotten with it
    async with at_work():
        await office.reply(member, "and this", n=1)
        await office.facts(member, "delivery", 2)
    assert sorted(line.seen()) == ["and this", "hello"]
    assert len(line.calls("reply")) == 3, "the used token was tried"
    assert not line.calls("push")
