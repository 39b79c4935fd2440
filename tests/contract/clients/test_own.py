"""Our own clients ask an instance: the one of Python, and the example in JavaScript."""

import json
import subprocess
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from paperwire.client import ApiError, AsyncClient, Client
from services.cli.commands.mcp_server import server
from services.cli.instance.api import ask
from tests.contract.clients.conftest import Instance, program

EXAMPLE = Path(__file__).parents[3] / "examples" / "paperwire.mjs"
ASKING = """
import { ApiError, Paperwire } from %s;
const papers = new Paperwire(process.argv[1], process.argv[2]);
const ids = [];
for await (const row of papers.search({ q: "fold", limit: 2, category: ["cs.LG", "cs.RO"] })) ids.push(row.paper.id);
const paper = await papers.paper("doi:10.1000/quantum(2024)/x");
const made = await papers.subscribe({ query: "folding", channel: { type: "feed" } });
const unknown = await papers.paper("nothing").catch((e) => [e instanceof ApiError, e.status, e.message]);
console.log(JSON.stringify({ ids, paper: paper.id, made: made.name, unknown }));
"""


def test_the_client_of_python_searches_cites_and_subscribes(instance: Instance) -> None:
    with Client(instance.url, instance.key) as papers:
        first = papers.search(q="graph", limit=1)["results"][0]
        assert first["paper"]["id"] == "arXiv:2401.00005"
        rows = list(islice(papers.iter_papers(month="2024-01", sort="newest", limit=2), 5))
        assert len({row["paper"]["id"] for row in rows}) == 5
        assert papers.paper("doi:10.1000/quantum(2024)/x")["id"] == "arXiv:2401.00006"
        assert papers.paper("hep-th/9901001")["title"] == "Old papers have slashes in their ids"
        assert papers.citation("2401.00005", format="bibtex").startswith("@misc{garcia2024survey,")
        made = papers.create_subscription({"query": "folding", "channel": {"type": "feed"}, "not": ["cold fusion"]})
        assert made["id"] in [row["id"] for row in papers.iter_list_subscriptions(limit=1)]
        given = papers.give_feedback(made["id"], {"kind": "more", "paper": "2401.00001"})
        assert given["about"] == "arXiv:2401.00001"
        papers.delete_subscription(made["id"])
        with pytest.raises(ApiError, match="The paper nothing is not in the index"):
            papers.paper("nothing")


async def test_the_client_of_asyncio_does_too(instance: Instance) -> None:
    async with AsyncClient(instance.url) as papers:
        found = [row["paper"]["id"] async for row in papers.iter_search(q="fold", limit=3)]
        assert len(found) == len(set(found)) > 3
        with pytest.raises(ApiError) as error:
            await papers.list_subscriptions()
    assert error.value.status == 401


def test_the_example_in_javascript_does_too(instance: Instance) -> None:
    node = program(Path("node"), "Node")
    script = ASKING % json.dumps(EXAMPLE.as_uri())
    command = (node, "--input-type=module", "--eval", script, instance.url, instance.key)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert len(told["ids"]) == len(set(told["ids"])) > 2
    assert (told["paper"], told["made"]) == ("arXiv:2401.00006", "folding")
    assert told["unknown"] == [True, 404, "The paper nothing is not in the index."]


async def test_an_agent_subscribes_asks_why_and_keeps_papers(instance: Instance) -> None:
    async def call(path: str, method: str, **options: Any) -> Any:
        return await ask(instance.url + path, method, **options)

    async def tool(name: str, **arguments: Any) -> dict[str, Any]:
        told: dict[str, Any] = (await serving.call_tool(name, arguments)).structured_content
        return told

    serving = server(call, instance.key)
    made = await tool("subscribe", query="folding proteins", webhook="https://hooks.example/1", category="cs.LG")
    assert made["categories"] == ["cs.LG"]
    assert made["id"] in [row["id"] for row in (await tool("subscriptions"))["subscriptions"]]
    why = await tool("explain", subscription=made["id"], paper="2401.00001")
    assert why["paper"]["id"] == "arXiv:2401.00001"
    await tool("save", paper="hep-th/9901001", tags=["old"], note="Slashes.")
    (kept,) = (await tool("reading_list", state="unread", tag="old"))["papers"]
    assert (kept["id"], kept["note"], kept["paper"]["published"]) == ("arXiv:hep-th/9901001", "Slashes.", "1999-01-01")
