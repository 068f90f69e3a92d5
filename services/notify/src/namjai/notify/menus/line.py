"""LINE's rich-menu calls, on its two hosts: every way to fail is one error that says what LINE said."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import msgspec

from namjai.runtime.channel_tokens import Issued, TokenSource
from namjai.runtime.outside import UNCOUNTED, Outside

REQUEST_ID: Final = "x-line-request-id"
SAID_CHARS_MAX: Final = 200
ANSWER_BYTES_MAX: Final = 4 * 1024 * 1024


class LineTrouble(Exception):
    """A call that did not work. Status 0: LINE was not reached, or did not answer."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{status} {said}".strip())
        self.status = status
        self.said = said

    @property
    def passes(self) -> bool:
        """Whether the same call may work later."""
        return self.status in (0, 401, 429) or self.status >= 500


@dataclass(frozen=True)
class Said:
    """A good answer, and LINE's name for the call."""

    body: Mapping[str, Any] = field(default_factory=dict)
    request_id: str = ""


@dataclass(frozen=True)
class Hosts:
    """LINE's two: `data` takes and gives pictures."""

    api: str
    data: str


@asynccontextmanager
async def menu_session(deadline_s: float, connections: int = 8) -> AsyncIterator[aiohttp.ClientSession]:
    """Connections of our own, so that menus take none from replies."""
    timeout = aiohttp.ClientTimeout(total=deadline_s)
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        yield session


class LineMenus:
    """Each method is one call, or two when the token was refused and there is a newer one. Raises `LineTrouble`."""

    def __init__(
        self, session: aiohttp.ClientSession, tokens: TokenSource, hosts: Hosts, outside: Outside = UNCOUNTED
    ) -> None:
        self._outside = outside
        self._session = session
        self._tokens = tokens
        self._hosts = hosts

    async def menus(self) -> dict[str, str]:
        """Names by id."""
        said = await self._ask("GET", "/v2/bot/richmenu/list")
        return {str(menu["richMenuId"]): str(menu.get("name", "")) for menu in said.body.get("richmenus", ())}

    async def create(self, body: Mapping[str, Any]) -> str:
        """A new menu's id."""
        said = await self._ask("POST", "/v2/bot/richmenu", json=body)
        return str(said.body["richMenuId"])

    async def upload(self, menu: str, image: bytes) -> None:
        """Its picture, a PNG; LINE takes one, once."""
        await self._ask("POST", f"/v2/bot/richmenu/{menu}/content", image=image)

    async def delete(self, menu: str) -> None:
        await self._ask("DELETE", f"/v2/bot/richmenu/{menu}")

    async def aliases(self) -> dict[str, str]:
        """Ids by alias."""
        said = await self._ask("GET", "/v2/bot/richmenu/alias/list")
        return {str(each["richMenuAliasId"]): str(each["richMenuId"]) for each in said.body.get("aliases", ())}

    async def alias(self, alias: str) -> str | None:
        """The menu that the alias leads to; None where there is no such alias."""
        try:
            said = await self._ask("GET", f"/v2/bot/richmenu/alias/{alias}")
        except LineTrouble as trouble:
            if trouble.status == 404:
                return None
            raise
        menu = said.body.get("richMenuId")
        return menu if isinstance(menu, str) else None

    async def create_alias(self, alias: str, menu: str) -> None:
        await self._ask("POST", "/v2/bot/richmenu/alias", json={"richMenuAliasId": alias, "richMenuId": menu})

    async def lead_alias(self, alias: str, menu: str) -> None:
        """To another menu, in one step."""
        await self._ask("POST", f"/v2/bot/richmenu/alias/{alias}", json={"richMenuId": menu})

    async def delete_alias(self, alias: str) -> None:
        await self._ask("DELETE", f"/v2/bot/richmenu/alias/{alias}")

    async def default(self) -> str | None:
        """The menu of everybody who has none of their own."""
        try:
            said = await self._ask("GET", "/v2/bot/user/all/richmenu")
        except LineTrouble as trouble:
            if trouble.status == 404:
                return None
            raise
        return str(said.body["richMenuId"])

    async def set_default(self, menu: str) -> None:
        await self._ask("POST", f"/v2/bot/user/all/richmenu/{menu}")

    async def cancel_default(self) -> None:
        await self._ask("DELETE", "/v2/bot/user/all/richmenu")

    async def link(self, user: str, menu: str) -> None:
        """Give one person a menu of their own."""
        await self._ask("POST", f"/v2/bot/user/{user}/richmenu/{menu}")

    async def move(self, pairs: Mapping[str, str]) -> str:
        """Everybody from old menus to new ones, some time soon; what is returned asks for the progress."""
        operations = [{"type": "link", "from": old, "to": new} for old, new in pairs.items()]
        return (await self._ask("POST", "/v2/bot/richmenu/batch", json={"operations": operations})).request_id

    async def moved(self, request: str) -> str:
        """`ongoing`, `succeeded` or `failed`."""
        said = await self._ask("GET", "/v2/bot/richmenu/progress/batch", params={"requestId": request})
        return str(said.body.get("phase", ""))

    async def issue_token(self, channel_id: str, secret: str) -> Issued | None:
        """A stateless channel access token; None when LINE gave none."""
        form = {"grant_type": "client_credentials", "client_id": channel_id, "client_secret": secret}
        try:
            said = await self._send("POST", f"{self._hosts.api}/oauth2/v3/token", None, data=form)
            return Issued(str(said.body["access_token"]), float(said.body["expires_in"]))
        except (LineTrouble, KeyError, TypeError, ValueError):
            return None

    async def _ask(self, method: str, path: str, *, image: bytes | None = None, **options: Any) -> Said:
        url = (self._hosts.api if image is None else self._hosts.data).rstrip("/") + path
        token = await self._tokens.current()
        try:
            return await self._send(method, url, token, image=image, **options)
        except LineTrouble as trouble:
            newer = await self._tokens.renewed(token) if trouble.status == 401 else None
            if newer is None:
                raise
        return await self._send(method, url, newer, image=image, **options)

    async def _send(
        self, method: str, url: str, token: str | None, *, image: bytes | None = None, **options: Any
    ) -> Said:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        if image is not None:
            headers["Content-Type"] = "image/png"
            options["data"] = io.BytesIO(image)
        with self._outside.call("line_menus"):
            try:
                request = self._session.request(method, url, headers=headers, allow_redirects=False, **options)
                async with request as answer:
                    raw = await answer.content.read(ANSWER_BYTES_MAX)
                    if not 200 <= answer.status < 300:
                        raise LineTrouble(answer.status, _message(raw))
                    return Said(_object(raw), answer.headers.get(REQUEST_ID, ""))
            except (aiohttp.ClientError, TimeoutError, OSError) as broken:
                raise LineTrouble(0, type(broken).__name__) from None


def _object(raw: bytes) -> dict[str, Any]:
    """What LINE says is an object, or nothing: a 200 that cannot be read was taken all the same."""
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _message(raw: bytes) -> str:
    said = _object(raw)
    details = said.get("details")
    more = "; ".join(f"{each.get('property')}: {each.get('message')}" for each in details) if details else ""
    return " ".join(filter(None, (str(said.get("message", "")), more)))[:SAID_CHARS_MAX]
