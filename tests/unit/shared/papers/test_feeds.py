"""Feeds: valid whatever is in a paper, and the same bytes for the same papers."""

import io
from typing import Any

import feedparser
import jsonschema
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.papers.feeds import Feed, write
from tests.atom import faults

JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "feed_url": {"type": "string", "pattern": "^https?://"},
        "home_page_url": {"type": "string", "pattern": "^https?://"},
        "next_url": {"type": "string", "pattern": "^https?://"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "content_text"],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "url": {"type": "string", "pattern": "^https?://"},
                    "external_url": {"type": "string", "pattern": "^https?://"},
                    "date_published": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT[\d:]+[+-]\d\d:\d\d$"},
                    "authors": {"type": "array", "items": {"type": "object", "required": ["name"]}},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}
ODD = ("<script>", "]]>", "&amp;", "\x00\x0b\ufffe")
HOSTILE = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(ODD)
PAPERS = st.fixed_dictionaries(
    {"id": HOSTILE.filter(bool), "title": HOSTILE},
    optional={
        "abstract": HOSTILE,
        "authors": st.lists(st.builds(lambda name: {"name": name}, HOSTILE), max_size=3),
        "categories": st.lists(HOSTILE, max_size=3),
        "published": st.dates().map(str).flatmap(lambda day: st.sampled_from((day, day[:7], day[:4]))) | st.none(),
        "updated": st.datetimes().map(lambda moment: moment.replace(microsecond=0).isoformat() + "Z"),
        "links": st.fixed_dictionaries({"abs": HOSTILE | st.just("https://arxiv.org/abs/2401.00001")}),
        "gist": st.none() | HOSTILE,
        "why": st.lists(HOSTILE, max_size=2),
        "status": st.sampled_from(("active", "withdrawn")),
        "life": st.lists(
            st.fixed_dictionaries({"kind": HOSTILE, "at": st.just("2026-03-04T05:06:07Z"), "version": HOSTILE}),
            max_size=3,
        ),
    },
)


def feed(*papers: dict[str, Any], **more: Any) -> Feed:
    fields = {"title": "Folding & <b>cranes</b>", "address": "http://x.example/feeds/search.atom?q=a%26b"}
    return Feed(**{**fields, "page": "http://x.example/?q=a%26b", "site": "http://x.example", "papers": papers, **more})


@given(st.lists(PAPERS, max_size=4))
def test_a_feed_of_any_papers_is_valid(papers: list[dict[str, Any]]) -> None:
    """INVARIANT: no paper makes a feed that a reader cannot read."""
    atom = write(feed(*papers), "atom")
    assert faults(atom) == []
    parsed = feedparser.parse(io.BytesIO(atom))
    assert not parsed.bozo
    assert len(parsed.entries) == len(papers)
    jsonschema.validate(orjson.loads(write(feed(*papers), "json")), JSON_FEED)


def test_the_validator_refuses_invalid_feeds() -> None:
    whole = write(feed({"id": "arXiv:1", "title": "A"}), "atom")
    assert faults(whole.replace(b"<title>A</title>", b""))
    assert faults(whole.replace(b"<name>Paperwire</name>", b""))


def test_an_entry_has_every_field() -> None:
    paper = {
        "id": "arXiv:hep-th/9901001",
        "title": "Naming is hard",
        "abstract": "Ids have slashes.",
        "authors": [{"name": "José García"}],
        "categories": ["hep-th"],
        "published": "1999-01-01",
        "links": {"abs": "https://arxiv.org/abs/hep-th/9901001"},
    }
    entry = feedparser.parse(io.BytesIO(write(feed(paper), "atom"))).entries[0]
    assert (entry.title, entry.summary, entry.author) == ("Naming is hard", "Ids have slashes.", "José García")
    assert entry.link == "http://x.example/papers/arXiv:hep-th/9901001"
    assert entry.published.startswith("1999-01-01T00:00:00")
    item = orjson.loads(write(feed(paper), "json"))["items"][0]
    assert item["id"] == entry.id
    assert item["external_url"] == "https://arxiv.org/abs/hep-th/9901001"
    assert item["tags"] == ["hep-th"]


def test_an_entry_keeps_its_id_when_its_work_gets_a_better_one() -> None:
    before = feed({"id": "doi:10.1234/cranes", "title": "A"})
    after = feed({"id": "arXiv:2401.00001", "first_id": "doi:10.1234/cranes", "title": "A"})
    ids = {feedparser.parse(io.BytesIO(write(each, "atom"))).entries[0].id for each in (before, after)}
    items = [orjson.loads(write(each, "json"))["items"][0] for each in (before, after)]
    assert {item["id"] for item in items} == ids
    assert len(ids) == 1
    assert items[1]["url"].endswith("/papers/arXiv:2401.00001")


@pytest.mark.parametrize("kind", ("published", "withdrawn", "restored", "code_added", "revised", "of_a_later_version"))
def test_what_happened_moves_an_entry_and_is_said_in_it(kind: str) -> None:
    """INVARIANT: any kind of change is seen by readers, under the same id."""
    before: dict[str, Any] = {"id": "arXiv:1", "title": "A", "abstract": "Folded.", "updated": "2026-01-02"}
    after = {**before, "life": [{"kind": kind, "at": "2026-03-04T05:06:07Z", "version": "v2"}]}
    said = f"{kind.replace('_', ' ').capitalize()} on 4 March 2026 (v2)."
    was, now = (feedparser.parse(io.BytesIO(write(feed(each), "atom"))).entries[0] for each in (before, after))
    assert (was.id, was.updated, was.summary) == (now.id, "2026-01-02T00:00:00+00:00", "Folded.")
    assert (now.updated, now.summary) == ("2026-03-04T05:06:07+00:00", f"{said}\n\nFolded.")
    item = orjson.loads(write(feed(after), "json"))["items"][0]
    assert (item["date_modified"], item["content_text"]) == ("2026-03-04T05:06:07+00:00", f"{said}\n\nFolded.")


def test_a_year_or_a_month_is_no_date_of_an_entry() -> None:
    """INVARIANT: a feed does not say the first of January of a paper of which the year is known."""
    seen = [{"source": "journal", "seen_at": "2026-03-04T09:00:00Z"}]
    papers = [{"id": f"x:{day}", "title": "A", "published": day, "sources": seen} for day in ("2026", "2026-02")]
    for entry in feedparser.parse(io.BytesIO(write(feed(*papers), "atom"))).entries:
        assert "published" not in entry
        assert entry.updated == "2026-03-04T09:00:00+00:00"
    for item in orjson.loads(write(feed(*papers), "json"))["items"]:
        assert "date_published" not in item


def test_the_same_papers_are_the_same_bytes_and_pages_are_linked() -> None:
    one = feed({"id": "arXiv:1", "title": "A"}, following="http://x.example/feeds/search.atom?cursor=c")
    assert write(one, "atom") == write(one, "atom")
    links = {link.rel: link.href for link in feedparser.parse(io.BytesIO(write(one, "atom"))).feed.links}
    assert links["next"].endswith("cursor=c")
    assert links["self"] == one.address
    assert orjson.loads(write(one, "json"))["next_url"].endswith("cursor=c")


def test_an_empty_feed_is_valid() -> None:
    assert faults(write(feed(), "atom")) == []


def test_an_entry_names_the_picture_that_the_instance_serves() -> None:
    papers = ({"id": "arXiv:hep-th/9901001", "title": "A"}, {"id": "arXiv:2", "title": "B"})
    pictures = {"arXiv:hep-th/9901001": {"version": "a1", "width": 352, "height": 185}}
    url = "http://x.example/papers/arXiv:hep-th/9901001/picture.webp?v=a1"
    atom = write(feed(*papers, pictures=pictures), "atom")
    assert faults(atom) == []
    one, other = feedparser.parse(io.BytesIO(atom)).entries
    assert one.media_thumbnail == [{"url": url, "width": "352", "height": "185"}]
    assert "media_thumbnail" not in other
    items = orjson.loads(write(feed(*papers, pictures=pictures), "json"))["items"]
    assert [item.get("image") for item in items] == [url, None]
