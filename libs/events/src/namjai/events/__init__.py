"""The contract between the services: what happened, and how it is written down."""

from namjai.events.envelope import Envelope, Fact, Stored, begin, derive_id, follow
from namjai.events.sealed import Erased, Sealed

__all__ = ["Envelope", "Erased", "Fact", "Sealed", "Stored", "begin", "derive_id", "follow"]
