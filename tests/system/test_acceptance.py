"""The main job as its user does it, in both topologies: a paper comes in, is found, and its subscriber is told."""

import asyncio
import json
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from tests.support import until
from tests.system.instance import Paperwire, Receiver, paperwire, receiver, started

ADDRESS = re.compile(r"^Paperwire at (\S+)$", re.MULTILINE)
LINK = re.compile(r"https?://\S+")
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


async def mailed_link(data: Path) -> str:
    """Wait for the mail that asks for a confirmation; return its link."""
    outbox = data / "outbox"
    await until(lambda: list(outbox.glob("*.eml")))
    (path,) = outbox.glob("*.eml")
    mail = message_from_bytes(await asyncio.to_thread(path.read_bytes), EmailMessage, policy=default)
    body = mail.get_body(("plain",))
    assert body
    return next(str(link) for link in LINK.findall(body.get_content()) if "/f/" in link)


async def finds(running: Paperwire, query: str) -> bool:
    answer = await running.api("GET", "/v1/search", params={"q": query, "limit": "3"})
    return any(row["paper"]["title"] == PAPER["title"] for row in answer["results"])


@pytest.mark.timeout(240)
@pytest.mark.parametrize("options", [(), ("--processes",)], ids=["one-loop", "processes"])
async def test_an_imported_paper_reaches_a_signed_webhook(tmp_path: Path, options: tuple[str, ...]) -> None:
    data, file = tmp_path / "data", tmp_path / "new.jsonl"
    (data / "models").mkdir(parents=True)  # its own, as at the first start of a user
    file.write_text(json.dumps(PAPER) + "\n")
    async with started(data, "--port", "0", *options, PAPERWIRE_SAMPLE="true") as running, receiver() as hook:
        found = ADDRESS.search(running.output)
        assert found
        running.url = found[1]
        assert running.papers == 119
        key = running.key
        page = await running.api("GET", "/")
        assert 'type="search"' in page
        assert (await running.api("GET", "/v1/search", params={"q": "generating molecules for drug discovery"}))[
            "results"
        ]

        await running.api("POST", "/subscribe", data={"q": "paper cranes", "address": "reader@example.org"})
        link = await mailed_link(data)
        assert link.startswith(running.url + "/f/")
        assert "Confirm" in await running.api("GET", link.removeprefix(running.url))
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

    # The data of both sizes are the same, so either continues where the other stopped, on an address of IPv6 too.
    async with started(data, "--host", "::1") as running:
        found = ADDRESS.search(running.output)
        assert found
        running.url = found[1]
        assert running.url.startswith("http://[::1]:")
        assert running.papers == 120
        assert "pw_" not in running.output
        assert await finds(running, "origami cranes")
        listed = await running.api("GET", "/v1/subscriptions", key=key)
        assert json.dumps(subscription["id"]) in json.dumps(listed)
