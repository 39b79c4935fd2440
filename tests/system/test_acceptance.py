"""The main job as its user does it, in both topologies: a paper comes in, is found, and its subscriber is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import until
from tests.system.instance import Paperwire, Receiver, paperwire, receiver, started

PAPER = {
    "id": "example:crane",
    "title": "Folding paper cranes with a two-fingered robot hand",
    "abstract": "A robot hand learns to fold origami cranes from a handful of demonstrations.",
    "authors": ["Ada Origami"],
    "categories": ["cs.RO"],
    "published": "2026-03-04",
}


async def subscribed(running: Paperwire, key: str, hook: Receiver) -> dict[str, Any]:
    body = {
        "name": "origami",
        "query": "robots that fold origami",
        "sensitivity": 0.4,
        "channel": {"type": "webhook", "url": hook.url},
    }
    answer: dict[str, Any] = await running.api("POST", "/v1/subscriptions", key=key, json=body)
    hook.secret = answer["secret"]
    return answer


async def finds(running: Paperwire, query: str) -> bool:
    answer = await running.api("GET", "/v1/search", params={"q": query, "limit": "3"})
    return any(row["paper"]["title"] == PAPER["title"] for row in answer["results"])


@pytest.mark.timeout(240)
@pytest.mark.parametrize("options", [(), ("--processes",)], ids=["one-loop", "processes"])
async def test_an_imported_paper_reaches_a_signed_webhook(tmp_path: Path, options: tuple[str, ...]) -> None:
    data, file = tmp_path / "data", tmp_path / "new.jsonl"
    file.write_text(json.dumps(PAPER) + "\n")
    async with started(data, *options, PAPERWIRE_SAMPLE="true") as running, receiver() as hook:
        assert running.papers == 119
        key = running.key
        page = await running.api("GET", "/")
        assert 'type="search"' in page
        assert (await running.api("GET", "/v1/search", params={"q": "generating molecules for drug discovery"}))[
            "results"
        ]

        subscription = await subscribed(running, key, hook)
        report = json.loads(await paperwire("import", str(file), "--data-dir", str(data), "--json"))
        assert (report["read"], report["searchable"], report["refused"]) == (1, 1, [])
        assert await finds(running, "origami cranes")
        await until(lambda: hook.alerts, within=10)
        alert = next(iter(hook.alerts.values()))
        assert alert["type"] == "paper.new"
        assert alert["data"]["paper"]["title"] == PAPER["title"]
        assert alert["data"]["subscription"] == {"id": subscription["id"], "name": "origami"}
        assert alert["data"]["match"]["score"] >= alert["data"]["match"]["threshold"] == 0.4

        again = json.loads(await paperwire("import", str(file), "--data-dir", str(data), "--json"))
        assert (again["read"], again["changed"]) == (1, 0)
        status = json.loads(await paperwire("status", "--data-dir", str(data), "--json"))
        assert status["papers"] == 120
        assert all(row["waiting"] == row["pending"] == row["dead"] == 0 for row in status["streams"])
        assert await running.stop() < 5
        assert hook.posts == 1

    async with started(data, *options, PAPERWIRE_SAMPLE="true") as running, receiver() as hook:
        assert running.papers == 120
        assert "pw_" not in running.output
        assert await finds(running, "origami cranes")
        listed = await running.api("GET", "/v1/subscriptions", key=key)
        assert json.dumps(subscription["id"]) in json.dumps(listed)
