"""Questions and commands between services, against a real server: answers, refusals, and what is away."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import msgspec
import pytest
from nats.aio.client import Client

from namjai.runtime.bus import Requests
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.metrics import Metrics
from namjai.runtime.micro import Ask, Endpoint, Endpoints, Refused, Unavailable


class Word(msgspec.Struct, frozen=True):
    word: str = ""


async def shout(asked: Word) -> Word:
    return Word(asked.word.upper())


async def refuse(_: Word) -> Word:
    raise Refused(409, "somebody was faster")


async def dawdle(_: Word) -> Word:
    await asyncio.sleep(0.3)
    return Word()


async def lose_the_log(_: Word) -> Word:
    raise LogUnavailable("no stream")


async def stumble(_: Word) -> Word:
    raise KeyError("something personal")


ANSWERS = {
    "loud.shout": shout,
    "refuse": refuse,
    "dawdle": dawdle,
    "lose_the_log": lose_the_log,
    "stumble": stumble,
}


@pytest.fixture
async def asked(nc: Client) -> Ask:
    return Ask(await Requests.open(nc))


@pytest.fixture
async def listening(nc: Client, asked: Ask) -> AsyncIterator[None]:
    stop = asyncio.Event()
    offered = [Endpoint(name, Word, Word, answer) for name, answer in ANSWERS.items()]
    service = Endpoints(nc, "echo", offered, Metrics("echo"), version="1.0.0", description="Says it again.")
    running = asyncio.create_task(service.run(stop))
    while True:
        try:
            await asked.ask("api.echo.stumble")
        except Refused:
            break
        except Unavailable:
            await asyncio.sleep(0.01)
    yield
    stop.set()
    await running


@pytest.mark.usefixtures("listening")
async def test_many_questions_at_once_get_their_own_answers(asked: Ask) -> None:
    answers = await asyncio.gather(*(asked.ask("api.echo.loud.shout", b'{"word":"n%d"}' % n) for n in range(40)))
    assert [json.loads(answer)["word"] for answer in answers] == [f"N{n}" for n in range(40)]


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize(
    ("endpoint", "query", "code", "reason"),
    [
        ("refuse", b"", 409, "somebody was faster"),
        ("loud.shout", b'{"word": 7}', 400, "the request does not fit the schema"),
        ("loud.shout", b"\xff", 400, "the request does not fit the schema"),
        ("lose_the_log", b"", 503, "the log cannot be reached now"),
        ("stumble", b"", 500, "internal error"),
    ],
)
async def test_a_refusal_says_why_and_nothing_personal(
    asked: Ask, endpoint: str, query: bytes, code: int, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        await asked.ask(f"api.echo.{endpoint}", query)
    assert (refused.value.code, refused.value.reason) == (code, reason)


@pytest.mark.usefixtures("listening")
async def test_an_answer_that_takes_too_long_is_not_waited_for(asked: Ask) -> None:
    with pytest.raises(Unavailable):
        await asked.ask("api.echo.dawdle", deadline_s=0.1)


async def test_a_service_that_does_not_run_is_known_at_once(asked: Ask) -> None:
    started = time.perf_counter()
    with pytest.raises(Unavailable):
        await asked.ask("api.nobody.home")
    assert time.perf_counter() - started < 0.5
