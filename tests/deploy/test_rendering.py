"""Every overlay renders, every object is one that Kubernetes knows, and no name leads nowhere."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import kubernetes_validate.utils as kubernetes
import pytest

from namjai.runtime.provision import ACCOUNTS
from namjai.runtime.version import VERSION
from tests.deploy.custom import CUSTOM, faults
from tests.deploy.rendered import IMAGES, OVERLAYS, SERVICES, Rendered, rendered, secret_examples, trial_secrets

VERSIONS = ("1.33", "1.34", "1.35", "1.36", "1.37")


@pytest.fixture(params=OVERLAYS)
def overlay(request: pytest.FixtureRequest) -> Rendered:
    return rendered(request.param)


@pytest.fixture(autouse=True)
def _read_each_schema_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes, "schema_contents", _schema)


@cache
def _schema(filename: str, version: str) -> Any:
    return _read(filename, version)


_read = kubernetes.schema_contents


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_what_this_kubernetes_expects(overlay: Rendered, version: str) -> None:
    for manifest in overlay.manifests:
        if not manifest["apiVersion"].startswith(CUSTOM):
            kubernetes.validate(dict(manifest), version, strict=True)


def test_a_misspelt_field_would_be_noticed(overlay: Rendered) -> None:
    wrong = copy.deepcopy(dict(overlay.of("Deployment")[0]))
    wrong["spec"]["template"]["spec"]["containers"][0]["livenessProb"] = {}
    with pytest.raises(kubernetes.ValidationError):
        kubernetes.validate(wrong, "1.33", strict=True)


def test_every_custom_object_is_what_its_operator_expects(overlay: Rendered) -> None:
    assert [fault for manifest in overlay.manifests for fault in faults(manifest)] == []


@pytest.mark.parametrize("kind, field", [("ServiceMonitor", "endpoint"), ("ScaledObject", "minReplicaCont")])
def test_a_field_that_no_operator_knows_would_be_noticed(kind: str, field: str) -> None:
    wrong = copy.deepcopy(dict(rendered("everything").of(kind)[0]))
    wrong["spec"][field] = 2
    assert len(faults(wrong)) == 1


def test_everything_is_in_one_namespace_or_in_none(overlay: Rendered) -> None:
    (namespace,) = overlay.names("Namespace")
    outside = {each["kind"] for each in overlay.manifests if each["metadata"].get("namespace") != namespace}
    assert outside <= {"Namespace", "PriorityClass"}


def test_no_object_is_there_twice(overlay: Rendered) -> None:
    names = [(each["kind"], each["metadata"]["name"]) for each in overlay.manifests]
    assert len(names) == len(set(names))


def test_all_five_services_are_there_and_the_jobs_of_this_release(overlay: Rendered) -> None:
    assert {pod.name for pod in overlay.pods if pod.is_service} == set(SERVICES)
    assert overlay.names("Job") == {f"provision-{VERSION}", f"menus-{VERSION}"}
    images = {each["image"].rpartition("/")[2] for pod in overlay.pods for each in pod.containers}
    ours = {image for image in images if image.startswith("namjai-")}
    assert {f"namjai-{service}:{VERSION}" for service in SERVICES} <= ours
    assert ours <= {f"namjai-{image}:{VERSION}" for image in IMAGES}


def test_every_name_that_a_pod_uses_exists(overlay: Rendered) -> None:
    claimed = {
        (each["metadata"]["name"], claim["metadata"]["name"])
        for each in overlay.of("StatefulSet")
        for claim in each["spec"].get("volumeClaimTemplates", ())
    }
    for pod in overlay.pods:
        assert pod.spec["serviceAccountName"] in overlay.names("ServiceAccount"), str(pod)
        assert {pod.spec.get("priorityClassName", "namjai-log")} <= overlay.names("PriorityClass"), str(pod)
        volumes = {each["name"] for each in pod.spec.get("volumes", ())}
        volumes |= {claim for workload, claim in claimed if workload == pod.name}
        mounted = {each["name"] for container in pod.containers for each in container.get("volumeMounts", ())}
        assert mounted == volumes, str(pod)
        ports = {each["name"] for each in pod.service.get("ports", ())}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            port = {**pod.service.get(probe, {}).get("httpGet", {}), **pod.service.get(probe, {}).get("tcpSocket", {})}
            assert {port["port"]} <= ports if port else True, str(pod)
    for config_map, user in _config_maps(overlay):
        assert config_map in overlay.names("ConfigMap"), user


def test_every_config_map_is_used(overlay: Rendered) -> None:
    dashboards = {
        each["metadata"]["name"]
        for each in overlay.of("ConfigMap")
        if "grafana_dashboard" in each["metadata"].get("labels", {})
    }
    assert overlay.names("ConfigMap") - dashboards == {name for name, _ in _config_maps(overlay)}


def _config_maps(overlay: Rendered) -> Iterator[tuple[str, str]]:
    for pod in overlay.pods:
        for container in pod.containers:
            for source in container.get("envFrom", ()):
                yield source["configMapRef"]["name"], str(pod)
        for volume in pod.spec.get("volumes", ()):
            if "configMap" in volume:
                yield volume["configMap"]["name"], str(pod)


def test_every_service_leads_to_a_port_of_some_pod(overlay: Rendered) -> None:
    for service in overlay.of("Service"):
        wanted = service["spec"]["selector"].items()
        pods = [pod for pod in overlay.pods if wanted <= pod.labels.items()]
        assert len(pods) == 1, service["metadata"]["name"]
        ports = {each["name"] for container in pods[0].containers for each in container.get("ports", ())}
        assert {each["targetPort"] for each in service["spec"]["ports"]} <= ports, service["metadata"]["name"]
    for stateful_set in overlay.of("StatefulSet"):
        assert stateful_set["spec"]["serviceName"] in overlay.names("Service")


def test_every_workload_selects_its_own_pods_and_nobody_elses(overlay: Rendered) -> None:
    for kind in ("Deployment", "StatefulSet"):
        for workload in overlay.of(kind):
            wanted = workload["spec"]["selector"]["matchLabels"].items()
            assert [pod.name for pod in overlay.pods if wanted <= pod.labels.items()] == [workload["metadata"]["name"]]


def test_what_scales_and_what_protects_points_at_a_workload(overlay: Rendered) -> None:
    for scaler in [*overlay.of("HorizontalPodAutoscaler"), *overlay.of("ScaledObject")]:
        target = scaler["spec"]["scaleTargetRef"]
        assert target["name"] in overlay.names(target.get("kind", "Deployment"))
    for budget in overlay.of("PodDisruptionBudget"):
        wanted = budget["spec"]["selector"]["matchLabels"].items()
        assert [pod for pod in overlay.pods if wanted <= pod.labels.items()], budget["metadata"]["name"]
    for ingress in overlay.of("Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                service = overlay.named("Service", backend["name"])
                assert backend["port"]["name"] in {each["name"] for each in service["spec"]["ports"]}


@pytest.mark.parametrize(("name", "apps"), [("namjai", set(SERVICES)), ("namjai-nats", {"nats"})])
def test_a_monitor_finds_the_port_of_everything_that_is_asked_for_numbers(name: str, apps: set[str]) -> None:
    overlay = rendered("everything")
    monitor = overlay.named("ServiceMonitor", name)
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    found = [each for each in overlay.of("Service") if wanted <= each["metadata"]["labels"].items()]
    assert {each["metadata"]["labels"][monitor["spec"]["jobLabel"]] for each in found} == apps
    (endpoint,) = monitor["spec"]["endpoints"]
    assert all(endpoint["port"] in {port["name"] for port in each["spec"]["ports"]} for each in found)


def test_what_scales_by_lag_asks_for_a_consumer_that_the_service_has() -> None:
    overlay = rendered("everything")
    for scaled in overlay.of("ScaledObject"):
        service = scaled["spec"]["scaleTargetRef"]["name"]
        queue = scaled["spec"]["triggers"][0]["metadata"]
        may = f"$JS.API.CONSUMER.MSG.NEXT.{queue['stream']}.{queue['consumer']}"
        assert may in ACCOUNTS[service].publish
        assert service not in overlay.names("HorizontalPodAutoscaler"), "two would pull at one number of replicas"


def test_an_operator_brings_every_secret_but_the_certificate_of_the_host_and_the_keys_that_open_backups() -> None:
    brought = {each["spec"]["target"]["name"] for each in rendered("everything").of("ExternalSecret")}
    assert brought == secret_examples().keys() - {"namjai-tls", "namjai-restore"}


def test_every_secret_that_is_used_has_an_example_with_exactly_its_keys() -> None:
    used = {pair for name in OVERLAYS for pair in _secret_keys(rendered(name))}
    assert used == {(name, key) for name, keys in secret_examples().items() for key in keys}


def test_the_secrets_of_a_trial_have_the_same_names_and_keys() -> None:
    assert {name: set(keys) for name, keys in trial_secrets().items()} == {
        name: set(keys) for name, keys in secret_examples().items()
    }


def _secret_keys(overlay: Rendered) -> Iterator[tuple[str, str]]:
    for pod in overlay.pods:
        for container in pod.containers:
            for variable in container.get("env", ()):
                if ref := variable.get("valueFrom", {}).get("secretKeyRef"):
                    yield ref["name"], ref["key"]
        for volume in pod.spec.get("volumes", ()):
            if secret := volume.get("secret"):
                yield from (
                    (secret["secretName"], item["key"])
                    for item in secret.get("items", ({"key": "tls.crt"}, {"key": "tls.key"}, {"key": "ca.crt"}))
                )
    for ingress in overlay.of("Ingress"):
        for tls in ingress["spec"]["tls"]:
            yield from ((tls["secretName"], key) for key in ("tls.crt", "tls.key"))
