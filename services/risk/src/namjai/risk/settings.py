"""What the risk service can be told from outside."""

from pydantic import Field

from namjai.runtime.settings import ServiceSettings


class RiskSettings(ServiceSettings):
    """The common settings; a verdict takes milliseconds, so what was lost with a process comes back within a second."""

    ack_wait_s: float = Field(
        1.0, ge=0.5, le=60, description="When NATS delivers a message again that a killed process had, seconds."
    )
    history_hours: int = Field(
        72, ge=1, le=24 * 30, description="How far back earlier verdicts of a person can raise a new one, hours."
    )
