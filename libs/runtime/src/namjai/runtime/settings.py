"""What every service can be told from outside, with a limit on each number; a service adds its own fields."""

import base64
import binascii
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from namjai.runtime.redis_urls import several

KEY_BYTES = 32


def parse_key(text: str) -> bytes:
    """Decode one base64 key of exactly 32 bytes; the error never repeats the key."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a key must be base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key must be {KEY_BYTES} bytes, this one is {len(key)}")
    return key


def parse_master_keys(text: str) -> dict[str, bytes]:
    """Decode `id:base64,id2:base64`; the first one is current (new data is wrapped with it), the others only open."""
    keys: dict[str, bytes] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        key_id, separator, encoded = part.partition(":")
        if not separator or not key_id:
            raise ValueError("master keys look like id:base64,id2:base64")
        if key_id in keys:
            raise ValueError("two master keys have the same id")
        keys[key_id] = parse_key(encoded)
    if not keys:
        raise ValueError("there is no master key in the list")
    return keys


def _checked_master_keys(secret: SecretStr) -> SecretStr:
    parse_master_keys(secret.get_secret_value())
    return secret


def _checked_key(secret: SecretStr) -> SecretStr:
    parse_key(secret.get_secret_value())
    return secret


def _checked_redis_url(secret: SecretStr) -> SecretStr:
    several(secret.get_secret_value())
    return secret


class ServiceSettings(BaseSettings):
    """Settings common to all services, read from `NAMJAI_*` variables once at start.

    Errors name the field and never show its value, so that a mistyped secret does not end up in a start-up log.
    """

    model_config = SettingsConfigDict(
        env_prefix="NAMJAI_", frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    nats_url: str = Field(
        "nats://127.0.0.1:4222", description="NATS servers, comma separated. Everything that happens goes through here."
    )
    nats_user: str | None = Field(
        None, description="NATS user of this service; its permissions are this service's only."
    )
    nats_password: SecretStr | None = Field(None, description="Password of the NATS user.")
    nats_ca_file: Path | None = Field(None, description="CA certificate that NATS servers must present; turns TLS on.")
    nats_connect_wait_s: float = Field(
        10.0, gt=0, le=300, description="How long to wait for NATS at start before giving up, seconds."
    )
    publish_deadline_s: float = Field(
        5.0, gt=0, le=60, description="How long an append may take to be acknowledged by the log, seconds."
    )
    stream_replicas: int = Field(1, ge=1, le=5, description="Copies of each stream: 1 embedded, 3 in production.")

    redis_url: Annotated[SecretStr, AfterValidator(_checked_redis_url)] | None = Field(
        None,
        description=(
            "Redis or Valkey: redis://, rediss:// (TLS), unix://, redis+sentinel://…?primary=name, redis+cluster://; "
            "the last two also with rediss+. Without it caches and limits are per process."
        ),
    )
    redis_deadline_ms: int = Field(
        50, ge=1, le=5_000, description="How long one Redis call may take before it counts as failed, milliseconds."
    )
    redis_connections: int = Field(16, ge=1, le=1_000, description="Connections to Redis a process may hold open.")

    private_host: str = Field("127.0.0.1", description="Address of the private port; 0.0.0.0 inside a cluster.")
    private_port: int = Field(
        0, ge=0, le=65_535, description="Port of /livez, /readyz and /metrics; 0 takes a free one."
    )
    ready_file: Path | None = Field(
        None, description="File that receives the private port's number once it listens, removed at exit."
    )
    check_deadline_ms: int = Field(
        1_000, ge=10, le=10_000, description="How long one readiness check may take, milliseconds."
    )

    memory_limit_mb: int | None = Field(
        None,
        ge=32,
        le=1_000_000,
        description="What a process may take, MiB, where no container limits it or less is wanted; "
        "else the container's limit, or the machine's memory.",
    )
    memory_high_percent: int = Field(
        70, ge=10, le=99, description="From this share of the limit on, caches keep half of what they hold, percent."
    )
    memory_critical_percent: int = Field(
        90, ge=11, le=100, description="From this share of the limit on, caches keep nothing, percent."
    )

    otlp_endpoint: str | None = Field(
        None,
        description="Base URL of an OTLP/HTTP collector, such as http://collector:4318. Without it nothing is traced.",
    )
    trace_ratio: float = Field(0.1, ge=0, le=1, description="Share of traces that are kept when tracing is configured.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least level that is logged."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="One JSON object a line, or readable text; auto is text on a terminal and JSON elsewhere."
    )

    drain_s: float = Field(
        20.0, gt=0, le=300, description="Grace for running work at shutdown, seconds; less than the pod's grace period."
    )
    ack_wait_s: float = Field(
        30.0,
        ge=1,
        le=600,
        description="When NATS delivers again what was neither acknowledged nor in progress, seconds.",
    )
    max_deliveries: int = Field(10, ge=1, le=1_000, description="Deliveries of one event before it goes to DEAD.")
    consumer_concurrency: int = Field(64, ge=1, le=10_000, description="Events a process handles at the same time.")
    batch_size: int = Field(100, ge=1, le=1_000, description="Events asked of NATS at once.")

    master_keys: Annotated[SecretStr, AfterValidator(_checked_master_keys)] | None = Field(
        None,
        description="Keys that wrap the members' data keys: id:base64,id2:base64, 32 bytes each, the first is current.",
    )
    identity_key: Annotated[SecretStr, AfterValidator(_checked_key)] | None = Field(
        None,
        description="HMAC key, base64 of 32 bytes, that turns a LINE user id into the name of its identity record.",
    )
    member_key_cache_entries: int = Field(
        10_000, ge=1, le=1_000_000, description="Opened member keys held in memory, entries."
    )
    member_key_cache_ttl_s: float = Field(
        300.0, gt=0, le=3_600, description="How long an opened member key is held in memory, seconds."
    )

    @model_validator(mode="after")
    def _memory_is_high_before_it_is_critical(self) -> "ServiceSettings":
        """The other way round caches would be emptied first and halved afterwards."""
        if self.memory_high_percent >= self.memory_critical_percent:
            raise ValueError("memory_high_percent must be below memory_critical_percent")
        return self

    @model_validator(mode="after")
    def _password_has_a_user(self) -> "ServiceSettings":
        """A password without a user would be sent nowhere, so it is a mistake and not a default."""
        if self.nats_password is not None and self.nats_user is None:
            raise ValueError("nats_password is set but nats_user is not")
        return self

    def master_key_ring(self) -> dict[str, bytes]:
        """The master keys by id, the current one first. Raises LookupError when none is configured."""
        if self.master_keys is None:
            raise LookupError("NAMJAI_MASTER_KEYS is not set")
        return parse_master_keys(self.master_keys.get_secret_value())

    def identity_key_bytes(self) -> bytes:
        """The identity HMAC key. Raises LookupError when none is configured."""
        if self.identity_key is None:
            raise LookupError("NAMJAI_IDENTITY_KEY is not set")
        return parse_key(self.identity_key.get_secret_value())
