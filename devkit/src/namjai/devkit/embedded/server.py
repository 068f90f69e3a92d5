"""What the three embedded servers have in common: where their executable is, and how they live and die."""

from importlib.metadata import distribution
from pathlib import Path

from namjai.devkit.child import Child, ChildFailed


def packaged_binary(package: str, *names: str) -> Path:
    """Where an installed package put its server's executable. Raises `ChildFailed` when it brings none."""
    found = distribution(package)
    for file in found.files or ():
        if file.name in names:
            return Path(str(found.locate_file(file))).resolve()
    raise ChildFailed(f"the package {package} brings no {names[0]}")


class Server:
    """A server that is one child process; its ports and files stay the same however often it restarts."""

    child: Child

    async def start(self) -> None:
        """Start (again)."""
        await self.child.start()

    async def stop(self) -> None:
        """Stop in an orderly way."""
        await self.child.stop()

    async def kill(self) -> None:
        """`kill -9`."""
        await self.child.kill()

    async def restart(self) -> None:
        """Stop and start."""
        await self.child.restart()
