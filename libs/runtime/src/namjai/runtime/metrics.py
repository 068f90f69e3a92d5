"""The metrics of one process: every name Namjai exports on /metrics, in one list, in a registry of its own."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, GCCollector, Histogram, ProcessCollector

_M = TypeVar("_M", Counter, Gauge)

PREFIX = "namjai_"
OTHER = "other"
CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where a container's limit is written, in the second and in the first version of control groups."""
# Seconds. Most of our work takes milliseconds, a model takes seconds.
LATENCY_BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
AGE_BUCKETS_S = (0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 3600.0)


class BoundedLabel:
    """Keeps the number of a label's values finite: the first `values_max` are kept, every later one is `other`.

    A label fed from outside (an event type of a newer producer, a path) would otherwise grow the process without end.
    """

    def __init__(self, values_max: int = 100, *, known: Sequence[str] = ()) -> None:
        self._values_max = values_max
        self._seen = set(known)

    def __call__(self, value: str) -> str:
        if value in self._seen:
            return value
        if len(self._seen) >= self._values_max:
            return OTHER
        self._seen.add(value)
        return value


def memory_limit_bytes(*cgroups: Path) -> int:
    """The container's limit, or the machine's memory where nobody set one."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in cgroups or CGROUP_LIMITS:
        with suppress(OSError, ValueError):  # no such file outside a container; the word `max` where there is no limit
            limits.append(int(file.read_text()))
    return min(limits)


class Metrics:
    """A process's registry and the metrics common to all services (rate, errors, duration of whatever it handles).

    A service adds its own with `counter`, `gauge`, `histogram`; asking again for a name gives the same metric. Label
    values are types, routes and outcomes: never a member, an id or a text.
    """

    def __init__(self, service: str, version: str = "0") -> None:
        self.registry = CollectorRegistry()
        self._made: dict[str, Counter | Gauge | Histogram] = {}
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.gauge("build_info", "1, labelled with what runs here.", ("service", "version")).labels(
            service, version
        ).set(1)

        self.handled = self.counter(
            "handled", "Events handled, by outcome (ok, retry, reject, error).", ("consumer", "type", "outcome")
        )
        self.handle_seconds = self.histogram(
            "handle_seconds", "Time in a handler, append included.", ("consumer", "type")
        )
        self.event_age_seconds = self.histogram(
            "event_age_seconds", "Age of an event when its handling ended.", ("consumer", "type"), AGE_BUCKETS_S
        )
        self.in_flight = self.gauge("handling_in_flight", "Events being handled now.", ("consumer",))
        self.pending = self.gauge(
            "consumer_pending", "Events in the log that a consumer has not yet received.", ("consumer",)
        )
        self.ack_pending = self.gauge(
            "consumer_ack_pending", "Events that a consumer has received and not yet acknowledged.", ("consumer",)
        )
        self.redelivered = self.gauge(
            "consumer_redelivered", "Events at hand that were delivered more than once.", ("consumer",)
        )
        self.dead = self.counter("dead", "Events set aside in DEAD.", ("consumer", "type", "reason"))
        self.timers = self.counter("timers", "Timers that came, by outcome (ok, retry, error).", ("kind", "outcome"))
        self.timer_late_seconds = self.histogram(
            "timer_late_seconds", "How long after its due time a timer was taken up.", ("kind",), AGE_BUCKETS_S
        )
        self.appended = self.counter("appended", "Facts appended to the log.", ("type",))
        self.conflicts = self.counter("append_conflicts", "Appends refused because the log had moved on.", ("type",))

        self.http = self.counter("http_requests", "HTTP requests answered.", ("route", "method", "status"))
        self.http_seconds = self.histogram("http_seconds", "Time to answer an HTTP request.", ("route", "method"))

        self.outside = self.counter(
            "outside_calls", "Calls to others, by whom and outcome (ok, failed).", ("to", "outcome")
        )
        self.outside_seconds = self.histogram("outside_seconds", "Time until others answered.", ("to",))
        self.errors = self.counter(
            "errors", "Exceptions logged, by fingerprint (the later of very many: other).", ("fingerprint",)
        )

        self.cache = self.counter(
            "cache", "Look-ups by level (local, shared, load) and result.", ("cache", "level", "result")
        )
        self.cache_bytes = self.gauge("cache_local_bytes", "Bytes held by a cache in this process.", ("cache",))
        self.limited = self.counter("limited", "Limiter decisions (allowed, refused).", ("limiter", "result"))
        self.redis_failed = self.counter("redis_failed", "Redis calls that fell back, by reason.", ("reason",))
        self.breaker_state = self.gauge("breaker_state", "0 closed, 1 half open, 2 open.", ("breaker",))
        self.breaker_refused = self.counter("breaker_refused", "Calls refused by an open breaker.", ("breaker",))
        self.retries = self.counter("retries", "Attempts after the first, by operation.", ("operation",))
        self.leases = self.counter("leases", "Lease requests (granted, busy, unguarded).", ("result",))
        self.config_revision = self.gauge("config_revision", "Revision of the runtime config in force.", ("section",))
        self.config_read = self.gauge(
            "config_read_timestamp_seconds", "When the runtime config was last read or heard of.", ("section",)
        )
        self.config_rejected = self.counter("config_rejected", "Runtime config that was not valid.", ("section",))

        self.memory_limit_bytes = self.gauge("memory_limit_bytes", "What this process may take at most.")
        self.memory_limit_bytes.set(memory_limit_bytes())
        self.memory_pressure = self.gauge("memory_pressure", "0 low, 1 high, 2 critical: caches are pruned from 1 on.")
        self.prunes = self.counter("cache_prunes", "Times that all caches were pruned, by level.", ("level",))
        self.pruned = self.counter("cache_pruned_entries", "Entries that were forgotten under pressure.", ("cache",))
        self.pruned_bytes = self.counter("memory_given_back_bytes", "Memory that pruning gave back to the system.")
        self.disk_size_bytes = self.gauge("disk_size_bytes", "Size of what this process writes to.", ("volume",))
        self.disk_free_bytes = self.gauge("disk_free_bytes", "Free of what this process writes to.", ("volume",))
        self.store_used_bytes = self.gauge("log_store_used_bytes", "What JetStream keeps in files.")
        self.store_reserved_bytes = self.gauge("log_store_reserved_bytes", "What JetStream keeps free for its streams.")
        self.store_limit_bytes = self.gauge(
            "log_store_limit_bytes", "What JetStream may keep; 0: the account has no limit."
        )

        self.loop_lag_seconds = self.histogram("loop_lag_seconds", "How late the event loop wakes a sleeper.")
        self.loop_lag_last_seconds = self.gauge("loop_lag_last_seconds", "The latest sample of the event loop's lag.")
        self.loop_lag_p99_seconds = self.gauge("loop_lag_p99_seconds", "The event loop's lag, p99 of the last minute.")
        self.ready = self.gauge("ready", "1 when all required checks passed the last time they were asked.")
        self.check_ok = self.gauge("check_ok", "1 when a dependency's check passed.", ("check",))
        self.check_seconds = self.gauge("check_seconds", "How long a dependency's check took last.", ("check",))

    def counter(self, name: str, documentation: str, labels: Sequence[str] = ()) -> Counter:
        """`namjai_<name>_total`."""
        return self._make(Counter, name, documentation, labels)

    def gauge(self, name: str, documentation: str, labels: Sequence[str] = ()) -> Gauge:
        """`namjai_<name>`."""
        return self._make(Gauge, name, documentation, labels)

    def histogram(
        self, name: str, documentation: str, labels: Sequence[str] = (), buckets: Sequence[float] = LATENCY_BUCKETS_S
    ) -> Histogram:
        """`namjai_<name>`; a duration is in seconds and says so in its name."""
        found = self._made.get(name)
        if found is None:
            found = Histogram(PREFIX + name, documentation, labels, buckets=buckets, registry=self.registry)
            self._made[name] = found
        if not isinstance(found, Histogram):
            raise TypeError(f"{name} is already a {type(found).__name__}")
        return found

    def _make(self, kind: type[_M], name: str, documentation: str, labels: Sequence[str]) -> _M:
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = kind(PREFIX + name, documentation, labels, registry=self.registry)
        if not isinstance(found, kind):
            raise TypeError(f"{name} is already a {type(found).__name__}")
        return found


@contextmanager
def timed(histogram: Histogram, *labels: str) -> Iterator[None]:
    """Observe how long the block took, in seconds, whether or not it raised."""
    started = perf_counter()
    try:
        yield
    finally:
        (histogram.labels(*labels) if labels else histogram).observe(perf_counter() - started)
