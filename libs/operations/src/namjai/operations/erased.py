"""Makes erasures true again (G7) after keys have come back from a backup that is older than they are.

A restored bucket of keys may hold the key of somebody who was erased later. The log remembers: whoever has
`member.erased` in it loses key and identity once more, before any service starts.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from nats.aio.client import Client
from nats.aio.msg import Msg

from namjai.events import subjects
from namjai.events.member import MemberErased
from namjai.runtime.bus import Requests
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.keyring import BUCKET, DATA_KEY_BYTES, Keyring, MasterKeys, NatsKeyStore
from namjai.runtime.log import NatsLog, Raw, raw_of

IDENTITIES: Final = "KV_identities"
DEADLINE_S: Final = 10.0
PAGE: Final = 500


class Erased(NamedTuple):
    """How many the log calls erased, and for how many of them something had come back."""

    members: int
    keys: int
    identities: int


async def erase_again(nc: Client) -> Erased:
    """Destroy keys and forget identities of everybody whom the log calls erased. May be repeated."""
    requests = await Requests.open(nc)
    stored = await NatsLog(requests).since(subjects.every(MemberErased.TYPE), 0)
    members = {each.event.subject for each in stored}
    if not members:
        return Erased(0, 0, 0)
    store = NatsKeyStore(nc.jetstream(timeout=DEADLINE_S), await nc.jetstream(timeout=DEADLINE_S).key_value(BUCKET))
    keyring = Keyring(
        store, MasterKeys({"none": os.urandom(DATA_KEY_BYTES)})
    )  # destroying a key needs nobody's master key
    keys = 0
    for member in sorted(members):
        keys += await keyring.destroy(member)
    identities = 0
    async for record in _records(requests):
        if record.data.decode() in members:
            await _forget(requests, record)
            identities += 1
    return Erased(len(members), keys, identities)


async def _records(requests: Requests) -> AsyncIterator[Raw]:
    """Every identity record: its name and whose it is."""
    after = 0
    while True:
        query = {"seq": after + 1, "next_by_subj": "$KV.identities.>", "batch": PAGE}
        *page, end = await requests.many(
            f"$JS.API.DIRECT.GET.{IDENTITIES}", json.dumps(query).encode(), last=_is_last, deadline_s=DEADLINE_S
        )
        if (end.headers or {}).get("Status") not in ("204", "404"):
            raise LogUnavailable("the identities cannot be asked")
        for msg in page:
            yield raw_of(msg)
        if not page or int((end.headers or {}).get("Nats-Num-Pending", "0")) == 0:
            return
        after = raw_of(page[-1]).sequence


def _is_last(msg: Msg) -> bool:
    return not msg.data and "Status" in (msg.headers or {})


async def _forget(requests: Requests, record: Raw) -> None:
    """Overwrite the record's bytes. No gateway is there to hear of it: this runs before they start."""
    subject, query = f"$JS.API.STREAM.MSG.DELETE.{IDENTITIES}", {"seq": record.sequence}
    answer = json.loads((await requests.one(subject, json.dumps(query).encode(), deadline_s=DEADLINE_S)).data)
    if not answer.get("success"):
        raise LogUnavailable("an identity could not be forgotten")
