"""`paperwire import`: bad lines are named, the others can be found; an announcement has a date, and a life."""

import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support import until
from tests.system.instance import Paperwire, paperwire, started

GOOD = {"title": "Paper boats in wind tunnels", "abstract": "We measure the drag of folded boats.", "id": "bad:1"}
LINES = (
    json.dumps(GOOD).encode(),
    b"this is no json",
    b'{"abstract": "a paper without a title"}',
    b'{"title": "' + b"x" * 10_000_000 + b'"}',
    json.dumps({"title": "Dated in the year zero", "published": "0000-01-01"}).encode(),
    b'{"title": "Holding a NUL\\u0000 inside"}',
    b'{"title": "Half a surrogate \\ud83d here"}',
    json.dumps({"title": "<script>alert(1)</script>Marked <b>up</b> lanterns"}).encode(),
    b'["a list"]',
    b"",
    json.dumps({"title": "The last line is taken too"}).encode(),
)

TITLE = "How robots fold paper cranes without looking"


async def test_each_bad_line_is_named_and_the_others_are_imported(tmp_path: Path) -> None:
    data, file = str(tmp_path / "data"), tmp_path / "papers.jsonl.gz"
    file.write_bytes(gzip.compress(b"\n".join(LINES) + b"\n"))
    report = json.loads(await paperwire("import", str(file), "--data-dir", data, "--json", status=1))
    assert (report["read"], report["searchable"], report["dead"]) == (6, 6, 0)
    refused = {row["where"]: row["reason"] for row in report["refused"]}
    assert set(refused) == {"line 2", "line 3", "line 4", "line 9"}
    assert "not JSON" in refused["line 2"]
    assert "no title" in refused["line 3"]
    assert "4,194,304 bytes" in refused["line 4"]
    assert "object was expected" in refused["line 9"]
    assert {row["where"] for row in report["cleaned"]} == {"line 5", "line 6", "line 7"}

    found = json.loads(await paperwire("search", "lanterns", "marked", "up", "--data-dir", data, "--json"))
    titles = [row["paper"]["title"] for row in found["results"]]
    assert titles[0] == "Marked up lanterns"
    assert "Half a surrogate here" in titles
    words = await paperwire("search", "drag", "of", "boats", "--data-dir", data)
    assert "Paper boats in wind tunnels" in words.splitlines()[0]


async def test_a_missing_file_is_named_and_the_others_are_imported(tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps(GOOD))
    missing = str(tmp_path / "missing.jsonl")
    output = await paperwire("import", missing, str(file), "--data-dir", str(tmp_path / "data"), status=1)
    assert f"refused: {missing}, file:" in output
    assert "1 paper searchable" in output


def announcement(kind: str, version: int, day: str, abstract: str) -> str:
    number = "2610.01234"
    return f"""<?xml version="1.0"?><rss version="2.0" xmlns:arxiv="http://arxiv.org/schemas/atom"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>cs.RO updates on arXiv.org</title>
<pubDate>{day} 00:00:00 -0400</pubDate><item><title>{TITLE}</title><link>https://arxiv.org/abs/{number}</link>
<description>arXiv:{number}v{version} Announce Type: {kind} \nAbstract: {abstract}</description>
<guid isPermaLink="false">oai:arXiv.org:{number}v{version}</guid><category>cs.RO</category>
<arxiv:announce_type>{kind}</arxiv:announce_type><dc:creator>Ada Origami</dc:creator></item></channel></rss>"""


async def found(running: Paperwire, **query: str) -> list[Any]:
    answer = await running.api("GET", "/v1/search", params=query)
    return [row["paper"] for row in answer["results"] if row["paper"]["title"] == TITLE]


@pytest.mark.timeout(240)
async def test_an_announced_paper_has_a_year_and_its_entry_says_what_happens(tmp_path: Path) -> None:
    file, here = tmp_path / "cs.RO.rss", ("--data-dir", str(tmp_path / "data"))
    async with started(tmp_path / "data") as running:
        body = {"name": "cranes", "categories": ["cs.RO"], "channel": {"type": "feed"}}
        made = await running.api("POST", "/v1/subscriptions", key=running.key, json=body)
        links = await running.api("GET", f"/v1/subscriptions/{made['id']}/feed", key=running.key)
        file.write_text(announcement("new", 1, "Fri, 09 Oct 2026", "We fold cranes in the dark."))
        await paperwire("import", str(file), *here)
        (paper,) = await found(running, q="year:2026 cranes")
        dates = {name: paper[name] for name in ("published", "date_precision", "date_basis")}
        assert dates == {"published": "2026-10-09", "date_precision": "day", "date_basis": "announced"}
        assert len(await found(running, **{"from": "2026-10-09", "to": "2026-10-09"})) == 1
        assert await found(running, **{"from": "2026-10-10"}) == []
        assert "year = {2026}" in await running.api("GET", "/v1/papers/2610.01234/citation")

        async def entry() -> Any:
            feed = await running.api("GET", urlsplit(links["json_feed"]).path)
            return next(iter(feed["items"]), None)

        before = await until(entry)
        file.write_text(announcement("replace", 2, "Mon, 19 Oct 2026", "This paper has been withdrawn by the author."))
        await paperwire("import", str(file), *here)
        after = await entry()
        assert (after["id"], after["title"]) == (before["id"], f"Withdrawn: {TITLE}")
        assert after["content_text"].startswith("Withdrawn on ")
        assert after["date_modified"] > before["date_modified"]
