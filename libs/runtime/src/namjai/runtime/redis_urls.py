"""From the address of a Redis or Valkey to a client: one server, Sentinel, or Cluster, each with or without TLS.

- `redis://`, `rediss://` (TLS), `unix://`: one server.
- `redis+sentinel://:password@sentinel:26379,other:26379/0?primary=name`: the sentinels are asked who is primary, again
  for each new connection.
- `redis+cluster://:password@node:6379,other:6379`: a cluster; a few of its nodes are enough.

With `rediss+sentinel` and `rediss+cluster` every connection has TLS.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.backoff import NoBackoff

SENTINEL_PORT: Final = 26_379
REDIS_PORT: Final = 6_379
PRIMARY: Final = "mymaster"
_URL: Final = re.compile(
    r"(?P<tls>rediss?)\+(?P<kind>sentinel|cluster)://"
    r"(?:(?P<user>[^:@/]*):(?P<password>[^@/]*)@)?(?P<hosts>[^/?@]+)(?:/(?P<db>\d*))?(?:\?(?P<more>.*))?"
)

Client = Redis | RedisCluster


@dataclass(frozen=True)
class Several:
    """What an address with several hosts says."""

    kind: str
    hosts: tuple[tuple[str, int], ...]
    options: Mapping[str, Any]
    primary: str


def several(url: str) -> Several | None:
    """Read it; nothing for an address of one server. Raises ValueError that does not show it: it has a password."""
    if "+" not in url.partition("://")[0]:
        return None
    if (found := _URL.fullmatch(url)) is None:
        raise ValueError("not an address of sentinels or of a cluster")
    port = SENTINEL_PORT if found["kind"] == "sentinel" else REDIS_PORT
    options: dict[str, Any] = {
        "username": unquote(found["user"] or "") or None,
        "password": unquote(found["password"] or "") or None,
        "ssl": found["tls"] == "rediss",
    }
    if found["kind"] == "sentinel":
        options["db"] = int(found["db"] or 0)
    more = dict(parse_qsl(found["more"] or ""))
    return Several(
        found["kind"],
        tuple(_host(each, port) for each in found["hosts"].split(",")),
        options,
        more.get("primary", PRIMARY),
    )


def client(url: str, *, connections: int, deadline_s: float) -> Client:
    """A client that has not connected yet. Nothing is tried twice: that is for who calls to decide."""
    once: dict[str, Any] = {
        "socket_timeout": deadline_s,
        "socket_connect_timeout": deadline_s,
        # The library's default is to try three times with waits: more than the deadline, and not its decision.
        "retry": Retry(NoBackoff(), 0),
    }
    if (found := several(url)) is None:
        pool = BlockingConnectionPool.from_url(url, max_connections=connections, timeout=deadline_s, **once)
        return Redis.from_pool(pool)
    options = {**found.options, "max_connections": connections}
    if found.kind == "cluster":
        return RedisCluster(startup_nodes=[ClusterNode(*host) for host in found.hosts], **options, **once)
    asking = {**once, "ssl": found.options["ssl"]}
    sentinels = Sentinel(list(found.hosts), sentinel_kwargs=asking, **once)  # type: ignore[no-untyped-call]
    primary: Redis = sentinels.master_for(found.primary, **options)
    return primary


async def close(redis: Client) -> None:
    """Give back all connections, those to sentinels included."""
    await redis.aclose()
    if isinstance(redis, Redis) and isinstance(pool := redis.connection_pool, SentinelConnectionPool):
        for sentinel in pool.sentinel_manager.sentinels:
            await sentinel.aclose()


def _host(text: str, port: int) -> tuple[str, int]:
    name, _, number = text.rpartition(":") if re.search(r":\d+$", text) else (text, "", "")
    return name.strip("[]"), int(number or port)
