"""`/_sim/menu/`: the rich menu on a phone, and what a tap on it does besides what any button does: switch menus."""

from typing import Any

import msgspec
from aiohttp import web

from namjai.devkit.line import people
from namjai.devkit.line.platform import Platform
from namjai.devkit.line.state.menus import Menu
from namjai.devkit.line.webhook import Webhooks


class Switch(msgspec.Struct, frozen=True):
    """A tapped `richmenuswitch` action."""

    alias: str
    data: str = ""


class Phones:
    """The handlers."""

    def __init__(self, platform: Platform, webhooks: Webhooks) -> None:
        self._platform = platform
        self._webhooks = webhooks

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_sim/menu/{user}", self.menu),
            web.get("/_sim/menu/{user}/picture", self.picture),
            web.post("/_sim/menu/{user}/switch", self.switch),
        ]

    async def menu(self, request: web.Request) -> web.Response:
        """What the person sees under the chat; `null` for nothing."""
        shown = self._shown(request)
        if shown is None:
            return _json(None)
        aliases = [alias for alias, menu_id in self._platform.menus.aliases.items() if menu_id == shown.id]
        return _json({"richMenuId": shown.id, "aliases": aliases, **shown.body})

    async def picture(self, request: web.Request) -> web.Response:
        shown = self._shown(request)
        if shown is None:
            raise web.HTTPNotFound
        return web.Response(body=shown.image, headers={"Content-Type": shown.mime, "Cache-Control": "no-store"})

    async def switch(self, request: web.Request) -> web.Response:
        """LINE shows the other menu by itself, and tells the bot with a postback, whether that worked or not."""
        user, tapped = _user(request), msgspec.json.decode(await request.read(), type=Switch)
        status = self._switched(user, tapped.alias)
        params = {"newRichMenuAliasId": tapped.alias, "status": status}
        event = {"type": "postback", "postback": {"data": tapped.data, "params": params}}
        return _json(await self._webhooks.send([event], user))

    def _switched(self, user: str, alias: str) -> str:
        menus = self._platform.menus
        menu_id = menus.aliases.get(alias)
        if menu_id is None:
            return "RICHMENU_ALIAS_ID_NOTFOUND"
        if menu_id not in menus.menus:
            return "RICHMENU_NOTFOUND"
        menus.link(user, menu_id)
        return "SUCCESS"

    def _shown(self, request: web.Request) -> Menu | None:
        self._platform.menus.settle(self._platform.now())
        return self._platform.menus.shown(_user(request))


def _user(request: web.Request) -> str:
    found = people.find(request.match_info["user"])
    if found is None:
        raise web.HTTPNotFound
    return found


def _json(content: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(content), content_type="application/json")
