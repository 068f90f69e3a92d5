"""What the risk service can be told from outside."""

from datetime import timedelta

from pydantic import Field

from namjai.risk.domain.context import Watch
from namjai.runtime.settings import ServiceSettings


class RiskSettings(ServiceSettings):
    """The common settings; a verdict takes milliseconds, so what was lost with a process comes back within a second."""

    ack_wait_s: float = Field(
        1.0, ge=0.5, le=60, description="When NATS delivers a message again that a killed process had, seconds."
    )
    watch_medium_hours: float = Field(
        72, gt=0, le=24 * 90, description="How long a person is watched more closely after a medium verdict, hours."
    )
    watch_high_hours: float = Field(24 * 7, gt=0, le=24 * 90, description="The same after a high one, hours.")
    watch_crisis_hours: float = Field(24 * 14, gt=0, le=24 * 90, description="The same after a crisis, hours.")
    silence_hours: float = Field(
        24,
        gt=0,
        le=24 * 30,
        description="After so long without a sign of a person at high risk, and without a human word to them, "
        "staff are asked to look, hours.",
    )

    def watch(self) -> Watch:
        """The windows as the domain takes them."""
        return Watch(
            medium=timedelta(hours=self.watch_medium_hours),
            high=timedelta(hours=self.watch_high_hours),
            crisis=timedelta(hours=self.watch_crisis_hours),
        )
