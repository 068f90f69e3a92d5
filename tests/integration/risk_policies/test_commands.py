"""`namjai risk …` as a person types it, against a run with one replica of risk."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from namjai.devkit.home import Home, Secrets, write_private
from namjai.devkit.terminal import namjai as command
from namjai.devkit.testing import run_of
from namjai.events.alert import AlertCorrected

Namjai = Callable[..., Coroutine[Any, Any, tuple[int, str]]]
DOCUMENT = "name: same\nnote: for a test\n"


@pytest.fixture
async def namjai(clinic: Any, tmp_path: Path) -> AsyncIterator[Namjai]:
    home = Home(tmp_path / "home")
    home.make()
    keys = msgspec.structs.replace(Secrets.generate(), master_keys=clinic.settings()["master_keys"])
    write_private(home.path / "secrets.json", msgspec.json.encode(keys))

    async def call(*arguments: str) -> tuple[int, str]:
        done = await command("risk", *arguments, "--home", str(home.path), columns=250)
        return done.code, done.all

    with home.locked():
        home.write_run(run_of(nats_url=clinic.server.url))
        yield call


async def test_publish_replay_activate_and_list(clinic: Any, namjai: Namjai, tmp_path: Path) -> None:
    document = tmp_path / "same.yaml"
    document.write_text(DOCUMENT)
    await clinic.writes("m1", "I want to die", ago=timedelta(hours=2))
    async with clinic.replica():
        assert (await namjai("policies"))[1].startswith("No policy was published.")
        code, output = await namjai("publish", str(document), "--by", "somying")
        assert code == 0, output
        assert "same@" in output
        code, output = await namjai("replay", "--policy", "same", "--since", "1d")
        assert code == 0, output
        assert "0 would newly alert" in output
        code, output = await namjai("activate", "same", "--by", "somying")
        assert code == 0, output
        listed = json.loads((await namjai("policies", "--json"))[1])
        assert [(each["name"], each["by"], each["active"]) for each in listed["policies"]] == [
            ("same", "somying", True)
        ]
        assert (await namjai("show", "same"))[1].strip() == DOCUMENT.strip()
        code, output = await namjai("activate", "nothing", "--by", "somying")
        assert (code, "no policy called 'nothing' was published" in output) == (1, True)
        document.write_text("name: same")
        code, output = await namjai("publish", str(document), "--by", "somying")
        assert (code, "missing required field" in output) == (1, True)


async def test_a_verdict_is_explained_by_the_id_of_its_message(clinic: Any, namjai: Namjai) -> None:
    async with clinic.replica():
        verdict = await clinic.verdict(await clinic.writes("m1", "I want to die, said the zephyr"))
        code, output = await namjai("explain", verdict.event.data.message)
        assert code == 0, output
        assert verdict.event.data.findings[0].rule in output
        assert "what would have changed it" in output
        assert "zephyr" not in output
        assert json.loads((await namjai("explain", verdict.event.id, "--json"))[1])["member"] == "m1"
        assert (await namjai("explain", "nothing"))[0] == 1


async def test_corrections_are_exported(clinic: Any, namjai: Namjai, tmp_path: Path) -> None:
    message = await clinic.writes("m1", "words")
    fact = AlertCorrected(
        alert="a", by="dr. a", message=message.id, level="low", category="other", was="high", via="cli"
    )
    await clinic.happens("m1", fact)
    out = tmp_path / "set.jsonl"

    code, output = await namjai("corrections", "--out", str(out))

    assert code == 0, output
    assert json.loads(out.read_text())["level"] == "low"
