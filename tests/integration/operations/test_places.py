"""A folder and a real S3 service are the same to who writes backups; and a whole backup goes through S3 and back."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from namjai.devkit.child import Child
from namjai.devkit.embedded.ports import free_port
from namjai.devkit.probe import http_ok
from namjai.operations import backup, backups, restore
from namjai.operations.adapters.store import ObjectStore
from namjai.operations.places import Places, folders
from namjai.operations.ports import StoreUnavailable
from namjai.operations.settings import OperationsSettings
from tests.integration.operations.conftest import Site

MEGABYTE = 1024**2
S3_START_S = 60.0
BOTH = argparse.Namespace(only=None)
NEWEST = argparse.Namespace(name="latest", keys_from="latest", identity=[], only="all", replace=False)
BUCKETS = ("everything", "keys")
IDENTITIES = {
    "identities": [
        {
            "name": name,
            "credentials": [{"accessKey": name, "secretKey": f"secret-of-{name}"}],
            "actions": [f"{action}:{name}" for action in ("Read", "Write", "List")] if name in BUCKETS else ["Admin"],
        }
        for name in (*BUCKETS, "admin")
    ]
}
"""Each may use the bucket of its own name, and no other."""


@pytest.fixture(scope="session")
async def s3(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of an S3 service with two buckets, each with credentials of its own."""
    home = tmp_path_factory.mktemp("s3")
    (home / "s3.json").write_text(json.dumps(IDENTITIES))
    port = free_port()
    ports = {"s3.port": port, "s3.port.iceberg": 0, "s3.port.lance": 0}
    ports |= {f"{part}.port": free_port() for part in ("master", "volume", "filer")}
    ports |= {f"{part}.port.grpc": free_port() for part in ("master", "volume", "filer", "s3")}
    server = Child(
        name="s3",
        argv=[
            *(str(Path(sys.executable).with_name("weed")), "server", "-dir", str(home), "-filer", "-s3"),
            *("-ip", "127.0.0.1", "-ip.bind", "127.0.0.1", "-s3.config", str(home / "s3.json")),
            *(
                "-master.telemetry=false",
                "-master.volumeSizeLimitMB=64",
                "-volume.max=20",
                "-s3.allowEmptyFolder=false",
            ),
            *(f"-{name}={number}" for name, number in ports.items()),
        ],
        log=home / "s3.log",
        probe=partial(http_ok, port, "/healthz"),
        start_deadline_s=S3_START_S,
    )
    await server.start()
    address = f"http://127.0.0.1:{port}"
    admin = {"backup_s3_endpoint": address, "backup_s3_access_key": "admin", "backup_s3_secret_key": "secret-of-admin"}
    for bucket in BUCKETS:  # they come into being with their first file
        await ObjectStore(f"s3://{bucket}", OperationsSettings.model_validate(admin)).put("hello", _pieces(b"hello"))
    yield address
    await server.kill()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, of_s3: Callable[..., OperationsSettings]) -> ObjectStore:
    """A place with nothing in it."""
    if request.param == "folder":
        return ObjectStore(f"file://{tmp_path}/place", OperationsSettings())
    return ObjectStore(f"s3://everything/{tmp_path.name}", of_s3())


@pytest.fixture
def of_s3(s3: str) -> Callable[..., OperationsSettings]:
    """Settings that lead to the S3 service."""

    def settings(**more: Any) -> OperationsSettings:
        return OperationsSettings.model_validate({**_way_to(s3), **more})

    return settings


async def test_what_is_put_comes_back_whatever_its_size(store: ObjectStore) -> None:
    for size in (0, 1, 3 * MEGABYTE, 17 * MEGABYTE):  # the last in three parts
        content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        await store.put("20260101T000000Z/part", _pieces(content))
        assert b"".join([piece async for piece in store.get("20260101T000000Z/part")]) == content


async def test_half_a_file_is_none(store: ObjectStore) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 9 * MEGABYTE
        raise OverflowError("the source broke")

    with pytest.raises(OverflowError):
        await store.put("20260101T000000Z/part", broken())
    with pytest.raises(FileNotFoundError):
        [piece async for piece in store.get("20260101T000000Z/part")]


async def test_folders_are_listed_and_removed(store: ObjectStore) -> None:
    for name in ("20260101T000000Z", "20260102T000000Z"):
        for file in ("manifest.json", "EVENTS.age"):
            await store.put(f"{name}/{file}", _pieces(b"content"))
    assert await folders(store) == ["20260101T000000Z", "20260102T000000Z"]
    await store.remove("20260101T000000Z", first="manifest.json")
    with pytest.raises(FileNotFoundError):
        [piece async for piece in store.get("20260101T000000Z/EVENTS.age")]
    assert [piece async for piece in store.get("20260102T000000Z/EVENTS.age")] == [b"content"]


async def test_a_whole_backup_goes_through_s3_and_back(
    site: Site, elsewhere: Site, settings_of: Any, s3: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    way = {
        **_way_to(s3),
        "backup_place": f"s3://everything/{tmp_path.name}",
        "backup_keys_place": f"s3://keys/{tmp_path.name}",
        "backup_upload_part_bytes": 5 * MEGABYTE,
    }
    for n in range(20):
        await site.write("ma", f"{n} " + "long words " * 40_000)
    settings = settings_of(site, **way)
    assert await backup.command(settings, BOTH) == 0
    assert await backups.command(settings, argparse.Namespace()) == 0
    assert "20 events" in capsys.readouterr().out
    assert await restore.command(settings_of(elsewhere, **way), NEWEST) == 0
    assert len(await elsewhere.said("ma")) == 20
    everywhere = settings.model_copy(update={"backup_keys_s3_access_key": None})
    with pytest.raises(StoreUnavailable, match="keys"):
        await folders(Places.of(everywhere).keys)


async def test_a_store_that_does_not_answer_is_named(of_s3: Callable[..., OperationsSettings]) -> None:
    nowhere = of_s3(backup_s3_endpoint=f"http://127.0.0.1:{free_port()}", backup_request_retries_max=0)
    with pytest.raises(StoreUnavailable, match="s3://everything"):
        await folders(ObjectStore("s3://everything/x", nowhere))
    refused = of_s3(backup_s3_secret_key="wrong")
    with pytest.raises(StoreUnavailable, match="s3://everything") as told:
        await ObjectStore("s3://everything/x", refused).put("20260101T000000Z/part", _pieces(b"x"))
    assert "wrong" not in str(told.value)


def _way_to(s3: str) -> dict[str, Any]:
    return {
        "backup_s3_endpoint": s3,
        "backup_s3_access_key": "everything",
        "backup_s3_secret_key": "secret-of-everything",
        "backup_keys_s3_access_key": "keys",
        "backup_keys_s3_secret_key": "secret-of-keys",
    }


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), MEGABYTE):
        yield content[at : at + MEGABYTE]
