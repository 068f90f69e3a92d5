"""Wraps every member's data key anew under the first master key, while the services run.

Give it the master keys as the services have them, the new one first: NAMJAI_MASTER_KEYS=new:…,old:…. It may be stopped
at any moment and begun again. What cannot be opened stays as it is. docs/operations/rotation.md says what comes before
and after.

Exit code 0: the first master key opens every data key. 1: some open with none of the keys given, or a dry run found
work. 2: it could not be done now; what was done is done, run it again.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Final

import msgspec
from nats.aio.client import Client

from namjai.operations.command import nats_of
from namjai.operations.outcome import note
from namjai.operations.ports import Refused
from namjai.operations.settings import OperationsSettings
from namjai.runtime.bus import Requests
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.keyring import BUCKET, KeyStore, MasterKeys, NatsKeyStore
from namjai.runtime.progress import Progress
from namjai.runtime.rotation import KEYS_PER_S, Found, Rotation

JOB: Final = "rotate-keys"
KEYS_PER_S_MAX: Final = 50_000.0
CODES_PAGE: Final = 500
CODES_DEADLINE_S: Final = 10.0


class OpenCodes(msgspec.Struct, frozen=True):
    """Registration codes that are neither used nor over. Each was made with the master key that was first then."""

    count: int = 0
    until: datetime | None = None


class _Code(msgspec.Struct, frozen=True):
    expires_at: datetime
    used_by: str = ""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("--dry-run", action="store_true", help="Open every key, count, and change nothing.")
    parser.add_argument(
        "--keys-per-second",
        type=_pace,
        default=KEYS_PER_S,
        metavar="N",
        help=f"At most so many writes a second, each an fsynced append (default {KEYS_PER_S:.0f}).",
    )


def _pace(text: str) -> float:
    """A number of keys per second. Raises ValueError, which argparse turns into a message."""
    if not 0 < (wanted := float(text)) <= KEYS_PER_S_MAX:
        raise ValueError
    return wanted


async def command(settings: OperationsSettings, chosen: argparse.Namespace) -> int:
    """Rotate, and say what was found."""
    try:
        master = MasterKeys(settings.master_key_ring())
    except LookupError as missing:
        raise Refused(str(missing)) from None
    async with nats_of(settings) as nc:
        js = nc.jetstream()
        store = NatsKeyStore(js, await js.key_value(BUCKET))
        last = (await js.stream_info(f"KV_{BUCKET}")).state.last_seq
        found = await rotate(store, master, dry_run=chosen.dry_run, keys_per_s=chosen.keys_per_second, last=last)
        codes = await open_codes(nc)
        print("\n".join(report(found, master.current, codes)))
        if found.left or found.waiting:
            return 1
        if not chosen.dry_run:
            await note(nc, JOB, master=master.current, keys=found.current, rewrapped=found.rewrapped)
    return 0


async def rotate(
    store: KeyStore, master: MasterKeys, *, dry_run: bool = False, keys_per_s: float = KEYS_PER_S, last: int = 0
) -> Found:
    """Rotate with a line on standard error now and then; what was done so far is said also when it is cut short."""
    progress = Progress(JOB, "keys")
    rotation = Rotation(
        store,
        master,
        dry_run=dry_run,
        keys_per_s=keys_per_s,
        on_step=lambda count, revision: progress.step(count, revision, max(last, revision)),
    )
    try:
        return await rotation.run()
    finally:
        progress.done()


async def open_codes(nc: Client) -> OpenCodes:
    """Count what is left of the registration codes. Raises `LogUnavailable`."""
    requests, now = await Requests.open(nc), datetime.now(UTC)
    count, until, after, more = 0, None, 0, True
    while more:
        query = {"seq": after + 1, "next_by_subj": "$KV.codes.>", "batch": CODES_PAGE}
        *page, end = await requests.many(
            "$JS.API.DIRECT.GET.KV_codes",
            msgspec.json.encode(query),
            last=lambda msg: bool(msg.headers and "Status" in msg.headers),
            deadline_s=CODES_DEADLINE_S,
        )
        status = (end.headers or {}).get("Status")
        if status not in ("204", "404"):
            raise LogUnavailable(f"the codes cannot be read: {status}")
        for msg in page:
            after = int((msg.headers or {})["Nats-Sequence"])
            if not msg.data:
                continue
            code = msgspec.json.decode(msg.data, type=_Code)
            if not code.used_by and code.expires_at > now:
                count += 1
                until = max(until or code.expires_at, code.expires_at)
        more = bool(page) and status == "204"
    return OpenCodes(count, until)


def report(found: Found, current: str, codes: OpenCodes) -> list[str]:
    """For whoever decides whether the old master key may go."""
    lines = [
        f"{found.current:>10,}  keys under {current!r}, of which {found.rewrapped:,} were wrapped anew",
        f"{found.waiting:>10,}  keys that still need an older master key",
        f"{found.destroyed:>10,}  keys destroyed: their people are erased",
    ]
    if found.overtaken:
        lines.append(f"{found.overtaken:>10,}  writes that a service was faster than; counted as what they are now")
    for name, count in sorted(found.unknown.items()):
        lines.append(f"{count:>10,}  keys need {name!r}, which is not among the master keys given: NOT CHANGED")
    if found.damaged:
        lines.append(f"{found.damaged:>10,}  keys do not open with the master key they name: NOT CHANGED")
    if found.examples:
        lines.append(f"            such as those of {', '.join(found.examples)}")
    if codes.until is not None:
        lines.append(
            f"{codes.count:>10,}  registration codes are open, the last until {codes.until:%Y-%m-%d}: one that was made"
            " before the services began with this master key needs the older one until then"
        )
    return lines
