"""How search behaves when what it stands on is missing, wrong or down, and when it is asked too much."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from os import kill
from pathlib import Path
from signal import SIGKILL
from urllib.parse import urlsplit

import httpx
import orjson
import pytest

from embedded.qdrant import EmbeddedQdrant
from services.indexer.paper_map.renewal import NOT_INSTALLED
from services.search.bootstrap import build
from services.search.settings import SearchSettings
from shared.board.paper_map import write_map_absence
from shared.errors import ConfigurationError
from shared.qdrant import PAPERS, ensure_papers, open_qdrant
from shared.runtime import running
from shared.settings import Settings
from tests.integration.search.instance import PAPERS_OF_OUR_OWN, address, free_port, in_thread, instance, paper


async def test_a_fresh_instance_answers_with_nothing(tmp_path: Path, models: Path) -> None:
    async with instance(tmp_path, models, []) as runtime, httpx.AsyncClient(base_url=address(runtime)) as http:
        for path in ("/v1/search", "/v1/search?q=x", "/v1/search?q=2401.00001", "/v1/papers", "/v1/trending"):
            assert (await http.get(path)).json()["results"] == []
        assert (await http.get("/v1/status")).json()["papers"] == 0
        assert (await http.get("/v1/facets?q=x")).json() == {
            "categories": [],
            "authors": [],
            "sources": [],
            "years": [],
            "has_code": [],
        }
        assert (await http.get("/v1/papers/2401.00001")).status_code == 404
        assert "no papers here yet" in (await http.get("/")).text


async def test_the_map_page_says_why_there_is_no_map(tmp_path: Path, models: Path) -> None:
    async with instance(tmp_path, models, []) as runtime, httpx.AsyncClient(base_url=address(runtime)) as http:
        assert (await http.get("/map.json")).json()["detail"].startswith("There is no map yet.")
        await write_map_absence(runtime.redis, NOT_INSTALLED)
        assert (await http.get("/map.json")).json()["detail"] == NOT_INSTALLED
        await write_map_absence(runtime.redis, None)
        assert (await http.get("/map.json")).json()["detail"].startswith("There is no map yet.")


async def test_at_most_200_results_are_returned(tmp_path: Path, models: Path) -> None:
    papers = [paper(n, f"Paper {n} about cranes", published="2024-01-01") for n in range(1, 231)]
    async with instance(tmp_path, models, papers) as runtime, httpx.AsyncClient(base_url=address(runtime)) as http:
        for params in ({"q": "cranes"}, {}):
            seen: list[str] = []
            cursor = ""
            while cursor is not None:
                asked = {**params, "limit": "90", **({"cursor": cursor} if cursor else {})}
                answer = (await http.get("/v1/search", params=asked)).json()
                seen += [row["paper"]["id"] for row in answer["results"]]
                cursor = answer["next_cursor"]
            assert len(seen) == len(set(seen)) == 200


async def test_status_returns_streams_sources_and_providers(tmp_path: Path, models: Path) -> None:
    async with instance(tmp_path, models, PAPERS_OF_OUR_OWN) as runtime:
        source = {"name": "arxiv", "type": "arxiv_rss", "enabled": True, "state": "ok", "items": 3}
        await runtime.redis.hset("sources", "arxiv", orjson.dumps(source))
        provider = {"name": "github", "state": "open", "detail": "answers 503", "quota_left": 3, "quota": 60, "due": 7}
        await runtime.redis.hset("providers", "github", orjson.dumps(provider))
        await runtime.redis.hset("mail", "addresses", orjson.dumps(refusing := {"suppressed": 2}))
        await runtime.redis.xadd("papers.fetched.v1", {"x": "1"})
        await runtime.redis.xadd("dead.papers.indexed.v1", {"x": "1"})
        async with httpx.AsyncClient(base_url=address(runtime)) as http:
            status = (await http.get("/v1/status")).json()
    assert status["papers"] == len(PAPERS_OF_OUR_OWN)
    assert status["sources"] == [source]
    assert status["providers"] == [provider]
    assert status["mail"] == refusing
    assert status["ledger"] == []
    assert {
        row["stream"]: (row["group"], row["waiting"], row["pending"], row["dead"]) for row in status["streams"]
    } == {
        "papers.fetched.v1": ("enricher", 1, 0, 0),
        "papers.requested.v1": ("enricher", 0, 0, 0),
        "papers.enriched.v1": ("indexer", 0, 0, 0),
        "papers.indexed.v1": ("notifier", 0, 0, 1),
    }


async def test_search_starts_without_qdrant_and_answers_503(settings: Settings) -> None:
    port = free_port()
    nobody = f"http://127.0.0.1:{free_port()}"
    changed = SearchSettings.load(
        **{**settings.model_dump(exclude_unset=True), "http_port": port, "qdrant_url": nobody}
    )
    async with running([build], changed) as runtime, httpx.AsyncClient(base_url=address(runtime)) as http:
        for path in ("/v1/search?q=x", "/v1/search", "/v1/papers/2401.00001", "/v1/status"):
            response = await http.get(path)
            assert response.status_code == 503
            assert response.headers["Retry-After"]
            assert response.headers["Content-Type"] == "application/problem+json"
        page = await http.get("/")
        assert page.status_code == 503
        assert page.headers["Content-Type"].startswith("text/html")


async def test_qdrant_failures_do_not_reveal_its_address(settings: Settings, tmp_path: Path) -> None:
    async with EmbeddedQdrant(tmp_path / "qdrant") as qdrant:
        secret = urlsplit(qdrant.url).path
        assert len(secret) > 20
        asked = SearchSettings.load(
            **{**settings.model_dump(), "qdrant_url": qdrant.url, "http_port": free_port(), "rate_limit": 0}
        )
        async with running([build], asked) as runtime, httpx.AsyncClient(base_url=address(runtime)) as http:
            assert [(await http.get("/v1/search?q=crane")).status_code for _ in range(3)] == [200] * 3
            asking = [asyncio.create_task(http.get(f"/v1/search?q=crane{n}")) for n in range(30)]
            await asking[0]
            assert qdrant.pid
            kill(qdrant.pid, SIGKILL)
            answers = [*(await asyncio.gather(*asking)), await http.get("/v1/search?q=x"), await http.get("/")]
    assert {answer.status_code for answer in answers} == {200, 503}
    assert not [answer.text for answer in answers if secret in answer.text]


async def test_vectors_of_another_model_stop_the_start(settings: Settings, qdrant_url: str) -> None:
    changed = SearchSettings.load(**{**settings.model_dump(exclude_unset=True), "qdrant_url": qdrant_url})
    client = open_qdrant(changed)
    await ensure_papers(client, "another/model", 384)
    await client.close()
    with pytest.raises(ConfigurationError, match="another/model"):
        async with running([build], changed):
            pass


async def test_a_missing_collection_is_an_empty_one(tmp_path: Path, models: Path) -> None:
    async with (
        instance(tmp_path, models, PAPERS_OF_OUR_OWN[:2]) as runtime,
        httpx.AsyncClient(base_url=address(runtime)) as http,
    ):
        await runtime.qdrant().delete_collection(PAPERS)
        assert (await http.get("/v1/papers/2401.00001/similar")).status_code == 404
        assert (await http.get("/v1/search?q=x&sort=newest")).json()["results"] == []


def test_too_many_requests_are_a_429_with_retry_after(tmp_path: Path, models: Path) -> None:
    with (
        in_thread(tmp_path, models, rate_limit=3, trusted_proxies="127.0.0.0/8") as url,
        httpx.Client(base_url=url) as http,
    ):

        def asked(path: str, client: str) -> httpx.Response:
            return http.get(path, headers={"X-Forwarded-For": client})

        assert [asked("/v1/search", "198.51.100.1").status_code for _ in range(3)] == [200] * 3
        refused = asked("/v1/search", "198.51.100.1")
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 20
        assert asked("/", "198.51.100.1").status_code == 429
        assert asked("/v1/search", "198.51.100.2").status_code == 200
        assert asked("/healthz", "198.51.100.1").status_code == 200
        assert asked("/static/style.css", "198.51.100.1").status_code == 200


def test_refused_requests_count_too(tmp_path: Path, models: Path) -> None:
    with in_thread(tmp_path, models, rate_limit=3) as url, httpx.Client(base_url=url) as http:
        bad = ("/v1/search?limit=0", "/v1/search?nonsense=1", "/v1/papers/none", "/v1/search?limit=0")
        assert [http.get(path).status_code for path in bad] == [422, 422, 404, 429]
        body = http.post("/v1/recommendations", content=b"{")
        assert body.status_code == 429, "before the body is read"


async def test_a_bad_setting_ends_the_process_with_one_line() -> None:
    environment = {**os.environ, "PAPERWIRE_RATE_LIMIT": "many"}
    process = await create_subprocess_exec(sys.executable, "-m", "services.search", env=environment, stderr=PIPE)
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert len(errors.decode().splitlines()) == 1
    assert "PAPERWIRE_RATE_LIMIT" in errors.decode()
