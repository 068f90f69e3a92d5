"""What the gateway does when something has happened: it alone can forget who a person is on LINE."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from namjai.events import Envelope, Fact
from namjai.events.member import ErasureRequested, MemberErased
from namjai.gateway.ports import Gateway
from namjai.runtime.consumer import Handlers
from namjai.runtime.errors import Retry

RECEIPT_BYTES = 8


async def on_erasure_requested(event: Envelope[ErasureRequested], gateway: Gateway) -> Sequence[Fact]:
    """Forget the identity, destroy the key, give a receipt; each step may be repeated after a crash.

    In this order: once the key is destroyed nobody can read whose identity was to be forgotten.
    """
    now = gateway.clock()
    wait_s = gateway.erasure_grace_s - (now - event.time).total_seconds()
    if wait_s > 0:
        raise Retry("the confirmation goes out first", after_s=wait_s)
    sender = event.data.sender
    if sender is not None and (line_id := sender.get(None)) is not None:
        await gateway.identities.forget(line_id, event.subject)
    await gateway.keyring.destroy(event.subject)
    return [MemberErased(receipt=f"{now:%Y%m%d}-{secrets.token_hex(RECEIPT_BYTES)}")]


HANDLERS: Handlers[Gateway] = {ErasureRequested: on_erasure_requested}
