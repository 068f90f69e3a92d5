"""Rules and dashboards ask only for what the services really expose: names, labels, and the values that are spelt out.

A metric that has not been counted yet shows its name and no labels, so the test makes things happen first.
"""

import json
import math
import re
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import promql_parser
import pytest
import yaml
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.parser import text_string_to_metric_families

from namjai.devkit.running import Running, facts, until
from namjai.events.reply import ReplyIssued
from namjai.runtime.metrics import Metrics

MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"
CRISIS = "อยากตาย คืนนี้จะทำแน่ๆ"
TARGET_LABELS = frozenset({"job", "instance"})
"""What Prometheus adds to whatever it scrapes."""
_SERVER = frozenset({"server_id", "server_name", "cluster", "domain", "meta_leader", "is_meta_leader"})
_STREAM = _SERVER | {"account", "account_id", "stream_name", "stream_leader", "is_stream_leader"}
_VOLUME = frozenset({"namespace", "persistentvolumeclaim"})
OF_OTHERS: dict[str, frozenset[str]] = {
    "up": frozenset(),
    "gnatsd_healthz_status": frozenset({"server_id"}),
    "gnatsd_varz_slow_consumers": frozenset({"server_id"}),
    "gnatsd_varz_connections": frozenset({"server_id"}),
    "gnatsd_varz_in_msgs": frozenset({"server_id"}),
    "gnatsd_varz_mem": frozenset({"server_id"}),
    "jetstream_server_max_storage": _SERVER,
    "jetstream_server_total_message_bytes": _SERVER,
    "jetstream_stream_last_seq": _STREAM,
    "jetstream_stream_total_bytes": _STREAM,
    "jetstream_stream_total_messages": _STREAM,
    "kubelet_volume_stats_available_bytes": _VOLUME,
    "kubelet_volume_stats_capacity_bytes": _VOLUME,
    "kube_job_failed": frozenset({"namespace", "job_name", "condition"}),
}
"""Metrics of the exporter of NATS, the kubelet and kube-state-metrics, by their own documentation and source."""
SPELT_OUT = frozenset(
    {"consumer", "type", "kind", "route", "service", "le", "screened", "level", "endpoint", "chore", "stage"}
)
"""Labels whose values are words of our code. What goes wrong (`reason`, `outcome`, `status`) does not go wrong here."""
NOT_HERE = {("level", "load"), ("screened", "False")}
RARE = {"namjai_model_guard_total": {"guard", "fault"}, "namjai_letters_total": {"kind", "outcome"}}
"""Labels of what no test should wait for."""

Series = list[dict[str, str]]


@dataclass
class Exposed:
    """All that the services show: for each name its series, and the names that nothing was counted for yet."""

    series: dict[str, Series] = field(default_factory=dict)
    labels: dict[str, frozenset[str]] = field(default_factory=dict)

    def add(self, exposition: str) -> None:
        for family in text_string_to_metric_families(exposition):
            for name in _names(family.name, family.type):
                self.series.setdefault(name, [])
            for sample in family.samples:
                self.series.setdefault(sample.name, []).append(dict(sample.labels))

    def labels_of(self, name: str) -> frozenset[str] | None:
        """None when nothing tells."""
        if found := self.series[name]:
            return frozenset().union(*found)
        return self.labels.get(name)


def _names(family: str, kind: str) -> tuple[str, ...]:
    if kind == "counter":
        return (f"{family}_total",)
    if kind == "histogram":
        return (f"{family}_bucket", f"{family}_count", f"{family}_sum")
    return (family,)


def _common() -> dict[str, frozenset[str]]:
    """Labels of the metrics that every service has, from the code: a dead letter is not to be had for the asking."""
    known = dict[str, frozenset[str]]()
    for metric in vars(Metrics("anything")).values():
        if isinstance(metric, Counter | Gauge | Histogram):
            (family,) = metric.describe()
            for name in _names(family.name, family.type):
                known[name] = frozenset(metric._labelnames) | ({"le"} if name.endswith("_bucket") else set())
    return known


@pytest.fixture(scope="module")
async def exposed(talking: Running) -> Exposed:
    """After an ordinary message, one that a model answers, and one that raises an alert."""
    user = "U" + "ab" * 16
    await _answered(talking, user, talking.send(user, "I want to drink less"))
    consent = {"data": "cmd=consent&purpose=model&granted=yes"}
    pressed = {"type": "postback", "source": {"type": "user", "userId": user}, "postback": consent}
    await _answered(talking, user, talking.event(pressed))
    await _answered(talking, user, talking.send(user, "I feel bored in the evenings"))
    await until(lambda: _a_model_spoke(talking))
    await talking.send("U" + "cd" * 16, CRISIS)
    shown: Exposed = await until(lambda: _everything(talking), 60, 0.5)
    return shown


async def _answered(namjai: Running, user: str, doing: Awaitable[Any]) -> None:
    before = len(await namjai.chat(user))
    await doing

    async def more() -> bool:
        return len(await namjai.chat(user)) > before

    await until(more)


async def _a_model_spoke(namjai: Running) -> bool:
    turns = facts(await namjai.events(), ReplyIssued)
    return any(use.outcome == "said" for turn in turns for use in turn.data.uses)


async def _everything(namjai: Running) -> Exposed | None:
    """What all services show, once the alert has gone through and the watchdog has looked, every half minute."""
    shown = Exposed(labels=OF_OTHERS | _common() | {name: frozenset(labels) for name, labels in RARE.items()})
    shown.series.update({name: [] for name in OF_OTHERS})
    async with aiohttp.ClientSession() as http:
        for service in namjai.run["services"].values():
            async with http.get(service["health_url"]) as ready:
                assert ready.status == 200
            async with http.get(service["metrics_url"]) as answer:
                shown.add(await answer.text())
    late = ("namjai_alerts_total", "namjai_oncall_gap_seconds", "namjai_alerts_open", "namjai_heartbeats_total")
    return shown if all(shown.series.get(name) for name in late) else None


def _rules() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((MONITORING / "rules").glob("*.yaml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            for rule in group["rules"]:
                yield f"{path.name}: {rule.get('alert') or rule['record']}", rule


def _queries() -> Iterator[tuple[str, str]]:
    """Where it is asked, and what."""
    for where, rule in _rules():
        yield where, rule["expr"]
    for path in sorted((MONITORING / "dashboards").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel.get("targets", ()):
                yield f"{path.name}: {panel['title']}", target["expr"].replace("$__rate_interval", "5m")


@dataclass
class Asked:
    """What a query names."""

    selectors: list[promql_parser.VectorSelector] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)

    def visit(self, node: promql_parser.Expr) -> bool:
        match node:
            case promql_parser.VectorSelector():
                self.selectors.append(node)
            case promql_parser.MatrixSelector():
                self.selectors.append(node.vector_selector)
            case promql_parser.AggregateExpr() if node.modifier is not None:
                self.labels.update(node.modifier.labels)
            case promql_parser.BinaryExpr() if node.modifier is not None:
                self.labels.update(node.modifier.group_labels or ())
                self.labels.update(node.modifier.matching.labels if node.modifier.matching else ())
        return True


def _asked(query: str) -> Asked:
    asked = Asked()
    promql_parser.walk(promql_parser.parse(query), asked.visit)
    return asked


def _wrong(query: str, exposed: Exposed, recorded: frozenset[str]) -> Iterator[str]:
    asked = _asked(query)
    known = set(TARGET_LABELS)
    for selector in asked.selectors:
        name = selector.name or ""
        if name in recorded:
            known.add("slo")
            continue
        if name not in exposed.series:
            yield f"nobody exposes {name}"
            continue
        if (labels := exposed.labels_of(name)) is None:
            yield f"nothing tells the labels of {name}"
            continue
        known |= labels
        matchers = {each.name: each for each in selector.matchers.matchers}
        yield from (f"{name} has no label {label}" for label in matchers.keys() - labels - TARGET_LABELS)
        wanted = {
            label: each.value
            for label, each in matchers.items()
            if each.op == promql_parser.MatchOp.Equal and label in SPELT_OUT and (label, each.value) not in NOT_HERE
        }
        if wanted and exposed.series[name] and not any(wanted.items() <= one.items() for one in exposed.series[name]):
            yield f"{name} has no series with {wanted}"
    yield from (f"no label {label}" for label in asked.labels - known)


async def test_every_metric_and_label_of_rules_and_dashboards_exists(exposed: Exposed) -> None:
    recorded = frozenset(rule["record"] for _, rule in _rules() if "record" in rule)
    wrong = {f"{where}: {what}" for where, query in _queries() for what in _wrong(query, exposed, recorded)}
    assert wrong == set()


async def test_a_query_for_what_is_not_there_is_noticed(exposed: Exposed) -> None:
    for query in (
        "namjai_nothing_total",
        'namjai_handled_total{member="x"}',
        "sum by (member) (namjai_handled_total)",
        'namjai_reply_seconds_bucket{le="3.0"}',
    ):
        assert list(_wrong(query, exposed, frozenset())), query


_WORD = "[a-z][a-z0-9_-]*"
WORDS_OF_LABELS = {
    **dict.fromkeys(("consumer", "cache", "check", "to", "chore", "volume", "operation", "skill"), _WORD),
    **dict.fromkeys(("kind", "stage", "purpose", "via", "channel", "endpoint", "found", "menu", "section"), _WORD),
    **dict.fromkeys(
        ("outcome", "result", "reason", "status", "code", "direction", "guard", "fault"), "[A-Za-z0-9_ -]+"
    ),
    "type": rf"{_WORD}\.{_WORD}(\.v[0-9]+)?|other",
    "service": "gateway|risk|chat|notify|analytics",
    "version": r"[0-9.]+[a-z0-9.+-]*",
    "route": r"/[a-z/{}]*|other",
    "method": "[A-Z]+",
    "le": r"[0-9.]+(e[+-][0-9]+)?|\+Inf",
    "level": "none|low|medium|high|crisis|critical|any|local|shared|load|[0-9]|10",
    "screened": "True|False",
    "model": r"[a-z0-9.:/-]+",
    **dict.fromkeys(("breaker", "limiter"), r"[a-z0-9._:/-]+"),
    "generation": "[0-2]",
    "fingerprint": "[0-9a-f]{12}|other",
}
"""Every label that there is, and what its values may look like: words of our code, models of the settings, numbers."""
VALUES_MAX = 60
LOOKS_LIKE_AN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|[UCR][0-9a-f]{32}|[0-9A-HJKMNP-TV-Z]{26}|@")


async def test_every_label_is_declared_and_its_values_are_few_and_words(exposed: Exposed) -> None:
    values: dict[str, set[str]] = {}
    for name, series in exposed.series.items():
        for labels in series if name.startswith("namjai_") else ():
            for label, value in labels.items():
                values.setdefault(label, set()).add(value)
    unlike = {
        (label, value)
        for label, found in values.items()
        for value in found
        if LOOKS_LIKE_AN_ID.search(value) or re.fullmatch(WORDS_OF_LABELS.get(label, "(?!)"), value) is None
    }
    assert unlike == set()
    many = {label: len(found) for label, found in values.items() if len(found) > VALUES_MAX and label != "le"}
    assert many == {}


async def test_no_label_names_a_person(exposed: Exposed, talking: Running) -> None:
    members = {stored.event.subject for stored in await talking.events()} - {"nobody"}
    values = {value for series in exposed.series.values() for labels in series for value in labels.values()}
    assert not values & members


async def test_no_metric_has_very_many_series(exposed: Exposed) -> None:
    sizes = {name: len(series) for name, series in exposed.series.items()}
    assert max(sizes.values(), default=math.nan) < 1_500, sorted(sizes.items(), key=lambda one: -one[1])[:5]


async def test_every_line_in_the_log_is_one_object_with_a_name_that_is_explained(
    exposed: Exposed, talking: Running
) -> None:
    """Of ours; libraries' lines say what they like, in the same shape."""
    explained = yaml.safe_load((MONITORING / "log_events.yaml").read_text())
    written = [line for name in talking.run["services"] for line in _written(talking.home / "logs" / f"{name}.log")]
    assert not [line for line in written if not {"time", "level", "logger", "event", "service", "version"} <= set(line)]
    own = [line for line in written if line["logger"].startswith("namjai.")]
    assert {line["event"] for line in own} <= set(explained)
    told = [line for line in own if line["event"] in ("turn", "handler_failed")]
    assert told
    assert all(line["correlation_id"] for line in told)


def _written(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
