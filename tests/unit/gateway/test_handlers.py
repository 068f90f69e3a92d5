"""An erasure lets its confirmation go first, then forgets, destroys and gives a receipt, and survives any crash."""

from datetime import UTC, datetime, timedelta

import pytest

from namjai.events import Envelope, Sealed, begin
from namjai.events.member import ErasureRequested, MemberErased
from namjai.gateway.adapters.memory import MemoryIdentities
from namjai.gateway.handlers import on_erasure_requested
from namjai.gateway.ports import Gateway
from namjai.runtime.errors import Retry
from namjai.runtime.keyring import Keyring, MasterKeys
from namjai.runtime.memory import MemoryKeyStore

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LINE_ID = "U" + "1" * 32


@pytest.fixture
def gateway() -> Gateway:
    keyring = Keyring(MemoryKeyStore(), MasterKeys({"k1": bytes(32)}))
    return Gateway(identities=MemoryIdentities(), keyring=keyring, clock=lambda: NOW, erasure_grace_s=10)


def requested(member: str, *, age_s: float = 60, sender: Sealed[str] | None = None) -> Envelope[ErasureRequested]:
    fact = ErasureRequested(sender=sender or Sealed(LINE_ID))
    return begin(fact, source="chat", cause="x", member=member, time=NOW - timedelta(seconds=age_s))


async def test_the_confirmation_goes_out_before_the_key_is_destroyed(gateway: Gateway) -> None:
    member = await gateway.identities.resolve(LINE_ID)
    await gateway.keyring.cipher_or_new(member)
    with pytest.raises(Retry) as later:
        await on_erasure_requested(requested(member, age_s=4), gateway)
    assert later.value.after_s == 6
    assert await gateway.keyring.cipher(member) is not None


async def test_the_person_is_forgotten_and_comes_back_as_somebody_new(gateway: Gateway) -> None:
    member = await gateway.identities.resolve(LINE_ID)
    await gateway.keyring.cipher_or_new(member)
    [fact] = await on_erasure_requested(requested(member), gateway)
    assert isinstance(fact, MemberErased)
    assert fact.receipt.startswith("20261121-")
    assert member not in fact.receipt
    assert await gateway.keyring.cipher(member) is None
    assert await gateway.identities.resolve(LINE_ID) != member


async def test_after_a_crash_the_receipt_is_still_given(gateway: Gateway) -> None:
    member = await gateway.identities.resolve(LINE_ID)
    await gateway.keyring.cipher_or_new(member)
    await on_erasure_requested(requested(member), gateway)
    again = requested(member, sender=Sealed.erased())
    assert [type(fact) for fact in await on_erasure_requested(again, gateway)] == [MemberErased]


async def test_a_second_try_does_not_forget_who_came_back_in_between(gateway: Gateway) -> None:
    member = await gateway.identities.resolve(LINE_ID)
    await gateway.identities.forget(LINE_ID, member)
    returned = await gateway.identities.resolve(LINE_ID)
    await on_erasure_requested(requested(member), gateway)
    assert await gateway.identities.resolve(LINE_ID) == returned
