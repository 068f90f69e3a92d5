"""`namjai alerts` as somebody types it, against the service at work."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from namjai.devkit.commands.alerts import alerts
from namjai.devkit.line.people import DR_CHEN
from namjai.devkit.terminal import Said, namjai, started
from namjai.devkit.testing import NatsServer
from namjai.events import Sealed
from namjai.events.alert import AlertEscalated, AlertNoted, AlertSaid, AlertViewed
from namjai.events.instrument import InstrumentAnswered
from namjai.events.member import ContactNamed
from namjai.events.risk import Finding, RiskAssessed
from namjai.risk.api_words import Explain
from namjai.risk.domain.context import Watch
from namjai.risk.domain.explain import Explanation, Judging, Verdict, explain
from namjai.runtime.metrics import Metrics
from namjai.runtime.micro import Endpoint, Endpoints
from tests.integration.notify.conftest import AtWork, Line, Office
from tests.integration.notify.kit import happened, message, raised, staffroom

WATCHING_S = 60.0
WORDS = "I have the pills here and I will take them tonight \x1b[2J\u202e[bold]"
VERBS = (
    *("list", "show", "claim", "ack", "note", "handover", "takeover", "say", "handback", "contacted", "resolve"),
    *("reopen", "correct", "silence", "unsilence", "sla"),
)


@dataclass
class Terminal:
    """Ploy at a terminal, somewhere else than the services."""

    url: str
    folder: Path

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        return await started("alerts", *arguments, environment=self._here("ploy"), folder=self.folder, columns=80)

    async def __call__(self, *arguments: str, by: str = "ploy", typed: str = "") -> Said:
        here = self._here(by)
        return await namjai("alerts", *arguments, environment=here, folder=self.folder, columns=80, typed=typed)

    def _here(self, by: str) -> dict[str, str]:
        return {"NAMJAI_NATS_URL": self.url, "NAMJAI_STAFF_NAME": by}


@pytest.fixture
def terminal(server: NatsServer, tmp_path: Path) -> Terminal:
    return Terminal(server.url, tmp_path)


async def test_an_alert_is_worked_on_from_a_terminal(
    office: Office, line: Line, terminal: Terminal, at_work: AtWork, member: str
) -> None:
    async with staffroom(office, at_work):
        alert = await raised(office, member)
        await office.said(member, AlertEscalated)
        name = alert.id[:8].upper()
        listed = await terminal("list")
        claimed = await terminal("claim", name)
        refused, hers, noted = await asyncio.gather(
            terminal("claim", name, by="chen"),
            terminal("list", "--mine", "--json", by="chen"),
            terminal("note", name, "-", typed="her sister has a key\n"),
        )
        said = await terminal("say", name, "I am here.", "--json")
        handed, silenced = await asyncio.gather(
            terminal("handover", name, "chen", "--note", "my shift ends"),
            terminal("silence", name, "8h", "--reason", "in our ward"),
        )
        await line.until(lambda: line.seen(DR_CHEN.user_id))
        resolved = await terminal("resolve", name, "referred", by="chen")
        everything, sla = await asyncio.gather(terminal("list", "--all"), terminal("sla"))
        [note] = await office.said(member, AlertNoted)
        [word] = await office.said(member, AlertSaid)
    for shown in (name, "high", "notified", "nobody"):
        assert shown in listed.out
    assert "without a human word it goes back to everybody" in claimed.out
    assert (refused.code, refused.err.strip()) == (1, "✗ ploy has it already; hand it over instead")
    assert hers.json["alerts"] == []
    assert (note.note.value, note.via) == ("her sister has a key", "cli")
    assert (word.by, word.via, word.words.value) == ("ploy", "cli", "I am here.")
    assert (said.json["status"], said.json["waiting"]) == ("in_contact", False)
    assert "passed on to chen" in handed.out
    assert "quiet until" in silenced.out
    assert "resolved: referred" in resolved.out
    assert name in everything.out
    assert "100%" in sla.out
    assert not any(each.code for each in (claimed, noted, said, handed, silenced, resolved, sla))


async def test_show_draws_everything_and_nothing_that_the_person_wrote_moves_the_terminal(
    office: Office, terminal: Terminal, at_work: AtWork, member: str
) -> None:
    start, end = WORDS.index("I will"), WORDS.index(" tonight")
    finding = Finding(rule="en.plan", level="high", category="suicide", subject="self", start=start, end=end)
    async with staffroom(office, at_work):
        [said] = await happened(office, member, message(WORDS), ago_s=60, source="gateway")
        verdict = RiskAssessed(
            message=said.id, outcome="screened", level="high", category="suicide", policy="p1", findings=(finding,)
        )
        [judged] = await happened(office, member, verdict, ago_s=59, source="risk")
        alert = await raised(office, member, message=said.id, ago_s=59)
        answers = (InstrumentAnswered(instrument="phq-9", version="1", item=9, value=2, about_death=True),)
        await happened(office, member, *answers, ContactNamed(name=Sealed("Lek")), source="chat")
        await office.said(member, AlertEscalated)
        alone = await terminal("show", alert.id)
        async with _risk(office, judged.id, member, verdict):
            explained, machine = await asyncio.gather(
                terminal("show", alert.id[:8]), terminal("show", alert.id, "--json")
            )
        looks = await office.said(member, AlertViewed, 3)
    for part in ("high", "waits", "ploy (round 1, step 1 of 1)", "I will take them", "en.plan", "phq-9", "9=2", "Lek"):
        assert part in alone.out
    for part in ("no consent to tell them", "▆", "escalated", "triggered", "viewed"):
        assert part in alone.out
    assert "[bold]" in alone.out
    assert "\x1b" not in alone.out
    assert "\u202e" not in alone.out
    assert "judged by policy" not in alone.out
    assert "judged by policy p1" in explained.out
    assert "without rule en.plan it would have been none" in explained.out
    assert machine.json["explanation"]["policy"] == "p1"
    assert machine.json["dossier"]["message"]["text"] == WORDS
    assert {(each.by, each.via) for each in looks} == {("ploy", "cli")}


async def test_the_list_stays_and_shows_what_comes(
    office: Office, terminal: Terminal, at_work: AtWork, member: str
) -> None:
    async with staffroom(office, at_work):
        asked = await office.nc.subscribe("api.notify.>")
        watching = await terminal.start("list", "--watch")
        try:
            await asked.next_msg(timeout=WATCHING_S)
            alert = await raised(office, member)
            await office.said(member, AlertEscalated)
            await asked.next_msg(timeout=WATCHING_S)
            await asked.next_msg(timeout=WATCHING_S)  # the answer before this question has been shown
        finally:
            watching.send_signal(signal.SIGINT)
            await asked.unsubscribe()
        out, err = await watching.communicate()
    assert watching.returncode == 0, err.decode()
    assert alert.id[:8].upper() in out.decode()


async def test_what_nobody_answers_is_one_line_and_exit_code_one(terminal: Terminal, office: Office) -> None:
    away = await terminal("claim", "1A2B3C4D")
    assert away.code == 1
    assert away.err.strip() == "✗ the notify service does not answer; see `namjai status`"


def test_what_cannot_be_is_said_before_anybody_is_asked() -> None:
    nameless = CliRunner().invoke(alerts, ["list", "--mine"], env={"NAMJAI_STAFF_NAME": ""})
    both = CliRunner().invoke(alerts, ["list", "--watch", "--json"])
    misspelt = CliRunner().invoke(alerts, ["correct", "1A2B3C4D", "terrible", "--by", "ploy"])
    assert (nameless.exit_code, both.exit_code, misspelt.exit_code) == (1, 1, 2)
    assert "say who you are" in nameless.stderr
    assert "--watch is for people" in both.stderr
    assert "crisis" in misspelt.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_with_an_example(verb: str) -> None:
    explained = CliRunner().invoke(alerts, [verb, "--help"], env={"COLUMNS": "120"})
    assert explained.exit_code == 0
    assert f"namjai alerts {verb}" in explained.stdout


@asynccontextmanager
async def _risk(office: Office, name: str, member: str, fact: RiskAssessed) -> AsyncIterator[None]:
    """Risk's own explanation over the wire, of a policy that cannot be made again."""
    asked = Verdict(assessment=name, member=member, at=datetime.now(UTC), fact=fact, words=None, past=())
    by = Judging(in_force="p2", policy=None, rules={}, classifier=None, watch=Watch())

    async def answer(wanted: Explain) -> Explanation:
        assert (wanted.member, wanted.id) == (member, name)
        return explain(asked, by)

    endpoint = Endpoint("explain", Explain, Explanation, answer)
    endpoints = Endpoints(office.nc, "risk", [endpoint], Metrics("risk"), version="1.0.0", description="Why.")
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as work:
        work.create_task(endpoints.run(stop))
        try:
            yield
        finally:
            stop.set()
