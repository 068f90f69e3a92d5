"""What a model did for us: part of the facts that its words ended up in."""

from __future__ import annotations

import msgspec


class ModelUse(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a model, or one answer of the response cache, with what it cost. No words, only figures."""

    purpose: str
    """support, leaflet, translate, read, listen, speak, summary …"""
    model: str
    """By the model's own account where it gives one, else as configured; `offline` where none could be had."""
    outcome: str = "said"
    """`said`, or why its words were not used: a `ModelFailure` of chat."""
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    """Of `tokens_in`, those that the other side had kept."""
    cost_microusd: int = 0
    """By the price list in settings; an estimate."""
    cache: str = "none"
    """Our response cache: none (not asked), miss, hit, stale."""
    fallback: int = 0
    """How many models before this one were asked in vain."""
    latency_ms: int = 0
