"""Every variable in a manifest is a field of that program's settings, and with the secrets in place they are valid."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest

from namjai.analytics.settings import AnalyticsSettings
from namjai.chat.settings import ChatSettings
from namjai.gateway.settings import GatewaySettings
from namjai.notify.settings import NotifySettings
from namjai.operations.settings import OperationsSettings
from namjai.risk.settings import RiskSettings
from namjai.runtime.settings import ServiceSettings
from tests.deploy.rendered import OVERLAYS, Manifest, Pod, rendered, trial_secrets

SETTINGS: Mapping[str, type[ServiceSettings]] = {
    "namjai.gateway": GatewaySettings,
    "namjai.risk": RiskSettings,
    "namjai.chat": ChatSettings,
    "namjai.notify": NotifySettings,
    "namjai.notify.menus": NotifySettings,
    "namjai.analytics": AnalyticsSettings,
    "namjai.analytics.verify": AnalyticsSettings,
    "namjai.operations": OperationsSettings,
    "namjai.runtime.provision": AnalyticsSettings,  # its migrations come along
}
LOGS_IN_AS = {"provision": "admin", "verify": "analytics", "rotation": "operations", "retention": "operations"}
LOGS_IN_AS |= {"rehearse": "backup", "restore": "admin"}
COMMON = ServiceSettings.model_fields.keys()
PROGRAMS = [
    pytest.param(name, pod, id=f"{name}-{pod}")
    for name in OVERLAYS
    for pod in rendered(name).pods
    if pod.service["image"].rpartition("/")[2].startswith("namjai-")
]


@pytest.mark.parametrize("name, pod", PROGRAMS)
def test_every_variable_is_a_setting_and_every_required_setting_is_there(
    name: str, pod: Pod, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in [each for each in os.environ if each.startswith("NAMJAI_")]:
        monkeypatch.delenv(variable)
    module = pod.service["args"][0]
    wanted = SETTINGS[module]
    said = rendered(name).environment(pod.service, trial_secrets())
    assert {variable.removeprefix("NAMJAI_").lower() for variable in said} <= wanted.model_fields.keys()
    for variable, value in said.items():
        monkeypatch.setenv(variable, value)
    settings = wanted()  # raises when something is missing or not allowed
    if pod.is_service:
        assert settings.master_key_ring()
    if pod.app == "gateway":
        assert settings.identity_key_bytes()
    assert importlib.util.find_spec(module) is not None


@pytest.mark.parametrize("name, pod", PROGRAMS)
def test_what_is_secret_or_personal_comes_from_a_secret(name: str, pod: Pod) -> None:
    fields = SETTINGS[pod.service["args"][0]].model_fields
    for variable in rendered(name).environment(pod.service):  # those that anybody may read who sees the manifests
        field = variable.removeprefix("NAMJAI_").lower()
        assert "SecretStr" not in str(fields[field].annotation), variable
        assert field != "staff", "names and addresses of people"


@pytest.mark.parametrize("name, pod", PROGRAMS)
def test_every_file_that_a_setting_names_is_mounted(name: str, pod: Pod) -> None:
    for container in pod.containers:
        said = rendered(name).environment(container, trial_secrets())
        if container["name"] != "service":  # it reads the settings that all services share, and no others
            said = {each: said[each] for each in said if each.removeprefix("NAMJAI_").lower() in COMMON}
        named = {PurePosixPath(value) for variable, value in said.items() if variable.endswith("_FILE")}
        assert named <= _mounted(pod, container)


def _mounted(pod: Pod, container: Manifest) -> set[PurePosixPath]:
    volumes = {each["name"]: each for each in pod.spec["volumes"]}
    return {
        PurePosixPath(mount["mountPath"]) / item["path"]
        for mount in container["volumeMounts"]
        for item in volumes[mount["name"]].get("secret", {}).get("items", ())
    }


@pytest.mark.parametrize("name, pod", PROGRAMS)
def test_the_ports_of_a_program_are_the_ones_its_pod_says(name: str, pod: Pod) -> None:
    said = rendered(name).environment(pod.service, trial_secrets())
    ports = {each["name"]: str(each["containerPort"]) for each in pod.service.get("ports", ())}
    if pod.is_service:
        assert ports.pop("private") == said["NAMJAI_PRIVATE_PORT"]
        assert said["NAMJAI_PRIVATE_HOST"] == "0.0.0.0"
    if pod.app == "gateway":
        assert ports.pop("public") == said["NAMJAI_PUBLIC_PORT"]
    assert ports == {}


@pytest.mark.parametrize("name, pod", PROGRAMS)
def test_a_program_logs_in_to_nats_as_itself(name: str, pod: Pod) -> None:
    said = {each["name"]: each for each in pod.service.get("env", ())}
    if "NAMJAI_NATS_PASSWORD" in said:
        user = rendered(name).environment(pod.service, trial_secrets())["NAMJAI_NATS_USER"]
        assert said["NAMJAI_NATS_PASSWORD"]["valueFrom"]["secretKeyRef"]["key"] == user
        assert user == LOGS_IN_AS.get(pod.app, pod.app)
