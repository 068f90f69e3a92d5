"""Rich menus of the channel: which there are, which alias means which, and which one a person sees."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from namjai.devkit.line.state.bounded import Bounded

MENUS_MAX = 1_000
ALIASES_MAX = 1_000
BATCHES_MAX = 100


@dataclass
class Menu:
    """One rich menu; without a picture it can be shown to nobody."""

    id: str
    body: dict[str, Any]
    image: bytes = b""
    mime: str = ""


@dataclass
class Batch:
    """Operations on everybody at once: LINE accepts them, and carries them out a while later."""

    operations: list[dict[str, Any]]
    accepted_at: float
    done_at: float
    finished: bool = field(default=False)


class Menus:
    """Everything about menus. `tell` hears whose phone may look different: a user id, or "" for everybody."""

    def __init__(self, links_max: int, batch_s: float, tell: Callable[[str], None]) -> None:
        self.menus: dict[str, Menu] = {}
        self.aliases: dict[str, str] = {}
        self.default = ""
        self._links: Bounded[str] = Bounded(links_max)
        self._batches: dict[str, Batch] = {}
        self._batch_s = batch_s
        self._tell = tell

    def create(self, body: dict[str, Any]) -> Menu | None:
        """A new menu, or None when there are as many as LINE keeps."""
        if len(self.menus) >= MENUS_MAX:
            return None
        menu = Menu(f"richmenu-{secrets.token_hex(16)}", body)
        self.menus[menu.id] = menu
        return menu

    def delete(self, menu_id: str) -> bool:
        """Whoever saw it sees the default again; an alias of it leads nowhere from now on."""
        if self.menus.pop(menu_id, None) is None:
            return False
        if self.default == menu_id:
            self.default = ""
        self._tell("")
        return True

    def set_default(self, menu_id: str) -> None:
        self.default = menu_id
        self._tell("")

    def link(self, user: str, menu_id: str) -> None:
        self._links.put(user, menu_id)
        self._tell(user)

    def unlink(self, user: str) -> None:
        self._links.drop(user)
        self._tell(user)

    def linked(self, user: str) -> str:
        """The menu of this person's own, if they have one that still exists."""
        menu_id = self._links.get(user) or ""
        return menu_id if menu_id in self.menus else ""

    def shown(self, user: str) -> Menu | None:
        """What this person sees: their own menu before everybody's."""
        return self.menus.get(self.linked(user) or self.default)

    def accept(self, request_id: str, operations: list[dict[str, Any]], now: float) -> None:
        self._batches[request_id] = Batch(operations, now, now + self._batch_s)
        while len(self._batches) > BATCHES_MAX:
            del self._batches[next(iter(self._batches))]

    def batch(self, request_id: str) -> Batch | None:
        return self._batches.get(request_id)

    def settle(self, now: float) -> None:
        """Carry out the batches whose time has come."""
        for batch in self._batches.values():
            if not batch.finished and now >= batch.done_at:
                batch.finished = True
                for operation in batch.operations:
                    self._carry_out(operation)
                self._tell("")

    def _carry_out(self, operation: dict[str, Any]) -> None:
        for user, menu_id in self._links.items():
            match operation["type"]:
                case "link" if menu_id == operation["from"]:
                    self._links.put(user, operation["to"])
                case "unlink" if menu_id == operation["from"]:
                    self._links.drop(user)
                case "unlinkAll":
                    self._links.drop(user)
