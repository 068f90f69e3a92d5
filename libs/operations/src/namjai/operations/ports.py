"""What the commands need of the world, and how it fails."""

from __future__ import annotations


class Refused(Exception):
    """A command will not do it; the message says why, and what to do."""


class StoreUnavailable(Exception):
    """The place of the backups cannot be used now; the message says what was tried."""


class Damaged(Exception):
    """A backup is not what its manifest says, or cannot be decrypted; nothing was restored from it."""
