"""Train the classifier: `python -m namjai.risk.train --zh PATH --en PATH --neg PATH --own PATH... --out DIR`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import msgspec

from namjai.risk.learned import MODEL_FILE, THRESHOLDS_FILE, Classifier
from namjai.risk.rules import load
from namjai.risk.train.card import written
from namjai.risk.train.compose import compose
from namjai.risk.train.data import BadData, read
from namjai.risk.train.measure import table
from namjai.risk.train.run import train


def main() -> None:
    """Read, learn, measure, write; the texts themselves are never shown."""
    parser = argparse.ArgumentParser(prog="python -m namjai.risk.train", description=__doc__)
    parser.add_argument("--zh", type=Path, required=True, help="Chinese chat turns with PsyGUARD's labels, JSONL")
    parser.add_argument("--en", type=Path, required=True, help="English posts with C-SSRS severities 0-6, JSONL")
    parser.add_argument("--neg", type=Path, required=True, help="everyday messages without danger, JSONL")
    parser.add_argument(
        "--own", type=Path, nargs="+", required=True, help="files or folders: rules, cases by level (YAML, JSONL)"
    )
    parser.add_argument("--grammar", type=Path, help="folder of grammars that messages are composed from (YAML)")
    parser.add_argument("--out", type=Path, required=True, help=f"folder for {MODEL_FILE} and {THRESHOLDS_FILE}")
    parser.add_argument("--card", type=Path, help="model card whose figures are written anew")
    parser.add_argument("--seed", type=int, default=1, help="decides which texts are left out together (default 1)")
    arguments = parser.parse_args()
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {what}", file=sys.stderr, flush=True)

    try:
        rows = [row for source in ("zh", "en", "neg") for row in read(getattr(arguments, source), source)]
        rows += [row for path in arguments.own for row in read(path, "own")]
        rows += compose(arguments.grammar) if arguments.grammar else []
    except BadData as error:
        sys.exit(str(error))
    trained = train(rows, load(), arguments.seed, say)
    content = msgspec.msgpack.encode(trained.model, order="deterministic")
    version = Classifier.parse(content, trained.thresholds).version
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / MODEL_FILE).write_bytes(content)
    thresholds = msgspec.json.format(msgspec.json.encode(trained.thresholds, order="deterministic"))
    (arguments.out / THRESHOLDS_FILE).write_bytes(thresholds + b"\n")
    if arguments.card is not None:
        before = arguments.card.read_text(encoding="utf-8")
        arguments.card.write_text(written(before, trained, version, len(content)), encoding="utf-8")
    print(table(trained.card.figures))
    say(f"{MODEL_FILE} {version}, {len(content)} bytes")


if __name__ == "__main__":
    main()
