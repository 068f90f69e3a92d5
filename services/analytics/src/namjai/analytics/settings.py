"""What the analytics service can be told from outside."""

from datetime import timedelta, timezone

from pydantic import Field, SecretStr

from namjai.runtime.settings import ServiceSettings


class AnalyticsSettings(ServiceSettings):
    """The common settings, and those of the projection, its database and its answers."""

    postgres_dsn: SecretStr = Field(
        description="PostgreSQL 15 or newer: postgresql://user:password@host:port/database."
    )
    postgres_connect_deadline_s: float = Field(
        5.0, gt=0, le=60, description="How long opening a connection to PostgreSQL may take, seconds."
    )
    postgres_statement_deadline_s: float = Field(
        30.0, gt=0, le=600, description="How long one statement of the projection may take, seconds."
    )
    query_connections_max: int = Field(4, ge=1, le=100, description="Connections for answering queries.")
    query_deadline_ms: int = Field(2_000, ge=10, le=30_000, description="How long one query may take, milliseconds.")

    batch_events_max: int = Field(1_000, ge=1, le=20_000, description="Events projected in one transaction.")
    rebuild_batch_events_max: int = Field(
        5_000, ge=1, le=100_000, description="Events written in one transaction of a rebuild."
    )
    poll_ms: int = Field(
        100, ge=5, le=10_000, description="How often the log is asked for something new once all is projected, ms."
    )
    standby_ms: int = Field(
        1_000, ge=10, le=60_000, description="How often a replica that stands by tries to take over, milliseconds."
    )
    backoff_ms_max: int = Field(
        10_000, ge=100, le=300_000, description="Longest wait between attempts while the log or PostgreSQL is away, ms."
    )
    behind_events_max: int = Field(
        10_000, ge=1, le=10_000_000, description="Lag at which the projection's health check fails, events."
    )
    months_ahead: int = Field(2, ge=0, le=24, description="Partitions of the archive that are made ahead, months.")
    day_utc_offset_min: int = Field(
        420,
        ge=-840,
        le=840,
        description="Where the clinic's day begins: minutes east of UTC (Bangkok 420). "
        "A change is for the days to come; a rebuild applies it to the past.",
    )

    def zone(self) -> timezone:
        """The clinic's clock."""
        return timezone(timedelta(minutes=self.day_utc_offset_min))
