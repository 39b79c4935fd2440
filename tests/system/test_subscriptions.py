"""Subscriptions from the command line: made, taken along, made of a bibliography and of a list of feeds."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.system.instance import Paperwire, paperwire, started

Run = Callable[..., Awaitable[Any]]

PAPERS = (
    {
        "id": "arXiv:2601.00001",
        "title": "Folding paper cranes with a robot hand",
        "abstract": "It folds.",
        "categories": ["cs.RO"],
        "url": "https://arxiv.org/abs/2601.00001",
    },
    {"id": "doi:10.1234/swans", "title": "Origami swans and where they swim", "abstract": "They swim."},
)
BIBTEX = """
@article{cranes, title={A wrong title}, eprint={2601.00001v3}, archiveprefix={arXiv}}
@misc{swans, title={{Origami} Swans, and Where They Swim}}
@misc{gone, title={A paper that nobody has ever imported here}, doi={10.1234/gone}}
"""
OPML = """<opml version="2.0"><body>
<outline text="Cranes" xmlUrl="https://example.org/cranes.xml"/>
<outline text="Swans" xmlUrl="https://example.org/swans.xml"/>
</body></opml>"""
HOOK = "https://example.org/hook"


async def files(file: Path, here: tuple[str, ...]) -> None:
    """What is exported as JSON Lines is imported as the same works; a subscription's matches are a file too."""
    lines = await paperwire("export", "--format", "jsonl", *here)
    assert {json.loads(line)["id"] for line in lines.splitlines()} == {paper["id"] for paper in PAPERS}
    await asyncio.to_thread(file.write_text, lines)
    again = json.loads(await paperwire("import", str(file), *here, "--json"))
    assert (again["searchable"], again["changed"], again["refused"], again["cleaned"]) == (2, 0, [], [])
    cranes = await paperwire("export", "cat:cs.RO", "--from", "2000-01-01", *here)
    assert cranes.startswith("@misc{") == (cranes.count("@") == 1)


async def own_list(running: Paperwire, file: Path, run: Run) -> None:
    """The list that the instance itself publishes becomes the searches in it, once."""
    async with aiohttp.ClientSession() as session, session.get(f"{running.url}/feeds.opml") as response:
        await asyncio.to_thread(file.write_bytes, await response.read())
    feed = ("subscriptions", "import", str(file), "--channel", '{"type": "feed"}')
    own = await run(*feed, status=1)
    made = {row["name"]: (row["categories"], row["changes"], row["schedule"]) for row in own["made"]}
    assert made.pop("Newest in cs.RO") == (["cs.RO"], ["new"], "instant")
    assert made.keys() == {"Trending this day", "Trending this week", "Trending this month"}
    assert {tuple(changes) for _, changes, _ in made.values()} == {("trending",)}
    (refused,) = own["refused"]
    assert refused["where"] == "Newest papers"
    assert refused["reason"].startswith("it lists every paper, and a subscription needs a condition")
    again = await run(*feed, status=1)
    assert (again["made"], len(again["present"])) == ([], 4)


@pytest.mark.timeout(300)
async def test_subscriptions_are_created_exported_and_imported(tmp_path: Path) -> None:
    for name, text in (("refs.bib", BIBTEX), ("feeds.opml", OPML)):
        (tmp_path / name).write_text(text)
    (tmp_path / "papers.jsonl").write_text("\n".join(map(json.dumps, PAPERS)))
    async with started(tmp_path / "data") as running:
        here = ("--data-dir", str(tmp_path / "data"))

        async def run(*arguments: str, key: str = running.key, status: int = 0) -> Any:
            return json.loads(await paperwire(*arguments, *here, "--key", key, "--json", status=status))

        await paperwire("import", str(tmp_path / "papers.jsonl"), *here)
        made = await run("subscribe", "origami", "--webhook", HOOK, "--per-week", "5", "--category", "cs.RO")
        assert (made["sensitivity"], made["categories"]) == ({"per_week": 5.0}, ["cs.RO"])
        watching = await run("subscribe", "--webhook", HOOK, "--paper", "2601.00001", "--change", "withdrawn")
        await paperwire("subscriptions", "pause", watching["id"], *here, "--key", running.key)
        explained = await run("subscriptions", "explain", watching["id"], "2601.00001")
        assert {one["name"] for one in explained["checks"] if not one["passes"]} == {"state", "changes"}

        exported = await paperwire("subscriptions", "export", *here, "--key", running.key)
        (tmp_path / "mine.json").write_text(exported)
        other = json.loads(await paperwire("keys", "create", "other", *here, "--json"))
        taken = await run("subscriptions", "import", str(tmp_path / "mine.json"), key=other["key"])
        assert (len(taken["made"]), taken["present"], taken["refused"]) == (2, [], [])
        assert all(one["secret"].startswith("whsec_") for one in taken["made"])
        rows = await run("subscriptions", "list", key=other["key"])
        assert [row["state"]["status"] for row in rows] == ["active", "paused"]
        again = await run("subscriptions", "import", str(tmp_path / "mine.json"), key=other["key"])
        assert (again["made"], len(again["present"])) == ([], 2)

        feed = await paperwire("subscribe", "cranes", "--channel", '{"type": "feed"}', *here, "--key", other["key"])
        assert re.search(r"^Feed: http\S+/feeds/private/\S+\.atom$", feed, re.MULTILINE)
        bib = await run("subscriptions", "import", str(tmp_path / "refs.bib"), "--webhook", HOOK, status=1)
        assert bib["made"][0]["like"] == [paper["id"] for paper in PAPERS]
        assert bib["refused"] == [
            {"where": "line 4 (gone)", "reason": "no such paper here: A paper that nobody has ever imported here"}
        ]

        await paperwire("sources", "add", "cranes", "https://example.org/cranes.xml", *here)
        opml = await run("subscriptions", "import", str(tmp_path / "feeds.opml"), "--webhook", HOOK, status=1)
        assert opml["made"][0]["sources"] == ["cranes"]
        assert [one["where"] for one in opml["refused"]] == ["Swans"]
        assert "paperwire sources add" in opml["refused"][0]["reason"]

        await files(tmp_path / "exported.jsonl", here)
        await own_list(running, tmp_path / "own.opml", run)

        await paperwire("subscriptions", "delete", made["id"], *here, "--key", running.key)
        assert made["id"] not in {row["id"] for row in await run("subscriptions", "list")}
