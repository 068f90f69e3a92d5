"""Whether a webhook comes from LINE: HMAC-SHA256 over the raw body (LINE: verify webhook signature)."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from typing import Final

SECRETS_MAX: Final = 2
SECRET_CHARS_MAX: Final = 256


class BadSecrets(ValueError):
    """There is no channel secret, or more than two, or one that is far too long."""


def parse_secrets(text: str) -> tuple[str, ...]:
    """`new,old` → both. LINE's re-issue ends the old secret at once, so two must be able to be in force."""
    secrets = tuple(filter(None, (part.strip() for part in text.split(","))))
    if not 1 <= len(secrets) <= SECRETS_MAX or any(len(secret) > SECRET_CHARS_MAX for secret in secrets):
        raise BadSecrets(f"need one or {SECRETS_MAX} channel secrets")
    return secrets


class Verifier:
    """Checks signatures with the secrets that are in force."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._keys = tuple(secret.encode() for secret in secrets)

    def signed(self, body: bytes, signature: str | None) -> bool:
        """Whether `signature` (the header's value, whatever it is) is one of ours for exactly these bytes."""
        if signature is None:
            return False
        # aiohttp keeps bytes that are no UTF-8 as lone surrogates; this gives the sender's bytes back and never raises.
        given = signature.encode("utf-8", "surrogateescape")
        found = False
        for key in self._keys:  # all of them, always: how long it takes says nothing about which one it was
            wanted = base64.b64encode(hmac.digest(key, body, "sha256"))
            found |= hmac.compare_digest(wanted, given)
        return found
