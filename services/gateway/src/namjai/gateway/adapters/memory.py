"""Identities in a dict: the twin for tests that need no server; the same suite holds."""

from __future__ import annotations

from namjai.gateway.adapters.identities import new_member


class MemoryIdentities:
    """Remembers everybody until they are forgotten."""

    def __init__(self) -> None:
        self._members: dict[str, str] = {}

    def known(self, line_id: str) -> str | None:
        return self._members.get(line_id)

    async def resolve(self, line_id: str) -> str:
        return self._members.setdefault(line_id, new_member())

    async def forget(self, line_id: str, member: str) -> bool:
        if self._members.get(line_id) != member:
            return False
        del self._members[line_id]
        return True
