"""Prints fresh secrets for a trial: `python deploy/k8s/trial_secrets.py | kubectl apply -n namjai -f -`.

All that the manifests name are there. Keys are random, NATS gets a certificate of an authority that lives only in this
process, and what only people can know (LINE, mail, a model) is a placeholder or left out. Do not run it twice on one
cluster: what was written under the first master keys cannot be read with the second.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import secrets
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import pyrage
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NATS_USERS: Final = ("admin", "gateway", "risk", "chat", "notify", "analytics", "backup", "operations")
NATS_NAMES: Final = ("nats", "*.nats-nodes", "localhost")
POSTGRES_NAMES: Final = ("postgres", "localhost")
VERIFIED: Final = "sslmode=verify-full&sslrootcert=/etc/namjai/postgres/ca.crt"
LIFETIME_DAYS: Final = 365
CLOCK_SKEW: Final = timedelta(minutes=5)
PLACEHOLDER: Final = "REPLACE"


def trial_secrets() -> dict[str, dict[str, str]]:
    """The secrets by name and key, of the same shape as `secrets.example.yaml`."""
    postgres, redis = _password(), _password()
    return {
        "namjai-nats-users": {user: _password() for user in NATS_USERS},
        "namjai-nats-tls": _certificate(NATS_NAMES),
        "namjai-keys": {"master-keys": f"k1:{_key()}", "identity-key": _key(), "media-secret": _key()},
        "namjai-line": {"channel-secrets": PLACEHOLDER, "channel-access-token": PLACEHOLDER},
        "namjai-staff": {"staff": json.dumps([])},
        "namjai-postgres": {
            "dsn": f"postgresql://namjai:{postgres}@postgres:5432/namjai?{VERIFIED}",
            "password": postgres,
        },
        "namjai-postgres-tls": _certificate(POSTGRES_NAMES),
        "namjai-redis": {"url": f"redis://:{redis}@valkey:6379/0", "password": redis},
        **_backups(),
    }


def _backups() -> dict[str, dict[str, str]]:
    """Keys of people, made here: in a trial they may lie in the cluster, and nowhere else."""
    everything, keys, rehearsal = (pyrage.x25519.Identity.generate() for _ in range(3))
    place = {"s3-endpoint": f"https://{PLACEHOLDER}", "s3-access-key": PLACEHOLDER, "s3-secret-key": PLACEHOLDER}
    place |= {f"keys-{name}": PLACEHOLDER for name in ("s3-access-key", "s3-secret-key")}
    return {
        "namjai-backup": {
            "place": f"s3://{PLACEHOLDER}/everything",
            "keys-place": f"s3://{PLACEHOLDER}/keys",
            "recipients": f"{everything.to_public()},{rehearsal.to_public()}",
            "keys-recipients": str(keys.to_public()),
            **place,
        },
        "namjai-rehearsal": {"identity": str(rehearsal)},
        "namjai-restore": {"everything": str(everything), "keys": str(keys)},
    }


def _password() -> str:
    return f"p{secrets.token_hex(24)}"  # a letter first: NATS reads it as a value of its configuration


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _certificate(names: tuple[str, ...]) -> dict[str, str]:
    """A certificate for these names, for servers and for clients, and the authority that signed it."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Namjai trial authority")])
    authority = (
        _builder(authority_name, authority_name, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    alternatives = [*map(x509.DNSName, names), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate = (
        _builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]), authority_name, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem = {"ca.crt": authority.public_bytes(Encoding.PEM), "tls.crt": certificate.public_bytes(Encoding.PEM)}
    return {name: text.decode() for name, text in {**pem, "tls.key": private}.items()}


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + timedelta(days=LIFETIME_DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def manifests(values: Mapping[str, Mapping[str, str]]) -> str:
    """As kubectl takes them."""
    return yaml.safe_dump_all(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": dict(data)}
        for name, data in values.items()
    )


if __name__ == "__main__":
    sys.stdout.write(manifests(trial_secrets()))
