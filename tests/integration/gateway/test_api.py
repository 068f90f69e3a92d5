"""The client for what the services behind the door answer, against real NATS micro endpoints."""

import asyncio
import time

import pytest
from nats.aio.client import Client
from nats.micro import add_service
from nats.micro.request import Request

from namjai.gateway.adapters.api import Api, ApiRefused, ApiUnavailable
from namjai.runtime.bus import Requests


@pytest.fixture
async def api(nc: Client) -> Api:
    return Api(await Requests.open(nc))


async def test_an_endpoint_is_asked_and_answers(nc: Client, api: Api) -> None:
    async def shout(request: Request) -> None:
        await request.respond(request.data.upper())

    async def refuse(request: Request) -> None:
        await request.respond_error("409", "somebody was faster")

    async def sleep(_: Request) -> None:
        await asyncio.sleep(0.3)

    service = await add_service(nc, name="analytics", version="1.0.0")
    for name, handler in (("shout", shout), ("refuse", refuse), ("sleep", sleep)):
        await service.add_endpoint(name=name, subject=f"api.analytics.{name}", handler=handler)
    try:
        answers = await asyncio.gather(*(api.ask("api.analytics.shout", b"n%d" % n) for n in range(20)))
        assert answers == [b"N%d" % n for n in range(20)]
        with pytest.raises(ApiRefused) as refused:
            await api.ask("api.analytics.refuse")
        assert (refused.value.code, refused.value.reason) == (409, "somebody was faster")
        with pytest.raises(ApiUnavailable):
            await api.ask("api.analytics.sleep", deadline_s=0.1)
    finally:
        await service.stop()


async def test_a_service_that_does_not_run_is_known_at_once(api: Api) -> None:
    started = time.perf_counter()
    with pytest.raises(ApiUnavailable):
        await api.ask("api.nobody.home")
    assert time.perf_counter() - started < 0.5
