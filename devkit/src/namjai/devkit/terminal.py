"""The `namjai` command as somebody at a terminal uses it: a process of its own, for tests and benchmarks."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

NAMJAI: Final = (sys.executable, "-m", "namjai.devkit.cli")


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output of `--json`."""
        return json.loads(self.out)

    @property
    def all(self) -> str:
        """Both streams, as a person sees them."""
        return self.out + self.err


async def started(
    *arguments: str, environment: Mapping[str, str] | None = None, folder: Path | None = None, columns: int = 200
) -> asyncio.subprocess.Process:
    """The command, running, with all three streams in our hands; without colours, on a terminal so wide."""
    return await asyncio.create_subprocess_exec(
        *(*NAMJAI, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1", **(environment or {})},
    )


async def namjai(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    columns: int = 200,
    typed: str = "",
) -> Said:
    """The command, run to its end; `typed` is what it reads."""
    process = await started(*arguments, environment=environment, folder=folder, columns=columns)
    out, err = await process.communicate(typed.encode())
    return Said(process.returncode or 0, out.decode(), err.decode())
