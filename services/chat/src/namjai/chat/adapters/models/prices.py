"""What tokens cost, by a table: estimates for the record, never a bill."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

from namjai.chat.content.load import load
from namjai.chat.ports import ModelAnswer

_PER: Final = 1_000_000


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """US dollars for a million tokens. `verified` once somebody has compared it with the price list of the day."""

    read: float
    written: float
    cached: float | None = None
    """Of those read, the ones that the other side had kept; None: as `read`."""
    verified: bool = False


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By model; the longest name that the model's begins with counts."""

    usd_per_million_tokens: dict[str, Price]

    def price(self, model: str) -> Price | None:
        """None for a model that is not in the table, such as one that runs at home."""
        table = self.usd_per_million_tokens
        name = max((each for each in table if model.startswith(each)), key=len, default=None)
        return table[name] if name is not None else None

    def microusd(self, used: ModelAnswer) -> int:
        """About what a call cost, in millionths of a dollar."""
        if (price := self.price(used.model)) is None:
            return 0
        kept = min(used.tokens_cached, used.tokens_in)
        cached = price.read if price.cached is None else price.cached
        usd = (used.tokens_in - kept) * price.read + kept * cached + used.tokens_out * price.written
        return round(usd / _PER * 1_000_000)


@lru_cache(maxsize=1)
def prices() -> Prices:
    """The table that is shipped."""
    return load("namjai.chat.adapters.models", "prices.yaml", Prices)
