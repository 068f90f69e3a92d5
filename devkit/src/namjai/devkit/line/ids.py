"""Identifiers as LINE makes them: ULIDs, reply tokens, message ids, quote tokens."""

import itertools
import secrets
import time
import uuid

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_sequence = itertools.count()


def ulid(at_ms: int) -> str:
    """26 characters of Crockford's base 32: 48 bits of time, 80 bits of chance."""
    value = (at_ms & (2**48 - 1)) << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))


def reply_token() -> str:
    return secrets.token_hex(16)


def message_id() -> str:
    """18 decimal digits that grow; a string on the wire, since a float would round it."""
    return str(time.time_ns() // 1_000_000 * 100_000 + next(_sequence) % 100_000)


def set_id() -> str:
    """Of images sent together."""
    return secrets.token_hex(32).upper()


def opaque_token() -> str:
    """A quote token or mark-as-read token."""
    return secrets.token_urlsafe(30)


def request_id() -> str:
    return str(uuid.uuid4())
