"""Rules, their tests, their pages and the dashboards: checked by Prometheus' and Alertmanager's own tools."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from namjai.devkit.cli import COMMANDS, GROUPS
from namjai.devkit.monitoring import log_events
from namjai.devkit.monitoring.__main__ import main
from namjai.runtime.chores import CHORES

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "deploy" / "monitoring"
RULES = sorted((MONITORING / "rules").glob("*.yaml"))
RUNBOOK = ROOT / "docs" / "runbook"
UNITS = {"bool_yes_no", "bytes", "currencyUSD", "ops", "percentunit", "reqps", "s", "short"}
"""Those of Grafana that we use: an unknown one is shown as a bare number, without a complaint."""
SCRIPT = Path(__file__).parent / "promtool.sh"

pytestmark = pytest.mark.timeout(700)  # the first run may fetch the tools


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _tool(name: str) -> str:
    found = _run(SCRIPT, name, "install")
    assert found.returncode == 0, found.stderr
    return found.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def promtool() -> str:
    return _tool("promtool")


@pytest.fixture(scope="module")
def amtool() -> str:
    return _tool("amtool")


def _alerts() -> Sequence[dict[str, Any]]:
    groups = [group for path in RULES for group in yaml.safe_load(path.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


def test_what_is_generated_is_up_to_date() -> None:
    assert main([str(MONITORING), "--check"]) == 0, "run `make docs`"


def test_what_is_not_up_to_date_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("slos.yaml", "dashboards.yaml"):
        (tmp_path / name).write_text((MONITORING / name).read_text())
    (tmp_path / "rules").mkdir()
    assert main([str(tmp_path), "--check"]) == 1
    assert "rules/slo.yaml" in capsys.readouterr().err
    assert main([str(tmp_path)]) == 0
    assert main([str(tmp_path), "--check"]) == 0


def test_every_name_in_the_log_is_explained_and_no_other(tmp_path: Path) -> None:
    known = yaml.safe_load((MONITORING / "log_events.yaml").read_text())
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in known)
    for changed, complaint in (
        ({name: known[name] for name in known if name != "dead_letter"}, "dead_letter"),
        ({**known, "gone": "Nobody writes this."}, "gone"),
    ):
        (tmp_path / "meanings.yaml").write_text(yaml.safe_dump(changed))
        with pytest.raises(ValueError, match=complaint):
            log_events.page(ROOT, tmp_path / "meanings.yaml")


def test_a_line_whose_name_is_put_together_is_noticed(tmp_path: Path) -> None:
    module = tmp_path / "libs" / "x" / "src" / "namjai" / "x" / "work.py"
    module.parent.mkdir(parents=True)
    module.write_text('_log.info("known", n=1)\n_log.warning("nearly_" + name)\n')
    with pytest.raises(ValueError, match=r"work.py:2"):
        log_events.lines(tmp_path)


def test_prometheus_takes_every_rule_and_the_example_of_its_own_configuration(promtool: str) -> None:
    for done in (
        _run(promtool, "check", "rules", *RULES),
        _run(promtool, "check", "config", MONITORING / "prometheus.yaml"),
    ):
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", [path.name for path in sorted((MONITORING / "tests").glob("*.test.yaml"))])
def test_rules_fire_where_they_must_and_nowhere_else(promtool: str, name: str) -> None:
    done = _run(promtool, "test", "rules", MONITORING / "tests" / name)
    assert done.returncode == 0, done.stdout + done.stderr


def _cases() -> Sequence[dict[str, Any]]:
    cases: list[dict[str, Any]] = yaml.load(
        (MONITORING / "tests" / "cases.yaml").read_text(),
        yaml.BaseLoader,  # `0x10` is eleven noughts, no number
    )
    return cases


def _promtool_test(case: dict[str, Any], what: str) -> dict[str, Any]:
    firing = f'count(ALERTS{{alertname="{case["alert"]}",alertstate="firing"}}) > bool 0'
    expected = [{"labels": "{}", "value": 1}] if what == "fires" else []
    return {
        "name": f"{case['alert']} {what}",
        "interval": case.get("every", "1m"),
        "input_series": [{"series": series, "values": values} for series, values in case[what].items()],
        "promql_expr_test": [{"expr": firing, "eval_time": case["at"], "exp_samples": expected}],
    }


def test_every_alert_has_a_case() -> None:
    always_on = "NamjaiMonitoringIsAlive"
    assert {case["alert"] for case in _cases()} == {alert["alert"] for alert in _alerts()} - {always_on}


@pytest.mark.parametrize("rules", RULES, ids=lambda path: path.stem)
def test_every_alert_fires_when_it_must_and_is_quiet_when_it_is_nearly_so(
    promtool: str, tmp_path: Path, rules: Path
) -> None:
    """Each file apart: promtool evaluates all rules of a file for each case."""
    here = {rule.get("alert") for group in yaml.safe_load(rules.read_text())["groups"] for rule in group["rules"]}
    cases = [case for case in _cases() if case["alert"] in here]
    for every in sorted({case.get("every", "1m") for case in cases}):
        own = [case for case in cases if case.get("every", "1m") == every]
        tests = [_promtool_test(case, what) for case in own for what in ("fires", "quiet")]
        file = tmp_path / f"{every}.test.yaml"
        file.write_text(yaml.safe_dump({"rule_files": [str(rules)], "evaluation_interval": every, "tests": tests}))
        done = _run(promtool, "test", "rules", file)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=NamjaiMonitoringIsAlive", "severity=none"], "dead-mans-switch"),
        (["alertname=NamjaiAlertStepsOverdue", "severity=page"], "pager"),
        (["alertname=NamjaiQuotaLow", "severity=ticket"], "tickets"),
        (["alertname=SomebodyElses"], "tickets"),
    ],
)
def test_the_example_of_routing_leads_each_alert_to_its_receiver(
    amtool: str, labels: Sequence[str], receiver: str
) -> None:
    example = MONITORING / "alertmanager.yaml"
    assert _run(amtool, "check-config", example).returncode == 0
    done = _run(amtool, "config", "routes", "test", f"--config.file={example}", *labels)
    assert done.stdout.split() == [receiver], done.stderr


def test_every_job_that_leaves_a_note_is_missed_when_it_leaves_none() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "libs" / "operations" / "src").rglob("*.py"))
    rules = (MONITORING / "rules" / "operations.yaml").read_text()
    for chore in CHORES:
        assert f'"{chore}"' in code, f"no job leaves a note called {chore}"
        assert re.search(rf'chore=~?"[^"]*\b{chore}\b', rules), f"no rule misses {chore}"


def test_every_alert_says_how_bad_it_is_what_it_is_and_where_its_page_is() -> None:
    for alert in _alerts():
        assert alert["labels"]["severity"] in ("page", "ticket", "none"), alert["alert"]
        assert set(alert["annotations"]) == {"summary", "description", "runbook"}, alert["alert"]
        assert alert["annotations"]["runbook"] == f"docs/runbook/{alert['alert']}.md"


def test_every_alert_has_its_page_and_every_page_its_alert() -> None:
    pages = {path.stem for path in RUNBOOK.glob("Namjai*.md")}
    assert pages == {alert["alert"] for alert in _alerts()}


def test_every_page_says_what_it_means_where_to_look_and_what_to_do() -> None:
    for page in RUNBOOK.glob("Namjai*.md"):
        text = page.read_text()
        assert text.startswith(f"# {page.stem}\n"), page.name
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["What it means", "Look here", "Do this"], page.name


def test_the_index_of_the_runbook_names_every_page_and_no_link_is_dead() -> None:
    linked = set(re.findall(r"\]\((Namjai\w+\.md)\)", (RUNBOOK / "README.md").read_text()))
    assert linked == {path.name for path in RUNBOOK.glob("Namjai*.md")}
    for page in RUNBOOK.glob("*.md"):
        for link in re.findall(r"\]\(([^)#:]+)[^)]*\)", page.read_text()):
            assert (RUNBOOK / link).exists(), f"{page.name}: {link}"


def test_what_rules_watch_for_in_the_code_is_still_called_so() -> None:
    """A page that sends people to a log line or a command that is gone is worse than none."""
    code = "\n".join(path.read_text() for part in ("libs", "services") for path in (ROOT / part).rglob("*.py"))
    others = ("mute_time_intervals", "max_file_store", "process_cpu_seconds_total")  # words of others
    for page in RUNBOOK.glob("*.md"):
        for setting in re.findall(r"`NAMJAI_([A-Z_]+)(?:=[^`]*)?`", page.read_text()):
            assert re.search(rf"^    {setting.lower()}: ", code, re.MULTILINE), f"{page.name}: NAMJAI_{setting}"
        for metric in re.findall(r"`namjai_([a-z_]+?)(?:_total|_bucket)?(?:\{[^`]*)?`", page.read_text()):
            assert f'"{metric}"' in code, f"{page.name}: namjai_{metric}"
        for event in re.findall(r"`(?!namjai_)([a-z]+_[a-z_]+)`", page.read_text()):
            assert event in code or event in others, f"{page.name}: {event}"


def test_every_command_of_the_runbook_is_one_that_there_is() -> None:
    known = {*GROUPS, *(name for names in COMMANDS.values() for name in names)}
    for page in RUNBOOK.glob("*.md"):
        for command in re.findall(r"`namjai ([a-z-]+)", page.read_text()):
            assert command in known, f"{page.name}: namjai {command}"


def test_every_dashboard_can_be_told_apart_and_every_panel_asks_something() -> None:
    pages = [json.loads(path.read_text()) for path in sorted((MONITORING / "dashboards").glob("*.json"))]
    assert {page["uid"] for page in pages} == {
        "namjai-slo",
        "namjai-pipeline",
        "namjai-clinical",
        "namjai-cost",
        "namjai-stores",
    }
    for page in pages:
        panels = [panel for panel in page["panels"] if panel["type"] != "row"]
        assert len({panel["id"] for panel in page["panels"]}) == len(page["panels"])
        assert all(panel["targets"] for panel in panels)
        assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)
        assert all(panel["fieldConfig"]["defaults"]["unit"] in UNITS for panel in panels)
        covered = [cell for panel in page["panels"] for cell in _cells(**panel["gridPos"])]
        assert len(set(covered)) == len(covered), "two panels lie on each other"
        titles = [panel["title"] for panel in page["panels"]]
        assert page["uid"] == "namjai-slo" or len(set(titles)) == len(titles)


def _cells(x: int, y: int, w: int, h: int) -> Iterator[tuple[int, int]]:
    return product(range(x, x + w), range(y, y + h))


def test_kubernetes_gets_the_same_rules() -> None:
    resource = yaml.safe_load((MONITORING / "prometheus-rule.yaml").read_text())
    there = [rule["alert"] for group in resource["spec"]["groups"] for rule in group["rules"] if "alert" in rule]
    assert sorted(there) == sorted(alert["alert"] for alert in _alerts())


def test_the_component_brings_rules_and_dashboards_to_an_overlay(tmp_path: Path) -> None:
    overlay = {"kind": "Kustomization", "components": [os.path.relpath(MONITORING, tmp_path)]}
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(overlay))
    done = _run(Path(sys.executable).parent / "kubectl", "kustomize", tmp_path)
    assert done.returncode == 0, done.stderr
    dashboards, rules = sorted(yaml.safe_load_all(done.stdout), key=lambda each: str(each["kind"]))
    assert dashboards["metadata"]["labels"] == {"grafana_dashboard": "1"}
    assert set(dashboards["data"]) == {path.name for path in (MONITORING / "dashboards").glob("*.json")}
    assert (rules["kind"], rules["metadata"]["name"]) == ("PrometheusRule", "namjai")


def test_the_labels_of_our_metrics_are_not_overwritten_in_a_cluster() -> None:
    """The operator adds `service` and `endpoint`, which our rules ask for by our own values."""
    manifests = [
        path for path in (ROOT / "deploy" / "k8s").rglob("*.yaml") if "kind: ServiceMonitor" in path.read_text()
    ]
    monitors = [each["spec"] for path in manifests for each in yaml.safe_load_all(path.read_text())]
    assert len(monitors) == 2
    for spec in monitors:
        assert spec["jobLabel"] == "app.kubernetes.io/name"
        assert all(endpoint["honorLabels"] for endpoint in spec["endpoints"])
