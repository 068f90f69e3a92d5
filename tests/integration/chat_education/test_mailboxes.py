"""Whether a domain takes mail: asked of a real name server on this machine, of one that is silent, and of none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from namjai.chat.adapters.mailboxes import DEADLINE_S, LOOKUPS_MAX, DnsAddresses, dns_addresses

RECORDS = {
    "clinic.example.": {"MX": "10 mx.clinic.example."},
    "null.example.": {"MX": "0 ."},
    "web-only.example.": {"TXT": '"v=spf1 -all"'},
    "old.example.": {"A": "93.184.216.34"},
}


class NameServer(asyncio.DatagramProtocol):
    """Answers from `RECORDS`; what is not in it does not exist. `silent.example` never gets an answer."""

    asked = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = question.name.to_text(), question.rdtype.name
        NameServer.asked += 1
        if name == "silent.example.":
            return
        answer = dns.message.make_response(query)
        if name == "broken.example.":
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name not in RECORDS:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif kind in RECORDS[name]:
            answer.answer.append(dns.rrset.from_text(name, 300, "IN", kind, RECORDS[name][kind]))
        self.transport.sendto(answer.to_wire(), addr)


@pytest.fixture
async def addresses() -> AsyncIterator[DnsAddresses]:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(NameServer, ("127.0.0.1", 0))
    found = dns_addresses(f"127.0.0.1@{transport.get_extra_info('sockname')[1]}")
    assert found is not None
    yield found
    transport.close()


@pytest.mark.parametrize(
    ("domain", "takes"),
    [
        ("clinic.example", True),
        ("old.example", True),
        ("null.example", False),
        ("web-only.example", False),
        ("nowhere.example", False),
        ("broken.example", None),
        ("silent.example", None),
    ],
)
async def test_only_a_clear_no_is_a_no(addresses: DnsAddresses, domain: str, takes: bool | None) -> None:
    began = time.monotonic()
    assert await addresses.takes_mail(domain) is takes
    assert time.monotonic() - began < DEADLINE_S + 0.5


async def test_an_answer_is_remembered(addresses: DnsAddresses) -> None:
    await addresses.takes_mail("clinic.example")
    before = NameServer.asked
    await addresses.takes_mail("clinic.example")
    assert NameServer.asked == before


async def test_when_too_many_are_asked_at_once_nobody_waits(addresses: DnsAddresses) -> None:
    silent = [asyncio.ensure_future(addresses.takes_mail("silent.example")) for _ in range(LOOKUPS_MAX)]
    await asyncio.sleep(0.05)
    began = time.monotonic()
    assert await addresses.takes_mail("clinic.example") is None
    assert time.monotonic() - began < 0.1
    await asyncio.gather(*silent)


async def test_where_no_server_answers_nobody_knows() -> None:
    nobody = dns_addresses("127.0.0.1@1")
    assert nobody is not None
    assert await nobody.takes_mail("clinic.example") is None


def test_it_can_be_off() -> None:
    assert dns_addresses("off") is None
