"""When a job of the operations was last done is shown, and that it was never done, too."""

from datetime import UTC, datetime

from nats.aio.client import Client

from namjai.operations import outcome
from namjai.runtime.bus import Requests
from namjai.runtime.chores import CHORES, Chores
from namjai.runtime.metrics import Metrics


async def test_a_note_is_shown_as_the_time_when_the_job_was_done(nc: Client, requests: Requests) -> None:
    metrics = Metrics("t")
    chores = Chores(requests, metrics)

    def done(chore: str) -> float | None:
        return metrics.registry.get_sample_value("namjai_chore_done_timestamp_seconds", {"chore": chore})

    await chores.look()
    assert [done(chore) for chore in CHORES] == [0.0] * len(CHORES)
    before = datetime.now(UTC).timestamp()
    await outcome.note(nc, "backup", bytes=1)
    await outcome.note(nc, "another-one")
    await nc.jetstream().publish("$KV.config.operations.odd", b"no note")
    await chores.look()
    for chore in ("backup", "another-one"):
        assert before <= (done(chore) or 0) <= datetime.now(UTC).timestamp()
    assert done("odd") is None
    assert done("retain") == 0.0
