"""What a process pulls and does not get round to is another's at once when it ends."""

import asyncio
from functools import partial

from nats.aio.client import Client

from namjai.devkit.testing import NatsServer
from namjai.runtime.bus import connect
from namjai.runtime.durable import ensure_consumer
from namjai.runtime.pull import Pull

MESSAGES = 40
ROOM = 64
ACK_WAIT_S = 60.0
AT_ONCE_S = 5.0


def pull_of(nc: Client, member: str) -> Pull:
    filters = [f"evt.message.received.{member}"]
    ensure = partial(
        ensure_consumer, nc, "EVENTS", member, filters, ack_wait_s=ACK_WAIT_S, deliveries_max=10, room=ROOM
    )
    return Pull(nc, "EVENTS", member, room=ROOM, ensure=ensure)


async def test_what_a_process_holds_when_it_ends_is_another_processs_at_once(
    server: NatsServer, nc: Client, member: str
) -> None:
    leaving = await connect(server.url, name="leaving")
    first, second = pull_of(leaving, member), pull_of(nc, member)
    await first.start()
    for _ in range(MESSAGES):
        await nc.jetstream().publish(f"evt.message.received.{member}", b"{}")
    taken = [await anext(first.messages())]
    await taken[0].ack()
    more = [asyncio.create_task(nc.publish(f"evt.message.received.{member}", b"{}")) for _ in range(MESSAGES)]
    await first.stop()
    await second.start()
    await asyncio.gather(*more)
    seen: set[int] = set()
    async with asyncio.timeout(AT_ONCE_S):
        async for msg in second.messages():
            await msg.ack()
            seen.add(msg.metadata.sequence.stream)
            await second.done()
            if len(seen) == 2 * MESSAGES - len(taken):
                break
    assert taken[0].metadata.sequence.stream not in seen
    await second.stop()
    await leaving.close()
