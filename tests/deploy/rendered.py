"""The manifests as a cluster would get them: rendered by kubectl, and looked at by pod, container and variable."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[2]
K8S: Final = ROOT / "deploy" / "k8s"
KUBECTL: Final = Path(sys.executable).with_name("kubectl")
OVERLAYS: Final = ("local", "staging", "production", "everything")
SERVICES: Final = ("gateway", "risk", "chat", "notify", "analytics")
IMAGES: Final = (*SERVICES, "operations")
RENDER_DEADLINE_S: Final = 60

Manifest = Mapping[str, Any]
_TEMPLATES: Final = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}


@dataclass(frozen=True)
class Pod:
    """A pod as some workload makes it."""

    kind: str
    name: str
    labels: Mapping[str, str]
    spec: Manifest

    @property
    def app(self) -> str:
        """What the network policies and services know it by."""
        return self.labels["app.kubernetes.io/name"]

    @property
    def is_service(self) -> bool:
        """Whether it is one of Namjai's own five."""
        return self.labels["app.kubernetes.io/component"] == "service"

    @property
    def containers(self) -> Sequence[Manifest]:
        """All of them, those that run first included."""
        return [*self.spec.get("initContainers", ()), *self.spec["containers"]]

    @property
    def service(self) -> Manifest:
        """The container that does the work."""
        return next(each for each in self.spec["containers"] if each["name"] == "service")

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Rendered:
    """All that `kubectl apply -k` would send."""

    manifests: tuple[Manifest, ...]

    def of(self, kind: str) -> list[Manifest]:
        """Everything of one kind."""
        return [each for each in self.manifests if each["kind"] == kind]

    def named(self, kind: str, name: str) -> Manifest:
        """The one with this name. Raises StopIteration when there is none."""
        return next(each for each in self.of(kind) if each["metadata"]["name"] == name)

    def names(self, kind: str) -> set[str]:
        """The names of one kind."""
        return {str(each["metadata"]["name"]) for each in self.of(kind)}

    @property
    def pods(self) -> list[Pod]:
        """A pod of each workload."""
        return list(self._pods())

    def _pods(self) -> Iterator[Pod]:
        for each in self.manifests:
            if (path := _TEMPLATES.get(each["kind"])) is not None:
                template: Any = each
                for step in path:
                    template = template[step]
                yield Pod(each["kind"], each["metadata"]["name"], template["metadata"]["labels"], template["spec"])

    def environment(
        self, container: Manifest, secrets: Mapping[str, Mapping[str, str]] | None = None
    ) -> dict[str, str]:
        """The variables that a container would see, with what is optional; without `secrets` only the open ones."""
        seen: dict[str, str] = {}
        for source in container.get("envFrom", ()):
            seen |= self.named("ConfigMap", source["configMapRef"]["name"])["data"]
        for variable in container.get("env", ()):
            if "value" in variable:
                seen[variable["name"]] = variable["value"]
            elif secrets is not None and (ref := variable["valueFrom"].get("secretKeyRef")) is not None:
                seen[variable["name"]] = secrets[ref["name"]][ref["key"]]
        return seen


@cache
def rendered(overlay: str) -> Rendered:
    """One of the overlays, or production with every optional component."""
    here = Path(__file__).with_name("everything")
    return render(here if overlay == here.name else K8S / "overlays" / overlay)


def render(directory: Path) -> Rendered:
    """What kubectl makes of a kustomization. Raises with its words when it refuses."""
    done = subprocess.run(
        [KUBECTL, "kustomize", directory], capture_output=True, text=True, timeout=RENDER_DEADLINE_S, check=False
    )
    if done.returncode or done.stderr:
        raise AssertionError(f"{directory}: {done.stderr}")
    return Rendered(tuple(yaml.load_all(done.stdout, Loader=yaml.CSafeLoader)))


@cache
def secret_examples() -> Mapping[str, Mapping[str, str]]:
    """The secrets by name and key, with the placeholders of the example."""
    text = (K8S / "secrets.example.yaml").read_text(encoding="utf-8")
    return {each["metadata"]["name"]: each["stringData"] for each in yaml.load_all(text, Loader=yaml.CSafeLoader)}


@cache
def trial_secrets() -> Mapping[str, Mapping[str, str]]:
    """The secrets of a trial, with something in place of what only people know."""
    made: dict[str, dict[str, str]] = runpy.run_path(str(K8S / "trial_secrets.py"))["trial_secrets"]()
    return {
        **made,
        "namjai-mail": {"smtp-url": "smtp+starttls://namjai:p@mail.example:587"},
        "namjai-model": {"api-key": "p0123456789"},
        "namjai-tls": {"tls.crt": "-", "tls.key": "-"},
    }
