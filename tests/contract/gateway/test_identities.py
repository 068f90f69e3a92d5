"""What the gateway relies on of identities, whichever stands behind the port; and what only NATS can get wrong."""

import asyncio
import re
import secrets

import pytest
from nats.aio.client import Client

from namjai.devkit.testing import NatsServer
from namjai.gateway.ports import Identities
from namjai.runtime.bus import connect
from namjai.runtime.errors import LogUnavailable
from tests.contract.gateway.conftest import identities_on


@pytest.fixture
def person() -> str:
    return "U" + secrets.token_hex(16)


async def test_somebody_new_becomes_a_member_and_stays_that_member(identities: Identities, person: str) -> None:
    assert identities.known(person) is None
    member = await identities.resolve(person)
    assert re.fullmatch(r"m[a-z2-7]{25}", member)
    assert await identities.resolve(person) == identities.known(person) == member


async def test_two_people_are_two_members(identities: Identities, person: str) -> None:
    assert await identities.resolve(person) != await identities.resolve(person[:-1] + "x")


async def test_many_who_ask_at_once_get_one_member(identities: Identities, person: str) -> None:
    assert len(set(await asyncio.gather(*(identities.resolve(person) for _ in range(50))))) == 1


async def test_who_was_forgotten_comes_back_as_somebody_new(identities: Identities, person: str) -> None:
    member = await identities.resolve(person)
    assert await identities.forget(person, member)
    assert identities.known(person) is None
    returned = await identities.resolve(person)
    assert returned != member
    assert await identities.resolve(person) == returned


async def test_forgetting_twice_does_not_forget_who_came_back(identities: Identities, person: str) -> None:
    member = await identities.resolve(person)
    assert await identities.forget(person, member)
    assert not await identities.forget(person, member)
    returned = await identities.resolve(person)
    assert not await identities.forget(person, member)
    assert await identities.resolve(person) == returned


async def test_two_gateways_agree_on_one_member(gateway_nc: Client, identities_nats: NatsServer, person: str) -> None:
    elsewhere = await connect(identities_nats.url_for("gateway"), name="gateway")
    here, there = await identities_on(gateway_nc), await identities_on(elsewhere)
    asked = await asyncio.gather(*(each.resolve(person) for each in [here, there] * 20))
    assert len(set(asked)) == 1
    await elsewhere.close()


async def test_a_gateway_hears_that_another_has_forgotten(
    gateway_nc: Client, identities_nats: NatsServer, person: str
) -> None:
    elsewhere = await connect(identities_nats.url_for("gateway"), name="gateway")
    here, there = await identities_on(gateway_nc), await identities_on(elsewhere)
    member = await here.resolve(person)
    assert await there.resolve(person) == member
    await here.forget(person, member)
    await until_unknown(there, person)
    await elsewhere.close()


async def test_a_gateway_that_was_away_remembers_nobody(identities_nats: NatsServer, person: str) -> None:
    away = await connect(identities_nats.url_for("gateway"), name="gateway")
    identities = await identities_on(away)
    member = await identities.resolve(person)
    assert identities.known(person) == member
    await identities_nats.restart()
    await until_unknown(identities, person)
    async with asyncio.timeout(10):
        while not away.is_connected:
            await asyncio.sleep(0.01)
    assert await identities.resolve(person) == member
    await away.close()


async def test_the_record_names_nobody_and_leaves_no_trace(
    gateway_nc: Client, identities_nats: NatsServer, person: str
) -> None:
    identities = await identities_on(gateway_nc)
    member = await identities.resolve(person)
    assert files_with(identities_nats, member) != []
    await identities.forget(person, member)
    await identities_nats.restart()  # what is still in memory only is written to the files
    assert files_with(identities_nats, member) == []
    assert files_with(identities_nats, person) == []


async def test_the_cache_is_bounded(gateway_nc: Client) -> None:
    identities = await identities_on(gateway_nc, cache_entries=10)
    people = [f"U{secrets.token_hex(16)}" for _ in range(30)]
    for each in people:
        await identities.resolve(each)
    assert sum(identities.known(each) is not None for each in people) == 10


async def test_without_nats_nobody_can_be_resolved(identities_nats: NatsServer, person: str) -> None:
    away = await connect(identities_nats.url_for("gateway"), name="gateway")
    identities = await identities_on(away)
    await identities_nats.stop()
    with pytest.raises(LogUnavailable):
        await identities.resolve(person)
    await identities_nats.start()
    await away.close()


async def until_unknown(identities: Identities, person: str) -> None:
    async with asyncio.timeout(10):
        while identities.known(person) is not None:
            await asyncio.sleep(0.01)


def files_with(server: NatsServer, text: str) -> list[str]:
    """The files of the store in which a text can be read."""
    files = [path for path in server.store_dir.rglob("*") if path.is_file()]
    return [path.name for path in files if text.encode() in path.read_bytes()]


async def test_who_was_forgotten_for_want_of_memory_is_still_the_same_member(gateway_nc: Client, person: str) -> None:
    identities = await identities_on(gateway_nc)
    member = await identities.resolve(person)
    assert identities.prune(0) == 1
    assert identities.known(person) is None
    assert await identities.resolve(person) == member
