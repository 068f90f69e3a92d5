"""`namjai skills`: what Namjai does at this clinic, and switching it on or off while everything runs."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.table import Table

from namjai.chat.clinic import SECTION, ClinicSection
from namjai.chat.skills.skill import FALLBACK, topics_of
from namjai.chat.skills.table import ALL
from namjai.devkit.commands.common import DEFAULT_HOME, HomeOption, fail, out
from namjai.devkit.commands.desk import Desk, at_desk
from namjai.runtime.config import ConfigStore, ConfigUnavailable, NatsConfigStore, Version
from namjai.runtime.errors import Conflict

skills = typer.Typer(help="What Namjai does here: show it, switch it on or off.", no_args_is_help=True)
BUCKET = "config"
Names = Annotated[
    list[str], typer.Argument(help="Skills, or parts of them such as pictures.plant; `namjai skills list` shows them.")
]
KNOWN = frozenset(skill.name for skill in ALL) | topics_of(ALL)


@skills.command("list")
def list_(json_: Annotated[bool, typer.Option("--json")] = False, home: HomeOption = DEFAULT_HOME) -> None:
    """Every skill with its parts, and whether it is on."""

    async def work(desk: Desk) -> None:
        with _readable():
            on = _on(_read(await (await _store(desk)).get(SECTION)))
        if json_:
            out.print_json(json.dumps({name: name in on for name in sorted(KNOWN)}))
            return
        table = Table("skill", "", "opened by")
        for skill in ALL:
            words = [word for door in skill.doors.values() for word in door.words[:1]]
            table.add_row(skill.name, _shown(skill.name in on), ", ".join(words[:4]))
            for part in sorted(topics_of([skill])):
                table.add_row(f"  {part}", _shown(part in on), "")
        out.print(table)

    at_desk(home, SECTION, work)


@skills.command()
def on(names: Names, home: HomeOption = DEFAULT_HOME) -> None:
    """Switch skills on, from the next turn."""
    _switch(home, lambda before: before | frozenset(names))


@skills.command()
def off(names: Names, home: HomeOption = DEFAULT_HOME) -> None:
    """Switch skills off. Safety and support stay, whatever is off."""
    if FALLBACK in names:
        raise fail(f"{FALLBACK} is what answers when nothing else does, and stays on")
    _switch(home, lambda before: before - frozenset(names))


def _switch(home: Path, change: Callable[[frozenset[str]], frozenset[str]]) -> None:
    async def work(desk: Desk) -> None:
        store = await _store(desk)
        with _readable():
            stored = await store.get(SECTION)
            section = _read(stored)
            names = change(_on(section))
            if unknown := names - KNOWN:
                raise fail(f"no skill is called {', '.join(sorted(unknown))}; see `namjai skills list`")
            chosen = tuple(skill.name for skill in ALL if skill.name in names)
            wanted = section.model_copy(update={"skills": chosen, "topics_off": topics_of(ALL) - names})
            await store.put(SECTION, wanted.model_dump_json().encode(), expected=stored.revision if stored else 0)
        out.print(f"[green]✓[/] on: {', '.join(wanted.skills or ())}", highlight=False)

    at_desk(home, SECTION, work)


def _on(section: ClinicSection) -> frozenset[str]:
    """Where nobody has chosen, all that the settings allow."""
    skills = (skill.name for skill in ALL) if section.skills is None else (*section.skills, FALLBACK)
    return frozenset(skills) | (topics_of(ALL) - section.topics_off)


def _shown(is_on: bool) -> str:
    return "[green]on[/]" if is_on else "[dim]off[/]"


def _read(stored: Version | None) -> ClinicSection:
    try:
        return ClinicSection.model_validate_json(stored.value) if stored and stored.value else ClinicSection()
    except ValidationError:
        raise fail("what is stored is from another release; use the `namjai` of the one that runs") from None


async def _store(desk: Desk) -> ConfigStore:
    return NatsConfigStore(await desk.client.jetstream().key_value(BUCKET))


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except Conflict:
        raise fail("somebody else has just changed this; look at theirs, and try again") from None
    except ConfigUnavailable:
        raise fail("the config store does not answer; nothing was changed, as far as is known") from None
