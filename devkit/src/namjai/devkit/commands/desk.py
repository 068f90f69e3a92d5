"""The way from a command to the services: the run of a home, or another NATS by NAMJAI_NATS_URL, _USER, _PASSWORD."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from nats.aio.client import Client
from nats.errors import Error as NatsError

from namjai.devkit.commands.common import fail, home_of, readable_errors
from namjai.devkit.home import ADMIN
from namjai.runtime.bus import Requests, connect
from namjai.runtime.logs import configure_logs
from namjai.runtime.micro import Ask, Refused, Unavailable
from namjai.runtime.version import VERSION

By = Annotated[str, typer.Option("--by", envvar="NAMJAI_STAFF_NAME", help="Your own name among the staff; on record.")]
CONNECT_DEADLINE_S = 5.0
ASK_DEADLINE_S = 15.0
"""A policy is read rule by rule before it is in force, which takes a busy machine seconds."""

A = TypeVar("A", bound=msgspec.Struct)


class Desk:
    """One service's endpoints, asked by a person."""

    def __init__(self, client: Client, requests: Requests, service: str) -> None:
        self.client = client
        self._ask = Ask(requests)
        self._service = service

    async def ask(self, name: str, asked: msgspec.Struct, answered: type[A]) -> A:
        """Ask `api.<service>.<name>`. Raises `Refused` or `Unavailable`."""
        subject = f"api.{self._service}.{name}"
        answer = await self._ask.ask(subject, msgspec.json.encode(asked), deadline_s=ASK_DEADLINE_S)
        return msgspec.json.decode(answer, type=answered)


def at_desk(home: Path, service: str, work: Callable[[Desk], Awaitable[None]]) -> None:
    """Do some work with a service; what a person can do something about becomes a line and exit code 1."""
    with readable_errors():
        asyncio.run(_at_desk(home, service, work))


def as_json(answer: msgspec.Struct) -> None:
    """Print an answer for a program."""
    typer.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2))


async def _at_desk(home: Path, service: str, work: Callable[[Desk], Awaitable[None]]) -> None:
    async with connected(home) as client:
        try:
            await work(Desk(client, await Requests.open(client), service))
        except Refused as no:
            raise fail(no.reason) from None
        except Unavailable:
            raise fail(f"the {service} service does not answer; see `namjai status`") from None


@asynccontextmanager
async def connected(home: Path) -> AsyncIterator[Client]:
    """NATS as an administrator, or as whom the environment says. Raises `Exit` with a line for people."""
    configure_logs("devkit", VERSION, level="error")  # a person reads this, not a log
    if url := os.environ.get("NAMJAI_NATS_URL"):
        user, password = os.environ.get("NAMJAI_NATS_USER"), os.environ.get("NAMJAI_NATS_PASSWORD")
    else:
        url, user, password = home_of(home).run().nats_url, None, None
    ca_file = os.environ.get("NAMJAI_NATS_CA_FILE")
    try:
        async with asyncio.timeout(CONNECT_DEADLINE_S):
            client = await connect(
                url, name=user or ADMIN, user=user, password=password, ca_file=ca_file, for_ever=False
            )
    except (TimeoutError, OSError, NatsError):
        raise fail("NATS cannot be reached; is the address right, and the user and the password?") from None
    try:
        yield client
    finally:
        await client.close()
