"""Whether a domain takes mail, by DNS, within a few seconds and not at all where DNS cannot be asked."""

from __future__ import annotations

import asyncio
from typing import Final

import dns.exception
import dns.resolver
from email_validator import EmailUndeliverableError
from email_validator.deliverability import validate_email_deliverability

from namjai.runtime.logs import get_logger

DEADLINE_S: Final = 3.0
LOOKUP_S: Final = 1.0
"""Of one question; there are up to four: MX, A, AAAA, and the policy of a domain that sends no mail."""
DOMAINS_MAX: Final = 1_000
LOOKUPS_MAX: Final = 8

_log = get_logger(__name__)


class DnsAddresses:
    """Answers are kept as long as DNS says. The library blocks, so it is asked in threads: at most so many at once."""

    def __init__(self, resolver: dns.resolver.Resolver, *, deadline_s: float = DEADLINE_S) -> None:
        self._resolver = resolver
        self._deadline_s = deadline_s
        self._room = asyncio.Semaphore(LOOKUPS_MAX)
        resolver.lifetime = min(LOOKUP_S, deadline_s)
        resolver.cache = dns.resolver.LRUCache(DOMAINS_MAX)

    async def takes_mail(self, domain: str) -> bool | None:
        """As the port says: only a clear no is a no."""
        if self._room.locked():  # nobody queues: an address that was not looked up is as good as one that was
            return None
        try:
            async with asyncio.timeout(self._deadline_s), self._room:
                found = await asyncio.to_thread(validate_email_deliverability, domain, domain, None, self._resolver)
        except EmailUndeliverableError as no:
            return False if _is_sure(no) else None
        except TimeoutError:
            return None
        return None if "unknown-deliverability" in found else True


def _is_sure(no: EmailUndeliverableError) -> bool:
    """The library wraps what it did not expect in the same error; that tells nothing about the domain."""
    expected = (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer)
    return no.__cause__ is None or isinstance(no.__cause__, expected)


def dns_addresses(asked: str) -> DnsAddresses | None:
    """`system` for the name servers of this machine, `off` for none, else address@port of one."""
    if asked == "off":
        return None
    server, _, port = asked.rpartition("@")
    try:
        resolver = dns.resolver.Resolver(configure=not server)
    except (dns.exception.DNSException, OSError):
        _log.info("no_dns")
        return None
    if server:
        resolver.nameservers, resolver.port = [server], int(port)
    return DnsAddresses(resolver)
