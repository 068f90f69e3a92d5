"""The commands that look into the log, as a person calls them, on a real NATS."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nats.aio.client import Client

from namjai.devkit import terminal
from namjai.devkit.embedded.nats import admin
from namjai.devkit.home import Home
from namjai.devkit.testing import nats_server, run_of
from namjai.events import Sealed, begin, codec
from namjai.events.message import MessageReceived
from namjai.runtime.bus import Requests, connect
from namjai.runtime.log import NatsLog
from namjai.runtime.provision import provision

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = "ฉันอยากเลิกเหล้า"


@dataclass(frozen=True)
class Place:
    home: Home
    client: Client
    event: bytes


@pytest.fixture(scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """A home with a provisioned NATS, one message in the log and one dead letter."""
    directory = tmp_path_factory.mktemp("commands")
    home = Home(directory / "home")
    home.make()
    async with nats_server(directory, users=[admin("secret")]) as server:
        client = await connect(server.url, name="admin")
        await provision(client)
        message = MessageReceived(
            kind="text",
            message_id="1",
            webhook_event_id="w1",
            source_kind="user",
            mode="active",
            sent_at=NOW,
            received_at=NOW,
            text=Sealed(TEXT),
            raw=Sealed("{}"),
        )
        event = begin(message, source="gateway", cause="w1", member="m1", time=NOW)
        sealed = codec.seal(event, AESGCM(AESGCM.generate_key(256)))
        await NatsLog(await Requests.open(client)).append([sealed])
        await client.jetstream().publish(
            "dead.chat.message.received.m1", codec.encode(sealed), headers={"Namjai-Reason": "poison"}
        )
        with home.locked():
            home.write_run(run_of(nats_url=server.url))
            yield Place(home, client, codec.encode(sealed))
        await client.close()


async def namjai(place: Place, *arguments: str) -> tuple[int, str]:
    done = await terminal.namjai(*arguments, "--home", str(place.home.path))
    return done.code, done.all


async def test_events_shows_clear_fields_and_keeps_personal_ones_sealed(place: Place) -> None:
    code, output = await namjai(place, "events")
    assert code == 0
    assert "message.received" in output
    assert "kind=text" in output
    assert "text=‹sealed›" in output
    assert TEXT not in output


async def test_events_of_somebody_who_said_nothing_ends_at_once(place: Place) -> None:
    assert await namjai(place, "events", "--member", "nobody-here") == (0, "")


async def test_the_log_of_another_machine_is_read_as_whom_the_environment_says(place: Place, tmp_path: Path) -> None:
    address = place.home.run().nats_url.partition("@")[2]
    elsewhere = {"NAMJAI_NATS_URL": f"nats://{address}", "NAMJAI_NATS_USER": "admin", "NAMJAI_NATS_PASSWORD": "secret"}
    done = await terminal.namjai("dead", "list", "--home", str(tmp_path), environment=elsewhere)
    assert (done.code, "poison" in done.out) == (0, True), done.all


async def test_a_dead_letter_is_listed_shown_and_sent_again_to_its_service_alone(place: Place) -> None:
    code, listed = await namjai(place, "dead", "list")
    assert code == 0
    assert "poison" in listed
    number = (await place.client.jetstream().stream_info("DEAD")).state.last_seq
    code, shown = await namjai(place, "dead", "show", str(number))
    assert code == 0
    assert "‹sealed›" in shown
    code, _ = await namjai(place, "dead", "resend", str(number))
    assert code == 0
    again = await place.client.jetstream().get_last_msg("DEAD", "again.chat.>")
    assert again.data == place.event
    assert await namjai(place, "dead", "list") == (0, "There are no dead letters.\n")


async def test_a_dead_letter_that_is_not_there_is_an_error(place: Place) -> None:
    code, output = await namjai(place, "dead", "show", "999")
    assert code == 1
    assert "there is no dead letter 999" in output


async def test_nobody_can_be_erased_who_is_not_in_the_log(place: Place) -> None:
    code, output = await namjai(place, "erase", "stranger")
    assert code == 1
    assert "nobody called stranger" in output


async def test_a_command_without_a_run_says_so(tmp_path: Path) -> None:
    refused = await terminal.namjai("status", "--home", str(tmp_path))
    assert refused.code == 1
    assert "nothing runs in" in refused.err
