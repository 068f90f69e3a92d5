"""What LINE is told when the log is away, and that nothing it was told is accepted is ever lost."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from namjai.devkit.embedded.nats import NatsUser, admin
from namjai.devkit.testing import NatsServer, nats_server
from namjai.events.message import MessageReceived
from namjai.runtime.bus import connect
from namjai.runtime.provision import ACCOUNTS, provision
from tests.integration.gateway.conftest import Start
from tests.integration.gateway.kit import Gateway, gateway_process, journal_on
from tests.unit.gateway.bodies import line_id, sign, text_event, webhook

FAST_S = 0.5
GONE_S = 10.0
DEADLINE_S = 1.9


@pytest.fixture(scope="module")
async def own_nats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsServer]:
    """A NATS as in production: every write on the disk, and the gateway may do only what it needs."""
    allowed = ACCOUNTS["gateway"]
    user = NatsUser(
        name="gateway", password="gateway", publish=allowed.publish, subscribe=allowed.subscribe, responds=True
    )
    async with nats_server(tmp_path_factory.mktemp("own-nats"), users=[admin("admin"), user]) as server:
        yield server


@pytest.fixture
async def own(own_nats: NatsServer, tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway on a NATS that tests may stop."""
    nc = await connect(own_nats.url, name="tests")
    await provision(nc)
    async with gateway_process(own_nats.url_for("gateway"), tmp_path, await journal_on(nc)) as running:
        yield running
    await nc.close()


async def timed(gateway: Gateway, body: bytes) -> tuple[int, float]:
    started = time.perf_counter()
    return await gateway.send(body), time.perf_counter() - started


async def until_accepted(gateway: Gateway, body: bytes) -> None:
    async with asyncio.timeout(20):
        while await gateway.send(body) != 200:
            await asyncio.sleep(0.05)


async def ready(gateway: Gateway) -> int:
    async with gateway.http.get(f"{gateway.private_url}/readyz") as answer:
        return answer.status


async def test_the_gateway_needs_no_more_than_its_own_permissions(own: Gateway) -> None:
    before = await own.position()
    assert await own.send(webhook(text_event("a"), text_event("b"))) == 200
    assert len(await own.since(before)) == 2
    assert "permissions" not in own.log_file.read_text().lower()


@pytest.mark.parametrize("known", [True, False])
async def test_w8_while_nats_is_down_it_says_so_at_once_and_goes_on_afterwards(
    own: Gateway, own_nats: NatsServer, known: bool
) -> None:
    user = line_id()
    if known:
        assert await own.send(webhook(text_event("hello", user=user))) == 200
    before = await own.position()
    await own_nats.kill()
    body = webhook(text_event("while it was down", user=user))
    status, first_s = await timed(own, body)
    assert status == 503
    assert first_s < DEADLINE_S  # it may have to find out first
    for _ in range(5):
        status, seconds = await timed(own, body)
        assert status == 503
        assert seconds < FAST_S
    assert await ready(own) == 503
    await own_nats.start()
    await until_accepted(own, body)
    assert [type(each.data) for each in await own.since(before)] == [MessageReceived]
    assert await ready(own) == 200


@pytest.mark.alone
async def test_w8_while_nats_hangs_line_gets_its_answer_in_time(own: Gateway, own_nats: NatsServer) -> None:
    body = webhook(text_event())
    before = await own.position()
    pid = own_nats.child.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        answers = await asyncio.gather(*(timed(own, body) for _ in range(20)))
        assert {status for status, _ in answers} == {503}
        assert max(seconds for _, seconds in answers) < DEADLINE_S
    finally:
        os.kill(pid, signal.SIGCONT)
    await until_accepted(own, body)
    assert len(await own.since(before)) == 1


async def test_w8_what_was_accepted_survives_the_death_of_both(own_nats: NatsServer, tmp_path: Path) -> None:
    nc = await connect(own_nats.url, name="tests")
    await provision(nc)
    journal = await journal_on(nc)
    before = await journal.log.last_sequence()
    async with gateway_process(own_nats.url_for("gateway"), tmp_path, journal) as gateway:
        assert await gateway.send(webhook(text_event("kept"), text_event("kept too"))) == 200
        os.kill(gateway.pid, signal.SIGKILL)
        await own_nats.kill()
    await own_nats.start()
    async with asyncio.timeout(10):
        while not nc.is_connected:
            await asyncio.sleep(0.02)
    assert len([raw async for raw in journal.log.read(after=before)]) == 2
    await nc.close()


async def test_a_restart_under_load_loses_and_doubles_nothing(own: Gateway, own_nats: NatsServer) -> None:
    before = await own.position()
    people = [line_id() for _ in range(10)]
    bodies = [webhook(text_event(f"{n}", user=people[n % 10])) for n in range(200)]

    async def like_line(body: bytes) -> None:
        """LINE sends again what was not answered with 200."""
        await until_accepted(own, body)

    sending = asyncio.gather(*map(like_line, bodies))
    await asyncio.sleep(0.05)
    await own_nats.kill()
    await own_nats.start()
    await sending
    facts = [each.data for each in await own.since(before)]
    texts = [fact.text.value for fact in facts if isinstance(fact, MessageReceived) and fact.text]
    assert sorted(texts) == sorted(str(n) for n in range(200))
    assert "failed" not in own.log_file.read_text()


async def test_at_a_signal_to_stop_what_has_begun_is_finished(start: Start) -> None:
    async with start() as gateway:
        sending = [asyncio.ensure_future(gateway.send(webhook(text_event()))) for _ in range(50)]
        await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)
        os.kill(gateway.pid, signal.SIGTERM)
        outcomes = await asyncio.gather(*sending, return_exceptions=True)
        # A connection that was refused or cut is sent again by LINE; an answer, once given, is true.
        assert {outcome for outcome in outcomes if isinstance(outcome, int)} == {200}
    assert '"stopped"' in gateway.log_file.read_text()


async def test_whoever_keeps_a_connection_open_is_told_with_an_answer_before_it_is_closed(start: Start) -> None:
    async with start() as gateway, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as line:

        async def post() -> tuple[int, str]:
            body = webhook(text_event())
            signed = {"x-line-signature": sign(body)}
            async with line.post(f"{gateway.url}/webhook/line", data=body, headers=signed) as answer:
                await answer.read()
                return answer.status, answer.headers.get("Connection", "keep-alive")

        assert await post() == (200, "keep-alive")
        os.kill(gateway.pid, signal.SIGTERM)
        async with asyncio.timeout(GONE_S):
            while (said := await post()) == (200, "keep-alive"):
                await asyncio.sleep(0.01)
        assert said == (200, "close")
        with pytest.raises(aiohttp.ClientConnectorError):
            await post()
