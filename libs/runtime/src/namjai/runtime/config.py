"""Runtime config that changes without a restart: typed sections with versions, roll-back and the last good value."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from nats.errors import Error as NatsError
from nats.js.errors import KeyNotFoundError, KeyWrongLastSequenceError, NoKeysError
from nats.js.kv import KeyValue
from pydantic import BaseModel, ValidationError

from namjai.runtime.errors import Conflict
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics
from namjai.runtime.redact import faults

M = TypeVar("M", bound=BaseModel)
log = get_logger(__name__)

WATCH_AGAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a section as it is stored; `revision` goes up with every change of any section.

    A value of None says that the section was deleted: the defaults are in force again.
    """

    revision: int
    value: bytes | None
    at: datetime | None = None


class ConfigStore(Protocol):
    """Sections of config with their history. Raises `ConfigUnavailable` when it cannot be reached."""

    async def get(self, section: str, revision: int | None = None) -> Version | None:
        """The current version, or an earlier one; None when there is none."""

    async def put(self, section: str, value: bytes, *, expected: int | None = None) -> int:
        """Store a new version; with `expected`, only if that revision is the current one (0: none), else `Conflict`."""

    async def history(self, section: str) -> list[Version]:
        """All versions that are kept, the oldest first."""

    def changes(self, section: str) -> AsyncGenerator[Version, None]:
        """The current version, if any, and then every later one. Ends or raises when the connection is lost."""


class ConfigUnavailable(Exception):
    """The config store does not answer; what was read last stays in force."""


class NatsConfigStore:
    """Sections as keys of the KV bucket `config`."""

    def __init__(self, bucket: KeyValue) -> None:
        self._bucket = bucket

    async def get(self, section: str, revision: int | None = None) -> Version | None:
        """The current version, or an earlier one; None when there is none."""
        with _nats():
            try:
                return _version(await self._bucket.get(section, revision))
            except KeyNotFoundError:
                return None

    async def put(self, section: str, value: bytes, *, expected: int | None = None) -> int:
        """Store a new version; raises `Conflict` when `expected` is not the current revision."""
        with _nats():
            try:
                if expected is None:
                    return await self._bucket.put(section, value)
                return await self._bucket.update(section, value, last=expected)
            except KeyWrongLastSequenceError:
                raise Conflict(f"the config of {section} has changed meanwhile") from None

    async def history(self, section: str) -> list[Version]:
        """All versions that the bucket keeps, the oldest first."""
        with _nats():
            try:
                entries = await self._bucket.history(section)
            except NoKeysError:
                return []
        return [_version(entry) for entry in entries if entry.operation is None]

    async def changes(self, section: str) -> AsyncGenerator[Version, None]:
        """The current version and then every later one, by a watch."""
        with _nats():
            watcher = await self._bucket.watch(section)
        try:
            async for entry in watcher:
                if entry is not None:  # None ends what was there before the watch
                    yield _version(entry)
        finally:
            with suppress(NatsError):  # a connection that is gone has no watch to end
                await watcher.stop()  # type: ignore[no-untyped-call]  # nats-py's own gap


@contextmanager
def _nats() -> Iterator[None]:
    """Translate nats-py's failures, and raise the cancellation it may have lost.

    It waits with `asyncio.wait_for`, which before Python 3.12 drops a cancellation that comes together with the answer;
    whoever cancelled would wait for ever.
    """
    task = asyncio.current_task()
    cancellations = task.cancelling() if task else 0
    try:
        yield
    except (NatsError, TimeoutError) as error:
        raise ConfigUnavailable(type(error).__name__) from error
    finally:
        if task and task.cancelling() > cancellations:
            raise asyncio.CancelledError


def _version(entry: KeyValue.Entry) -> Version:
    # nats-py declares `created` an integer and gives a datetime from a watch, nothing from a get.
    at = entry.created if isinstance(entry.created, datetime) else None
    return Version(entry.revision or 0, None if entry.operation else entry.value or b"", at)


class Section(Generic[M]):
    """One section in force: `section.value` is always valid and never waits.

    Begins with the model's defaults. A version that the model refuses is logged by field and kind of error (never by
    value), counted, and otherwise ignored: the last good one stays.
    """

    def __init__(self, name: str, model: type[M], store: ConfigStore, metrics: Metrics) -> None:
        self.name = name
        self.value: M = model()
        self.revision = 0
        self._seen = 0  # the newest revision looked at, valid or not
        self._model = model
        self._store = store
        self._rejected = metrics.config_rejected.labels(name)
        self._in_force = metrics.config_revision.labels(name)
        self._read = metrics.config_read.labels(name)
        self._listeners: list[Callable[[M], None]] = []

    def on_change(self, listener: Callable[[M], None]) -> None:
        """Call `listener` with each new value, after it is in force. It must be quick and not raise."""
        self._listeners.append(listener)

    async def save(self, value: M) -> int:
        """Store a new version, unless somebody else did since ours was read (`Conflict`); in force here at once."""
        revision = await self._store.put(self.name, value.model_dump_json().encode(), expected=self._seen)
        self._apply(Version(revision, value.model_dump_json().encode()))
        return revision

    async def roll_back(self, revision: int) -> int:
        """Make an earlier version the newest one. LookupError when it is not kept, ValueError when no longer valid."""
        version = await self._store.get(self.name, revision)
        if version is None or version.value is None:
            raise LookupError(f"{self.name} has no revision {revision}")
        return await self.save(self._model.model_validate_json(version.value))

    async def history(self) -> list[Version]:
        """The versions that are kept, the oldest first."""
        return await self._store.history(self.name)

    async def refresh(self) -> None:
        """Read the current version once."""
        version = await self._store.get(self.name)
        self._read.set_to_current_time()
        if version is not None:
            self._apply(version)

    async def follow(self, *, refresh_s: float = 30.0) -> None:
        """Follow changes until cancelled: by a watch, and by a look every `refresh_s` in case the watch was lost."""
        while True:
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(self._watch(), name=f"config-{self.name}")
                await self._until_one_was_missed(refresh_s)
                watching.cancel()
            log.warning("config_watch_lost", section=self.name)

    async def _watch(self) -> None:
        while True:
            try:
                async with aclosing(self._store.changes(self.name)) as changes:
                    async for version in changes:
                        self._apply(version)
            except ConfigUnavailable as error:
                log.warning("config_not_watched", section=self.name, reason=str(error))
            await asyncio.sleep(WATCH_AGAIN_S)

    async def _until_one_was_missed(self, refresh_s: float) -> None:
        while True:
            await asyncio.sleep(refresh_s)
            before = self._seen
            try:
                await self.refresh()
            except ConfigUnavailable as error:
                log.warning("config_not_read", section=self.name, reason=str(error))
            if self._seen != before:
                return

    def _apply(self, version: Version) -> None:
        if version.revision <= self._seen:
            return
        self._seen = version.revision
        try:
            value = self._model() if version.value is None else self._model.model_validate_json(version.value)
        except ValidationError as error:
            log.error(
                "config_refused",
                section=self.name,
                revision=version.revision,
                faults=faults(error),
            )
            self._rejected.inc()
            return
        changed = value != self.value
        self.value, self.revision = value, version.revision
        self._in_force.set(version.revision)
        if changed:
            log.info("config_in_force", section=self.name, revision=version.revision)
            for listener in self._listeners:
                listener(value)


@asynccontextmanager
async def live_section(
    name: str, model: type[M], store: ConfigStore, metrics: Metrics, *, refresh_s: float = 30.0
) -> AsyncIterator[Section[M]]:
    """A section that follows the store while the block runs. If the store is down now, begins with the defaults.

    A listener that raises is a bug: it ends the following, and is raised when the block ends.
    """
    section = Section(name, model, store, metrics)
    try:
        await section.refresh()
    except ConfigUnavailable as error:
        log.warning("config_defaults_in_force", section=name, reason=str(error))
    following = asyncio.create_task(section.follow(refresh_s=refresh_s), name=f"config-{name}")
    try:
        yield section
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
