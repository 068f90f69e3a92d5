"""Put the rich menus on LINE: `python -m namjai.notify.menus setup`, `status` or `remove`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Final

from namjai.notify.adapters.channel import token_source
from namjai.notify.menus.book import alias_of, menus
from namjai.notify.menus.line import Hosts, LineMenus, LineTrouble, menu_session
from namjai.notify.menus.provision import Found, Plan, Wanted, carry_out, look, plan, remove
from namjai.notify.settings import NotifySettings

DEADLINE_S: Final = 20.0

_WHY: Final = {
    0: "LINE cannot be reached at {url}: {said}. Is the network there, and NAMJAI_LINE_API_URL right?",
    401: "LINE refuses the channel access token. Is it that of this channel, and still valid?",
    403: "This channel may not use rich menus: {said}",
    429: "LINE allows no more of this for now: a hundred menus may be made and a hundred deleted an hour. "
    "Run it again in an hour; what is done stays done.",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0: it is as wanted; 1: it could not be done, or (`status`) it is not as wanted."""
    asked = _arguments(argv)
    try:
        settings = NotifySettings()
        return asyncio.run(_work(asked.command, settings, dry_run=asked.dry_run))
    except LineTrouble as trouble:
        words = _WHY.get(trouble.status, "LINE answered {status}: {said}")
        said = words.format(url=settings.line_api_url, status=trouble.status, said=trouble.said)
    except LookupError as missing:
        said = str(missing.args[0])
    print(f"✗ {said}", file=sys.stderr)
    return 1


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m namjai.notify.menus", description=__doc__)
    parser.add_argument("command", choices=("setup", "status", "remove"))
    parser.add_argument("--dry-run", action="store_true", help="Only say what would be done.")
    return parser.parse_args(argv)


async def _work(command: str, settings: NotifySettings, *, dry_run: bool) -> int:
    async with menu_session(DEADLINE_S) as session:
        hosts = Hosts(settings.line_api_url, settings.line_data_url)
        line = LineMenus(session, token_source(settings, lambda *channel: line.issue_token(*channel)), hosts)
        found = await look(line)
        todo = plan(
            [Wanted.of(menu) for menu in menus(settings.country)], found, alias_of("main", settings.default_language)
        )
        match command:
            case "status":
                return _say_status(todo, found)
            case "remove" if not dry_run:
                await remove(line, found, _say)
            case "remove":
                _say(f"{len(found.ours)} menus would be removed")
            case _ if dry_run:
                _say_plan(todo, found)
            case _:
                await carry_out(line, todo, found, _say)
                _say("✓ the menus are in place")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


def _say_plan(todo: Plan, found: Found) -> None:
    for alias in todo.kept:
        _say(f"= {alias} would stay")
    for each in todo.make:
        _say(f"+ {each.alias} would be made, with a picture of {len(each.image) // 1024} KB")
    for name in todo.stale.values():
        _say(f"- {name} would go")
    if found.default not in todo.kept.values():
        _say(f"★ {todo.default} would be what everybody sees")


def _say_status(todo: Plan, found: Found) -> int:
    """One line a menu. 0 if nothing is to be done."""
    by_alias = {each.alias: "changed" if each.alias in found.aliases else "missing" for each in todo.make}
    for alias, state in sorted({**dict.fromkeys(todo.kept, "in place"), **by_alias}.items()):
        default = " ★ default" if todo.kept.get(alias) == found.default else ""
        _say(f"{alias:<16} {state}{default}")
    for name in todo.stale.values():
        _say(f"{name} is old")
    if found.others:
        _say(f"{found.others} menus that somebody else made")
    is_default = found.default is not None and found.default == todo.kept.get(todo.default)
    return 0 if todo.is_nothing and is_default else 1


if __name__ == "__main__":
    sys.exit(main())
