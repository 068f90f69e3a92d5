"""A place of backups: a folder, or anything that speaks S3. Both through one library, with the same semantics."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import from_url

from namjai.operations.ports import StoreUnavailable
from namjai.operations.settings import OperationsSettings

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

UPLOADS_AT_ONCE: Final = 2
"""Parts of one file that are under way together; each is in memory."""
READ_BYTES: Final = 1024**2
REMOVE_BYTES_MAX: Final = 1_000


class ObjectStore:
    """One place. Requests have a deadline and are tried again a few times; what fails then is `StoreUnavailable`."""

    def __init__(self, place: str, settings: OperationsSettings, *, keys: bool = False) -> None:
        self._place = place
        self._part_bytes = settings.backup_upload_part_bytes
        with self._translated():
            if place.startswith("file://"):
                self._store = from_url(place, mkdir=True)
            else:
                client, retry = _client(settings), _retry(settings)
                self._store = from_url(place, config=_config(settings, keys), client_options=client, retry_config=retry)

    @property
    def address(self) -> str:
        return self._place

    async def put(self, path: str, content: AsyncIterator[bytes]) -> None:
        with self._translated():
            await obstore.put_async(
                self._store,
                path,
                content,
                use_multipart=True,
                chunk_size=self._part_bytes,
                max_concurrency=UPLOADS_AT_ONCE,
            )

    async def get(self, path: str) -> AsyncGenerator[bytes, None]:
        with self._translated():
            async for piece in (await obstore.get_async(self._store, path)).stream(min_chunk_size=READ_BYTES):
                yield bytes(piece)

    async def folders(self) -> list[str]:
        with self._translated():
            listed = await obstore.list_with_delimiter_async(self._store)
        return sorted(listed["common_prefixes"])

    async def remove(self, folder: str, *, first: str) -> None:
        with self._translated():
            files = [each["path"] for each in await obstore.list(self._store, folder).collect_async()]
            for file in sorted(files, key=lambda path: path != f"{folder}/{first}"):
                await obstore.delete_async(self._store, file)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, PermissionError) as error:
            # The library's words hold addresses and the server's answer, at length; the first line names the trouble.
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            raise StoreUnavailable(f"{self._place}: {reason[:300]}") from error


def _config(settings: OperationsSettings, keys: bool) -> S3Config:
    access, secret = settings.backup_s3_access_key, settings.backup_s3_secret_key
    if keys and settings.backup_keys_s3_access_key:
        access, secret = settings.backup_keys_s3_access_key, settings.backup_keys_s3_secret_key
    config: S3Config = {
        "region": settings.backup_s3_region,
        "virtual_hosted_style_request": settings.backup_s3_virtual_hosted,
    }
    if settings.backup_s3_endpoint:
        config["endpoint"] = settings.backup_s3_endpoint
    if access and secret:
        config["access_key_id"] = access
        config["secret_access_key"] = secret.get_secret_value()
    return config


def _client(settings: OperationsSettings) -> ClientConfig:
    deadline = timedelta(seconds=settings.backup_request_deadline_s)
    options: ClientConfig = {
        "timeout": timedelta(seconds=settings.backup_deadline_s),  # a download is one request, however large
        "connect_timeout": deadline,
        "read_timeout": deadline,
        "allow_http": (settings.backup_s3_endpoint or "").startswith("http://"),
    }
    if settings.backup_s3_ca_file:
        options["root_certificate"] = settings.backup_s3_ca_file.read_bytes()
    return options


def _retry(settings: OperationsSettings) -> RetryConfig:
    return {
        "max_retries": settings.backup_request_retries_max,
        "retry_timeout": timedelta(seconds=settings.backup_request_deadline_s),
    }
