"""`namjai events`, `dead …` and `erase`: looking into the log, mending it, and making somebody unreadable."""

import asyncio
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from nats.js.api import ConsumerConfig, DeliverPolicy
from rich.table import Table
from rich.text import Text

from namjai.devkit.commands.clear import clear_fields, one_line
from namjai.devkit.commands.common import DEFAULT_HOME, HomeOption, fail, out, readable_errors
from namjai.devkit.commands.desk import connected
from namjai.events import begin, subjects
from namjai.events.codec import Malformed
from namjai.events.member import ErasureRequested, MemberErased
from namjai.runtime.bus import Requests
from namjai.runtime.dead import DeadLetters, Letter
from namjai.runtime.log import STREAM, NatsLog

ERASE_DEADLINE_S = 30.0
POLL_S = 0.1
SHOWN_DEFAULT = 50

dead = typer.Typer(
    no_args_is_help=True,
    help="Events that a service could not handle: look at them, send them again. For a NATS elsewhere set "
    "NAMJAI_NATS_URL, NAMJAI_NATS_USER and NAMJAI_NATS_PASSWORD.",
)


def events(
    home: HomeOption = DEFAULT_HOME,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Stay, and show what comes.")] = False,
    last: Annotated[int, typer.Option(min=0, help="How many of the newest events to begin with.")] = SHOWN_DEFAULT,
    member: Annotated[str | None, typer.Option(help="Only this member's.")] = None,
) -> None:
    """Show the log: clear fields only, personal ones stay sealed. For a NATS elsewhere set NAMJAI_NATS_URL."""
    with readable_errors():
        asyncio.run(_events(home, follow=follow, last=last, member=member))


@dead.command("list")
def dead_list(home: HomeOption = DEFAULT_HOME, service: str | None = None) -> None:
    """List the dead letters, oldest first."""
    with readable_errors():
        asyncio.run(_dead_list(home, service))


@dead.command("show")
def dead_show(number: int, home: HomeOption = DEFAULT_HOME) -> None:
    """Show one dead letter and the clear fields of its event."""
    with readable_errors():
        asyncio.run(_dead_show(home, number))


@dead.command("resend")
def dead_resend(
    numbers: Annotated[list[int] | None, typer.Argument(help="Numbers from the list.")] = None,
    home: HomeOption = DEFAULT_HOME,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """Hand dead letters to their service once more, and to no other service."""
    if not numbers and not everything:
        raise fail("say which: numbers from `namjai dead list`, or --all")
    with readable_errors():
        asyncio.run(_dead_resend(home, numbers or [], everything=everything))


def erase(member: str, home: HomeOption = DEFAULT_HOME) -> None:
    """Destroy a member's key, so that nothing personal of theirs can be read anywhere; prints the receipt."""
    with readable_errors():
        asyncio.run(_erase(home, member))


async def _events(home: Path, *, follow: bool, last: int, member: str | None) -> None:
    async with connected(home) as client:
        newest = (await client.jetstream().stream_info(STREAM)).state.last_seq
        start = ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=max(1, newest - last + 1))
        subscription = await client.jetstream().subscribe(
            subjects.history(member) if member else subjects.EVENTS,
            stream=STREAM,
            ordered_consumer=True,
            config=start,
        )
        consumer = await subscription.consumer_info()  # some may have been delivered while we asked
        waiting = (consumer.num_pending or 0) + (consumer.delivered.consumer_seq if consumer.delivered else 0)
        while follow or waiting > 0:
            try:
                message = await subscription.next_msg(timeout=1)
            except TimeoutError:
                if follow:
                    continue
                return
            waiting -= 1
            stored = message.metadata
            _print_event(stored.sequence.stream, stored.timestamp, message.subject, message.data)


def _print_event(sequence: int, at: datetime, subject: str, data: bytes) -> None:
    try:
        event_type, fields = clear_fields(data)
    except Malformed:
        event_type, fields = "malformed", {}
    line = Text.assemble(
        (f"{at:%H:%M:%S.%f}"[:-3] + " ", "dim"),
        f"{sequence:>7} ",
        (event_type.removesuffix(".v1") + " ", "bold"),
        (subjects.member_of(subject) + " ", "cyan"),
        one_line(fields),
    )
    out.print(line, soft_wrap=True)


async def _dead_list(home: Path, service: str | None) -> None:
    table = Table("number", "since", "service", "event", "tries", "reason")
    async with connected(home) as client:
        async for letter in DeadLetters(await Requests.open(client)).letters(service):
            since = f"{letter.stored_at:%Y-%m-%d %H:%M:%S}"
            what = letter.subject.removeprefix(f"dead.{letter.service}.")
            table.add_row(str(letter.number), since, letter.service, what, str(letter.attempts), letter.reason)
    out.print(table if table.row_count else "There are no dead letters.")


async def _dead_show(home: Path, number: int) -> None:
    async with connected(home) as client:
        letter = await _letter(DeadLetters(await Requests.open(client)), number)
    event_type, fields = clear_fields(letter.data)
    table = Table("what", "value", title=f"dead letter {number}", title_justify="left")
    for name, value in {
        "service": letter.service,
        "reason": letter.reason,
        "tries": letter.attempts,
        "since": letter.stored_at,
        "sequence in the log": letter.sequence,
        "type": event_type,
        **fields,
    }.items():
        table.add_row(name, Text(str(value)))
    out.print(table)


async def _dead_resend(home: Path, numbers: list[int], *, everything: bool) -> None:
    async with connected(home) as client:
        letters = DeadLetters(await Requests.open(client))
        chosen = (
            [letter async for letter in letters.letters()]
            if everything
            else [await _letter(letters, number) for number in numbers]
        )
        for letter in chosen:
            await letters.resend(letter)
            out.print(f"[green]✓[/] {letter.number} sent again to {letter.service}")


async def _letter(letters: DeadLetters, number: int) -> Letter:
    letter = await letters.get(number)
    if letter is None:
        raise fail(f"there is no dead letter {number}")
    return letter


async def _erase(home: Path, member: str) -> None:
    async with connected(home) as client:
        log = NatsLog(await Requests.open(client))
        if not await log.history(member):
            raise fail(f"there is nobody called {member} in the log")
        request = begin(
            ErasureRequested(), source="devkit", cause=str(uuid.uuid4()), member=member, time=datetime.now(UTC)
        )
        sequence = await log.append([request])
        try:
            async with asyncio.timeout(ERASE_DEADLINE_S):
                receipt = await _receipt(log, member, sequence)
        except TimeoutError:
            raise fail("the erasure is in the log, but nobody has confirmed it yet; look at `namjai events`") from None
    out.print(f"[green]✓[/] erased; receipt {receipt}")


async def _receipt(log: NatsLog, member: str, after: int) -> str:
    while True:
        for stored in await log.last([subjects.event(MemberErased.TYPE, member)]):
            if stored.sequence > after and isinstance(stored.event.data, MemberErased):
                return stored.event.data.receipt
        await asyncio.sleep(POLL_S)
