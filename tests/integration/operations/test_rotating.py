"""`rotate-keys` as it is run: on a real server, with the exit codes that a job is judged by."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from namjai.devkit.testing import NatsServer, OpenLog, nats_server, open_log
from namjai.runtime.keyring import BUCKET, Keyring, MasterKeys, NatsKeyStore
from namjai.runtime.rotation import Rotation

OLD, NEW = {"2025": b"o" * 32}, {"2026": b"n" * 32}
BOTH = {**NEW, **OLD}


@pytest.fixture(scope="module")
async def rotating_nats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path_factory.mktemp("rotating"), sync_interval="2m") as server:
        yield server


@pytest.fixture
async def opened(rotating_nats: NatsServer) -> AsyncIterator[OpenLog]:
    async with open_log(rotating_nats, master_keys=OLD) as log:
        yield log
        for bucket in ("keys", "codes"):
            await log.nc.jetstream().purge_stream(f"KV_{bucket}")


async def operations(server: NatsServer, keys: dict[str, bytes], *words: str) -> tuple[int, str]:
    """Run the command; its exit code and what it said."""
    ring = ",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in keys.items())
    environment = {"PATH": os.environ["PATH"], "NAMJAI_NATS_URL": server.url, "NAMJAI_MASTER_KEYS": ring}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "namjai.operations",
        *words,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def store_of(log: OpenLog) -> NatsKeyStore:
    js = log.nc.jetstream()
    return NatsKeyStore(js, await js.key_value(BUCKET))


async def test_the_whole_way_of_a_rotation(rotating_nats: NatsServer, opened: OpenLog) -> None:
    for n in range(40):
        await opened.journal.keyring.cipher_or_new(f"m{n}")
    await opened.journal.keyring.destroy("m0")

    code, said = await operations(rotating_nats, BOTH, "rotate-keys", "--dry-run")
    assert (code, "39  keys that still need an older" in said) == (1, True), said
    code, said = await operations(rotating_nats, BOTH, "rotate-keys")
    assert (code, "39  keys under '2026', of which 39" in said) == (0, True), said
    code, said = await operations(rotating_nats, NEW, "rotate-keys", "--dry-run")
    assert (code, "39  keys under '2026', of which 0" in said, "1  keys destroyed" in said) == (0, True, True), said
    assert all(f"m{n}" not in said for n in range(40)), "who it is about is nobody's business"

    config = await opened.nc.jetstream().key_value("config")
    noted = msgspec.json.decode((await config.get("operations.rotate-keys")).value or b"")
    assert noted["details"] == {"master": "2026", "keys": 39, "rewrapped": 39}


async def test_a_key_of_a_lost_master_key_does_not_stop_the_others_and_fails_the_job(
    rotating_nats: NatsServer, opened: OpenLog
) -> None:
    store = await store_of(opened)
    await Keyring(store, MasterKeys({"lost": b"l" * 32})).cipher_or_new("stranger")
    await opened.journal.keyring.cipher_or_new("known")
    code, said = await operations(rotating_nats, BOTH, "rotate-keys")
    assert code == 1
    assert "1  keys need 'lost', which is not among the master keys given: NOT CHANGED" in said
    assert "1  keys under '2026', of which 1 were wrapped anew" in said
    assert "such as those of stranger" in said


async def test_open_registration_codes_are_told_of(rotating_nats: NatsServer, opened: OpenLog) -> None:
    codes = await opened.nc.jetstream().key_value("codes")
    soon, past = datetime.now(UTC) + timedelta(days=9), datetime.now(UTC) - timedelta(days=9)
    for name, expires_at, used_by in (("a", soon, ""), ("b", past, ""), ("c", soon, "m1")):
        record = {"id": name, "made_at": past, "expires_at": expires_at, "box": "", "used_by": used_by}
        await codes.create(name, msgspec.json.encode(record))
    code, said = await operations(rotating_nats, BOTH, "rotate-keys")
    assert code == 0, said
    assert f"1  registration codes are open, the last until {soon:%Y-%m-%d}" in said


async def test_a_rotation_goes_on_when_the_server_restarts_and_when_it_is_begun_again(
    rotating_nats: NatsServer, opened: OpenLog
) -> None:
    members = [f"m{n}" for n in range(200)]
    for member in members:
        await opened.journal.keyring.cipher_or_new(member)
    store = await store_of(opened)
    first = Rotation(store, MasterKeys(BOTH), keys_per_s=400)
    under_way = asyncio.create_task(first.run())
    while not first.found.rewrapped:
        await asyncio.sleep(0.01)
    await rotating_nats.kill()
    await rotating_nats.start()
    found = await under_way
    assert (found.current, found.left) == (200, 0)
    newest = {"2027": b"z" * 32, **BOTH}
    stopped = asyncio.create_task(Rotation(store, MasterKeys(newest), keys_per_s=400).run())
    await asyncio.sleep(0.2)
    stopped.cancel()
    assert (await Rotation(store, MasterKeys(newest), keys_per_s=1e6).run()).current == 200
    ring = Keyring(store, MasterKeys({"2027": b"z" * 32}))
    assert all([await ring.cipher(member) is not None for member in members])


async def test_without_master_keys_it_says_so(rotating_nats: NatsServer) -> None:
    environment = {"PATH": os.environ["PATH"], "NAMJAI_NATS_URL": rotating_nats.url}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "namjai.operations", "rotate-keys", env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert (process.returncode, said.decode().strip()) == (2, "refused: NAMJAI_MASTER_KEYS is not set")
