"""Writes a golden for each new type (`python -m tests.contract.events.write_goldens`) and changes none."""

from pathlib import Path

import msgspec

from namjai.events import codec
from namjai.events.catalogue import CATALOGUE
from tests.contract.events.samples import event

GOLDENS = Path(__file__).parent / "goldens"

if __name__ == "__main__":
    for kind, fact in CATALOGUE.facts.items():
        path = GOLDENS / f"{kind}.json"
        if not path.exists():
            path.write_bytes(msgspec.json.format(codec.encode(event(fact)), indent=2) + b"\n")
