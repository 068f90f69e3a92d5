"""Brings the menus on LINE to what they should be, in an order in which nobody is ever without one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from namjai.notify.menus.book import LINE_NAME, Menu
from namjai.notify.menus.line import LineMenus, LineTrouble

T = TypeVar("T")
Say = Callable[[str], None]

TRIES: Final = 3
PAUSE_S: Final = 1.0
MOVE_POLLS_MAX: Final = 12
MOVE_POLL_S: Final = 0.25
MOVE_POLL_S_MAX: Final = 4.0
"""LINE moves people in its own time; asking is free a hundred times an hour."""


@dataclass(frozen=True)
class Wanted:
    """A menu as it should be on LINE; the name says everything about it."""

    menu: Menu
    body: Mapping[str, Any]
    image: bytes

    @classmethod
    def of(cls, menu: Menu) -> Wanted:
        """With the committed picture."""
        image = menu.image()
        return cls(menu, menu.body(image), image)

    @property
    def alias(self) -> str:
        return self.menu.alias


@dataclass(frozen=True)
class Found:
    """What is on LINE now. `ours` are names by id; menus that somebody else made are not looked at."""

    ours: Mapping[str, str]
    others: int
    aliases: Mapping[str, str]
    default: str | None


@dataclass(frozen=True)
class Plan:
    """What is to be done. `kept` are ids by alias, `stale` are ids of ours that nothing shall lead to any more."""

    kept: Mapping[str, str]
    make: Sequence[Wanted]
    stale: Mapping[str, str]
    default: str
    """The alias of the menu for everybody."""

    @property
    def is_nothing(self) -> bool:
        """Whether all menus are as they should be; the default is looked at apart from this."""
        return not self.make and not self.stale


def plan(wanted: Sequence[Wanted], found: Found, default: str) -> Plan:
    """A menu stays if its alias leads to one of exactly this name: an alias is set after the picture is there."""
    led = {alias: menu for alias, menu in found.aliases.items() if menu in found.ours}
    kept = {
        each.alias: led[each.alias] for each in wanted if found.ours.get(led.get(each.alias, "")) == each.body["name"]
    }
    return Plan(
        kept=kept,
        make=[each for each in wanted if each.alias not in kept],
        stale={menu: name for menu, name in found.ours.items() if menu not in kept.values()},
        default=default,
    )


def alias_in(name: str) -> str:
    """The alias that a menu of ours was made for."""
    parts = name.split(" ")
    return parts[1] if len(parts) == 3 else ""


async def look(line: LineMenus) -> Found:
    """Raises `LineTrouble`."""
    menus = await _patiently(line.menus)
    ours = {menu: name for menu, name in menus.items() if name.startswith(f"{LINE_NAME} ")}
    return Found(ours, len(menus) - len(ours), await _patiently(line.aliases), await _patiently(line.default))


async def carry_out(line: LineMenus, todo: Plan, found: Found, say: Say) -> None:
    """New menus first, then whoever is to see them, and the old ones last. Raises `LineTrouble`; safe to repeat."""
    for alias in todo.kept:
        say(f"= {alias} is as it should be")
    current = dict(todo.kept)
    for each in todo.make:
        current[each.alias] = await _make(line, each, say)
        await _lead(line, each.alias, current[each.alias], found, say)
    default = current[todo.default]
    if found.default != default:
        await _patiently(lambda: line.set_default(default))
        say(f"★ {todo.default} is what everybody sees who has no menu of their own")
    if todo.stale and await _move_people(line, todo, current, say):
        for menu, name in todo.stale.items():
            await _delete(line, menu)
            say(f"- {name} is gone")


async def remove(line: LineMenus, found: Found, say: Say) -> None:
    """Take everything of ours from LINE. Raises `LineTrouble`; safe to repeat."""
    if found.default in found.ours:
        await _patiently(line.cancel_default)
        say("- nobody sees a menu by default")
    for alias, menu in found.aliases.items():
        if menu in found.ours:
            await _patiently(partial(line.delete_alias, alias))
            say(f"- alias {alias} is gone")
    for menu, name in found.ours.items():
        await _delete(line, menu)
        say(f"- {name} is gone")


async def _make(line: LineMenus, each: Wanted, say: Say) -> str:
    """Creating is not tried again by itself: a lost answer may have left a menu, which the next run removes."""
    menu = await line.create(each.body)
    await _patiently(lambda: line.upload(menu, each.image))
    say(f"+ {each.alias} is made, with its picture of {len(each.image) // 1024} KB")
    return menu


async def _lead(line: LineMenus, alias: str, menu: str, found: Found, say: Say) -> None:
    if alias in found.aliases:
        await _patiently(lambda: line.lead_alias(alias, menu))
    else:
        await _patiently(lambda: line.create_alias(alias, menu))
    say(f"→ {alias} leads to it")


async def _move_people(line: LineMenus, todo: Plan, current: Mapping[str, str], say: Say) -> bool:
    """Whoever has an old menu gets the new one of the same alias, before the old one goes. False: not yet done."""
    pairs = {menu: current[alias] for menu, name in todo.stale.items() if (alias := alias_in(name)) in current}
    if not pairs:
        return True
    try:
        request = await line.move(pairs)
    except LineTrouble as trouble:
        if trouble.status != 429:
            raise
        say("! LINE moves people three times an hour; the old menus stay until the next run")
        return False
    for attempt in range(MOVE_POLLS_MAX):
        await asyncio.sleep(min(MOVE_POLL_S_MAX, MOVE_POLL_S * 2**attempt))
        if (phase := await _patiently(lambda: line.moved(request))) != "ongoing":
            break
    if phase == "succeeded":
        say(f"→ everybody who had one of {len(pairs)} old menus has the new one")
        return True
    say(f"! moving people is {phase or 'unknown'}; the old menus stay until the next run")
    return False


async def _delete(line: LineMenus, menu: str) -> None:
    try:
        await _patiently(lambda: line.delete(menu))
    except LineTrouble as trouble:
        if trouble.status != 404:  # a try before this one worked, and nobody saw its answer
            raise


async def _patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Try again what may be tried again: LINE was away, or failed."""
    for attempt in range(1, TRIES):
        try:
            return await call()
        except LineTrouble as trouble:
            if trouble.status != 0 and trouble.status < 500:
                raise
            await asyncio.sleep(PAUSE_S * attempt)
    return await call()
