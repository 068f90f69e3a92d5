"""Every pod fits the restricted profile, says what it needs, can be watched, and ends in order."""

from __future__ import annotations

import pytest

from namjai.runtime.settings import ServiceSettings
from tests.deploy.rendered import OVERLAYS, Manifest, Pod, Rendered, rendered

PODS = [pytest.param(pod, id=f"{name}-{pod}") for name in OVERLAYS for pod in rendered(name).pods]
SERVICES = [each for each in PODS if isinstance(pod := each.values[0], Pod) and pod.is_service]
LONG_RUNNING = [each for each in PODS if isinstance(pod := each.values[0], Pod) and not pod.kind.endswith("Job")]
CLOSING_S = 10
"""Connections and servers are closed after the drain: 3 s for NATS, 2 s each for the two ports, and some air."""
RESTRICTED_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "projected", "secret"}


@pytest.fixture(params=OVERLAYS)
def overlay(request: pytest.FixtureRequest) -> Rendered:
    return rendered(request.param)


@pytest.mark.parametrize("pod", PODS)
def test_a_pod_fits_the_restricted_profile(pod: Pod) -> None:
    security = pod.spec["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] > 0, "by number: the cluster cannot tell whether a name is root"
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.spec.keys()
    for volume in pod.spec.get("volumes", ()):
        assert volume.keys() - {"name"} <= RESTRICTED_VOLUMES
    for container in pod.containers:
        own = container["securityContext"]
        assert own["allowPrivilegeEscalation"] is False
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert not own.get("privileged")
        assert not any("hostPort" in port for port in container.get("ports", ()))


@pytest.mark.parametrize("pod", PODS)
def test_a_pod_writes_to_scratch_only_and_holds_no_token(pod: Pod) -> None:
    assert pod.spec["automountServiceAccountToken"] is False
    assert pod.spec["enableServiceLinks"] is False
    assert all(each["securityContext"]["readOnlyRootFilesystem"] for each in pod.containers)
    for volume in pod.spec.get("volumes", ()):
        if "emptyDir" in volume:
            assert volume["emptyDir"]["sizeLimit"], "scratch without a limit fills the node"


@pytest.mark.parametrize("pod", PODS)
def test_the_container_is_called_service_and_its_image_is_of_a_named_version(pod: Pod) -> None:
    assert [each["name"] for each in pod.spec["containers"]] == ["service"]
    for container in pod.containers:
        _, _, tag = container["image"].rpartition("/")[2].partition(":")
        assert tag, container["image"]
        assert tag != "latest"


@pytest.mark.parametrize("pod", PODS)
def test_a_container_says_what_it_needs_and_how_much_memory_it_may_take(pod: Pod) -> None:
    for container in pod.containers:
        resources = container["resources"]
        assert resources["requests"].keys() == {"cpu", "memory"}
        # No limit on CPU: a throttled screener is a late alert, and requests already share what there is.
        assert resources["limits"].keys() == {"memory"}
        assert _bytes(resources["requests"]["memory"]) <= _bytes(resources["limits"]["memory"])


@pytest.mark.parametrize("pod", LONG_RUNNING)
def test_what_runs_for_long_has_three_probes_with_deadlines(pod: Pod) -> None:
    startup = pod.service["startupProbe"]
    assert startup["failureThreshold"] * startup["periodSeconds"] >= 30
    assert pod.service["livenessProbe"] != pod.service["readinessProbe"]


@pytest.mark.parametrize("pod", SERVICES)
def test_liveness_asks_no_dependency_and_readiness_waits_longer_than_one_check(pod: Pod) -> None:
    assert pod.service["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "private"}
    assert pod.service["startupProbe"]["httpGet"] == {"path": "/livez", "port": "private"}
    assert pod.service["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "private"}
    check_s = ServiceSettings.model_fields["check_deadline_ms"].default / 1_000
    assert pod.service["readinessProbe"]["timeoutSeconds"] > check_s


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_grace_period_is_longer_than_the_drain(name: str) -> None:
    overlay = rendered(name)
    for pod in overlay.pods:
        if pod.is_service:
            said = overlay.environment(pod.service)
            drain_s = float(said.get("NAMJAI_DRAIN_S", ServiceSettings.model_fields["drain_s"].default))
            pause_s = pod.service["lifecycle"]["preStop"]["sleep"]["seconds"]
            assert pause_s + drain_s + CLOSING_S <= pod.spec["terminationGracePeriodSeconds"], str(pod)


def test_a_new_pod_waits_for_provisioning_and_an_old_one_stays_until_it_is_ready(overlay: Rendered) -> None:
    for deployment in overlay.of("Deployment"):
        (pod,) = (pod for pod in overlay.pods if pod.name == deployment["metadata"]["name"])
        if pod.is_service:
            first = pod.spec["initContainers"][0]
            assert first["args"] == ["namjai.runtime.provisioned"]
            assert first["image"] == pod.service["image"]
            assert first["envFrom"] == pod.service["envFrom"][: len(first["envFrom"])]
            assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_every_replicated_workload_has_a_disruption_budget_and_is_spread(overlay: Rendered) -> None:
    replicated = set()
    for workload in [*overlay.of("Deployment"), *overlay.of("StatefulSet")]:
        if workload["spec"].get("replicas", 1) > 1:
            replicated.add(workload["metadata"]["name"])
    replicated |= {each["spec"]["scaleTargetRef"]["name"] for each in _scalers(overlay)}
    budgets = {
        each["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"] for each in overlay.of("PodDisruptionBudget")
    }
    assert replicated <= budgets
    for pod in overlay.pods:
        if pod.name in replicated:
            topologies = {each["topologyKey"] for each in pod.spec["topologySpreadConstraints"]}
            assert topologies == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}, str(pod)


def test_a_disruption_budget_never_keeps_a_node_from_being_drained(overlay: Rendered) -> None:
    assert all(each["spec"]["maxUnavailable"] == 1 for each in overlay.of("PodDisruptionBudget"))


def test_what_a_crisis_passes_through_comes_before_everything_but_the_log(overlay: Rendered) -> None:
    value = {each["metadata"]["name"]: each["value"] for each in overlay.of("PriorityClass")}
    priority = {pod.app: value.get(pod.spec.get("priorityClassName", ""), 0) for pod in overlay.pods}
    assert priority["nats"] > priority["risk"] == priority["notify"] == priority["gateway"] > priority["chat"]
    assert priority["chat"] > priority["analytics"]


def test_what_scales_by_itself_says_no_number_of_replicas(overlay: Rendered) -> None:
    for scaler in _scalers(overlay):
        spec = scaler["spec"]
        assert "replicas" not in overlay.named("Deployment", spec["scaleTargetRef"]["name"])["spec"]
        least, most = (spec.get(f"{bound}Replicas", spec.get(f"{bound}ReplicaCount")) for bound in ("min", "max"))
        assert 2 <= least < most


def test_the_namespace_refuses_what_is_not_restricted(overlay: Rendered) -> None:
    (namespace,) = overlay.of("Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert all(each["automountServiceAccountToken"] is False for each in overlay.of("ServiceAccount"))


def _scalers(overlay: Rendered) -> list[Manifest]:
    return [*overlay.of("HorizontalPodAutoscaler"), *overlay.of("ScaledObject")]


def _bytes(quantity: str) -> int:
    units = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
    return int(quantity[:-2]) * units[quantity[-2:]]
