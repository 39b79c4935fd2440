"""An announcement of arXiv as its user meets it: found by its year, cited with it, and followed in a private feed."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support import until
from tests.system.instance import Paperwire, paperwire, started

TITLE = "How robots fold paper cranes without looking"


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
