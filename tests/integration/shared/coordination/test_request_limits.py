"""Limits of requests: shared by replicas, told in headers, and kept by each process while Redis is away."""

from pathlib import Path

import pytest
import structlog
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from embedded.redis import EmbeddedRedis
from shared.bus import open_redis
from shared.coordination.quotas import Quota
from shared.coordination.request_limits import REDIS_PAUSE_S, RequestLimits
from shared.http import Api, build_app
from shared.telemetry import configure_logging

QUOTA = Quota(3, 3 / 60)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def replica(limits: RequestLimits) -> TestServer:
    """Make a server whose every request counts."""
    api = Api("test")

    async def count(request: web.Request) -> None:
        await limits.count_client(request, "requests", QUOTA)

    async def answer(_: web.Request) -> dict[str, str]:
        return {}

    api.limit = count
    api.route("GET", "/", summary="Get", response=dict[str, str])(answer)
    return TestServer(build_app([api]))


async def test_replicas_share_a_limit_and_tell_it_in_headers(redis_url: str) -> None:
    redis = open_redis(redis_url)
    async with (
        replica(RequestLimits(redis, ())) as one,
        replica(RequestLimits(redis, ())) as other,
        ClientSession() as http,
    ):
        answers = [await http.get(server.make_url("/")) for server in (one, other, one, other)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"requests";q=3;w=60'}
    assert answers[0].headers["RateLimit"] == '"requests";r=2;t=20'
    assert answers[3].headers["RateLimit"].startswith('"requests";r=0;t=')
    assert 0 < int(answers[3].headers["Retry-After"]) <= 20
    await redis.aclose()


async def test_without_redis_each_process_counts_and_says_so_once(tmp_path: Path) -> None:
    configure_logging("info")
    clock = Clock()
    server = EmbeddedRedis(tmp_path)
    await server.__aenter__()
    redis = open_redis(server.url)
    async with replica(RequestLimits(redis, (), clock)) as served, ClientSession() as http:
        url = served.make_url("/")
        assert (await http.get(url)).status == 200
        await server.__aexit__(None, None, None)
        with structlog.testing.capture_logs() as lines:
            first = [(await http.get(url)).status for _ in range(2)]
            clock.now = REDIS_PAUSE_S + 1
            assert [*first, *[(await http.get(url)).status for _ in range(2)]] == [200, 200, 200, 429]
            clock.now += REDIS_PAUSE_S + 1
            async with EmbeddedRedis(tmp_path):
                assert (await http.get(url)).status == 200
    configure_logging("warning")
    assert [line["event"] for line in lines] == ["limits local", "limits shared"]
    await redis.aclose()


@pytest.mark.parametrize("spent", [Quota(0, 0.0)])
async def test_a_quota_of_0_is_no_limit(redis_url: str, spent: Quota) -> None:
    redis = open_redis(redis_url)
    request: web.Request = object()  # type: ignore[assignment]  # it is not looked at
    await RequestLimits(redis, ()).count(request, "requests", "x", spent)
    assert await redis.keys("limit:*") == []
    await redis.aclose()
