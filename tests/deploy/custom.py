"""What we say to operators: the part of their objects that we use, as strict schemas. None is part of Kubernetes.

Written after the operators' references of their APIs, and narrower: which endpoint, which trigger, which store.
The objects were held by hand against the operators' own definitions, as the packages `cloudcoil-models-*` and the npm
packages `@kubernetes-models/*` carry them, and fit. Neither is a dependency: the first breaks every run of pytest that
lacks what its plugin imports, the second is for another language, and both pass over fields that they do not know.
"""

from __future__ import annotations

from typing import Any, Final

import jsonschema

from tests.deploy.rendered import Manifest

CUSTOM: Final = ("monitoring.coreos.com/", "keda.sh/", "external-secrets.io/")


def _strict(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _some(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1}


_TEXT: Final = {"type": "string", "minLength": 1}
_NUMBER: Final = {"type": "integer", "minimum": 0}
_TEXTS: Final = {"type": "object", "additionalProperties": _TEXT}
_DURATION: Final = {"type": "string", "pattern": r"^([0-9]+(ms|s|m|h))+$"}

_ENDPOINT: Final = {
    "path": {"const": "/metrics"},
    "honorLabels": {"type": "boolean"},
    "interval": _DURATION,
    "scrapeTimeout": _DURATION,
}
_LABELS: Final = _strict({"matchLabels": _TEXTS})
_RULE: Final = _strict(
    {"expr": _TEXT},
    {"alert": _TEXT, "record": _TEXT, "for": _DURATION, "keep_firing_for": _DURATION}
    | {"labels": _TEXTS, "annotations": _TEXTS},
)
_QUEUE: Final = _strict(
    {
        "natsServerMonitoringEndpoint": {"type": "string", "pattern": r"^nats-nodes\.[a-z-]+\.svc:8222$"},
        "account": {"const": "$G"},
        "stream": _TEXT,
        "consumer": _TEXT,
        "lagThreshold": {"type": "string", "pattern": "^[1-9][0-9]*$"},
    }
)
_TRIGGER: Final = {
    "oneOf": [
        _strict({"type": {"const": "nats-jetstream"}, "metadata": _QUEUE}),
        _strict({"type": {"const": "cpu"}, "metricType": {"const": "Utilization"}, "metadata": _TEXTS}),
    ]
}
SCHEMAS: Final = {
    ("monitoring.coreos.com/v1", "ServiceMonitor"): _strict(
        {"selector": _LABELS, "endpoints": _some(_strict({"port": _TEXT}, _ENDPOINT)), "jobLabel": _TEXT}
    ),
    ("monitoring.coreos.com/v1", "PrometheusRule"): _strict(
        {"groups": _some(_strict({"name": _TEXT, "rules": _some(_RULE)}, {"interval": _DURATION}))}
    ),
    ("keda.sh/v1alpha1", "ScaledObject"): _strict(
        {"scaleTargetRef": _strict({"name": _TEXT}), "triggers": _some(_TRIGGER)}
        | dict.fromkeys(("minReplicaCount", "maxReplicaCount", "pollingInterval", "cooldownPeriod"), _NUMBER)
    ),
    ("external-secrets.io/v1", "ExternalSecret"): _strict(
        {
            "refreshInterval": _DURATION,
            "secretStoreRef": _strict({"name": _TEXT, "kind": {"enum": ["SecretStore", "ClusterSecretStore"]}}),
            "target": _strict({"name": _TEXT, "creationPolicy": {"enum": ["Owner", "Orphan", "Merge", "None"]}}),
            "dataFrom": _some(_strict({"extract": _strict({"key": _TEXT})})),
        }
    ),
}


def faults(manifest: Manifest) -> list[str]:
    """What is wrong with a custom object, a line each; nothing for an object of Kubernetes itself."""
    if not manifest["apiVersion"].startswith(CUSTOM):
        return []
    schema = SCHEMAS[manifest["apiVersion"], manifest["kind"]]
    found = jsonschema.Draft202012Validator(schema).iter_errors(manifest["spec"])
    return [f"{manifest['kind']} {manifest['metadata']['name']}: {fault.json_path} {fault.message}" for fault in found]
