"""What the gateway can be told from outside."""

from pathlib import Path

from pydantic import Field, SecretStr, model_validator

from namjai.gateway.domain.signature import parse_secrets
from namjai.runtime.media_links import MediaSecret
from namjai.runtime.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
    """The common settings, the public port, LINE's secrets and the limits of the webhook."""

    public_host: str = Field("127.0.0.1", description="Address of the public port; 0.0.0.0 inside a cluster.")
    public_port: int = Field(
        8080, ge=0, le=65_535, description="Port that LINE and browsers reach; 0 takes a free one."
    )
    public_socket: int | None = Field(
        None,
        ge=3,
        description="Number of a listening socket that was inherited and may be shared, instead of a port of our own.",
    )

    channel_secrets: SecretStr | None = Field(
        None, description="LINE channel secrets, comma separated, at most two: the new one and the one it replaces."
    )
    channel_secrets_file: Path | None = Field(
        None,
        description="File with the channel secrets instead, read again every few seconds: a swap needs no restart.",
    )
    channel_secrets_reread_s: float = Field(
        5.0, gt=0, le=300, description="How often the file with the channel secrets is looked at, seconds."
    )

    webhook_deadline_ms: int = Field(
        1_500,
        ge=100,
        le=1_900,
        description="When a webhook that the log has not taken is answered with 503, milliseconds; LINE waits 2,000.",
    )
    body_bytes_max: int = Field(
        1_000_000, ge=1_000, le=4_000_000, description="Largest webhook body that is read, bytes."
    )
    events_per_body_max: int = Field(500, ge=1, le=10_000, description="Most events that one webhook may carry.")
    webhooks_in_flight_max: int = Field(
        1_000, ge=1, le=100_000, description="Webhooks handled at the same time; one more is answered with 503."
    )

    messages_per_minute: int = Field(
        10, ge=1, le=10_000, description="Messages of one person a minute before they are marked as throttled."
    )
    throttle_members_max: int = Field(
        100_000, ge=100, le=10_000_000, description="People whose rate is remembered in memory."
    )
    identity_cache_entries: int = Field(
        50_000, ge=1, le=10_000_000, description="Known people held in memory, entries; the least recent leave first."
    )
    erasure_grace_s: float = Field(
        10.0,
        ge=0,
        le=3_600,
        description="How long an erasure waits so that its confirmation can be sent first, seconds.",
    )

    media_secret: MediaSecret | None = Field(
        None,
        description="Secret under the links to pictures and voices, the same as chat's; two, the first of which makes "
        "links, while it is changed. Without it none is served.",
    )
    media_requests_per_minute: int = Field(
        120, ge=1, le=10_000, description="Requests for one picture or voice a minute; players ask for it in parts."
    )
    media_in_flight_max: int = Field(
        32, ge=1, le=1_000, description="Pictures and voices sent at the same time; one more is answered with 503."
    )
    media_deadline_s: float = Field(
        60.0, gt=0, le=600, description="How long somebody may take to read one answer with media, seconds."
    )

    @model_validator(mode="after")
    def _has_secrets(self) -> "GatewaySettings":
        """Without a secret no webhook could ever be accepted, so that is a mistake at start and not 401s later."""
        if self.channel_secrets is not None:
            parse_secrets(self.channel_secrets.get_secret_value())
        elif self.channel_secrets_file is None:
            raise ValueError("channel_secrets or channel_secrets_file must be set")
        return self
