"""One process we started: awaited until it is ready, stopped within a deadline, and never left behind."""

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

POLL_S = 0.02
PROBE_DEADLINE_S = 2.0
LOG_TAIL_LINES = 15
LOG_BYTES_MAX = 8 * 1024 * 1024


class ChildFailed(Exception):
    """A process did not become ready: it ended too early or took too long."""


async def _nothing() -> None:
    """There is nothing to prepare."""


async def _yes() -> bool:
    """A process without a probe is ready once it runs."""
    return True


@dataclass(kw_only=True, eq=False)
class Child:
    """How to start, probe and stop one process. It runs in a process group of its own, so Ctrl-C does not reach it."""

    name: str
    argv: Sequence[str]
    log: Path
    env: Mapping[str, str] | None = None
    inherits: Sequence[int] = ()
    """Open files that the process is given, under the same numbers."""
    prepare: Callable[[], Awaitable[None]] = _nothing
    probe: Callable[[], Awaitable[bool]] = _yes
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    start_deadline_s: float = 30.0
    stop_deadline_s: float = 5.0
    launcher: Sequence[str] = ()
    _process: asyncio.subprocess.Process | None = field(default=None, init=False, repr=False)

    @property
    def pid(self) -> int | None:
        """The process id, or None when it does not run."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    @property
    def last_pid(self) -> int:
        """The process id of the newest start, alive or not; 0 before the first."""
        return self._process.pid if self._process is not None else 0

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self.pid is not None

    async def start(self) -> None:
        """Start the process and wait until its probe says yes. Raises ChildFailed with the end of its log."""
        try:
            await self.spawn()
            async with asyncio.timeout(self.start_deadline_s):
                await self._until_ready()
        except BaseException as error:
            await self.kill()
            if isinstance(error, TimeoutError):
                raise ChildFailed(f"{self.name} was not ready in {self.start_deadline_s} s{self._tail()}") from None
            raise

    async def spawn(self) -> None:
        """Start the process and do not wait: it may need somebody who is not back yet."""
        await self.prepare()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *launcher(self.death_signal, self.launcher),
                *self.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=None if self.env is None else dict(self.env),
                pass_fds=tuple(self.inherits),
                start_new_session=True,
            )

    async def _until_ready(self) -> None:
        while self.running:
            if await self._probed():
                return
            await asyncio.sleep(POLL_S)
        assert self._process is not None
        raise ChildFailed(f"{self.name} ended with code {self._process.returncode} before it was ready{self._tail()}")

    async def _probed(self) -> bool:
        try:
            async with asyncio.timeout(PROBE_DEADLINE_S):
                return await self.probe()
        except (OSError, TimeoutError, EOFError):
            return False  # not listening yet, or listening and not answering yet

    async def wait(self) -> int:
        """Wait for the end of the process and return its exit code (negative: the signal that ended it)."""
        if self._process is None:
            raise ChildFailed(f"{self.name} was never started")
        return await self._process.wait()

    async def stop(self, deadline_s: float | None = None) -> bool:
        """Ask the process to end, wait for it, and kill its whole group when the deadline has passed.

        Returns whether it ended by itself.
        """
        if self.running:
            self._signal(self.stop_signal)
            with suppress(TimeoutError):
                async with asyncio.timeout(deadline_s or self.stop_deadline_s):
                    await self.wait()
        in_time = not self.running
        await self.kill()
        return in_time

    async def kill(self) -> None:
        """Kill the process and whatever it started, as a power cut would; also what outlived its group's leader."""
        if self._process is None:
            return
        self._signal(signal.SIGKILL)
        await self.wait()

    async def run_once(self) -> None:
        """Run a job to its end. Raises ChildFailed when it fails or takes longer than the start deadline."""
        try:
            await self.spawn()
            async with asyncio.timeout(self.start_deadline_s):
                code = await self.wait()
        except TimeoutError:
            raise ChildFailed(f"{self.name} took more than {self.start_deadline_s} s{self._tail()}") from None
        finally:
            await self.kill()
        if code:
            raise ChildFailed(f"{self.name} ended with code {code}{self._tail()}")

    async def restart(self) -> None:
        """Stop if it runs, then start again with the same ports and files."""
        await self.stop()
        await self.start()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        try:
            if number == signal.SIGKILL:
                os.killpg(self._process.pid, number)
            else:
                os.kill(self._process.pid, number)
        except ProcessLookupError:
            return  # it was faster than we

    def _tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:] if self.log.exists() else []
        return "; the end of its log:\n" + "\n".join(lines) if lines else ""

    def rotate_log(self, bytes_max: int = LOG_BYTES_MAX) -> None:
        """Keep the log below a size: the full one becomes `.1`. The process appends, so it never notices."""
        if self.log.exists() and self.log.stat().st_size > bytes_max:
            shutil.copyfile(self.log, self.log.with_suffix(self.log.suffix + ".1"))
            os.truncate(self.log, 0)


def is_alive(pid: int) -> bool:
    """Whether a process of that id exists, ours or not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def launcher(death_signal: signal.Signals, options: Sequence[str] = ()) -> list[str]:
    """The command prefix that makes the kernel end a child when we die, even by `kill -9` (Linux, util-linux)."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        if options:
            raise ChildFailed("setpriv (package util-linux) is needed to start PostgreSQL as root")
        return []
    return [setpriv, "--pdeathsig", death_signal.name.removeprefix("SIG"), *options, "--"]
