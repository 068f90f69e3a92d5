"""The newest backup is restored into throw-away servers, and who watches knows that it can be."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from namjai.devkit.embedded.postgres import drop_root
from namjai.operations import backup, rehearse
from namjai.operations.ports import Refused
from tests.integration.operations.conftest import Site

BOTH = argparse.Namespace(only=None)
NEWEST = argparse.Namespace(name="latest", identity=[])


async def test_a_backup_is_restored_elsewhere_and_that_is_on_record(
    site: Site, elsewhere: Site, settings_of: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    await site.write("ma", "hello")
    settings = settings_of(site, rehearsal_nats_url=elsewhere.nats.server_url, rehearsal_postgres_dsn=elsewhere.dsn)
    await backup.command(settings, BOTH)
    assert await rehearse.command(settings, NEWEST) == 0
    assert "can be restored: 11 of 11 parts" in capsys.readouterr().out
    assert await elsewhere.said("ma") == ["hello"]
    entry = await (await site.nc.jetstream().key_value("config")).get("operations.rehearse")
    assert json.loads(entry.value or b"")["details"]["restored"] == 11


async def test_what_no_secret_key_opens_is_checked_all_the_same(
    site: Site,
    elsewhere: Site,
    settings_of: Any,
    identity_files: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = settings_of(
        site,
        rehearsal_nats_url=elsewhere.nats.server_url,
        rehearsal_postgres_dsn=elsewhere.dsn,
        restore_identity_files=str(identity_files["everything"]),
    )
    await backup.command(settings, BOTH)
    assert await rehearse.command(settings, NEWEST) == 0
    said = capsys.readouterr()
    assert "10 of 11 parts" in said.out
    assert "KV_keys: is whole, and was not opened" in said.err
    file = next((tmp_path / "keys").glob("*/KV_keys.age"))
    file.write_bytes(file.read_bytes()[:-1])
    assert await rehearse.command(settings, NEWEST) == 1
    assert "DAMAGED" in capsys.readouterr().out


async def test_without_any_secret_key_nothing_is_claimed(site: Site, settings_of: Any) -> None:
    settings = settings_of(site, restore_identity_files="")
    await backup.command(settings, BOTH)
    with pytest.raises(Refused, match="none of the secret keys"):
        await rehearse.command(settings, NEWEST)


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder that anybody may write to, with a short path: a socket's has 107 bytes at most."""
    folder = Path(tempfile.mkdtemp(prefix="rehearsing-"))
    folder.chmod(0o777)
    yield folder
    folder.rmdir()  # raises when something was left


async def test_the_job_brings_its_own_servers_and_leaves_nothing(
    site: Site, settings_of: Any, identity_files: dict[str, Path], tmp_path: Path, scratch: Path
) -> None:
    await site.write("ma", "hello")
    await backup.command(settings_of(site), BOTH)
    variables = {
        "NAMJAI_NATS_URL": site.nats.server_url,
        "NAMJAI_BACKUP_PLACE": f"file://{tmp_path}/everything",
        "NAMJAI_BACKUP_KEYS_PLACE": f"file://{tmp_path}/keys",
        "NAMJAI_RESTORE_IDENTITY_FILES": f"{identity_files['everything']}",
        "TMPDIR": str(scratch),
    }
    as_nobody = ("setpriv", *drop_root()) if drop_root() else ()  # PostgreSQL refuses root
    process = await asyncio.create_subprocess_exec(
        *(*as_nobody, sys.executable, "-m", "namjai.operations", "rehearse"),
        env={**os.environ, **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert "10 of 11 parts" in out.decode()
