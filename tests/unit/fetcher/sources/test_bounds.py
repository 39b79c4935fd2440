"""Fields beyond the bounds, in the format of every source: what is kept, and what is said about it."""

import json
import time
from collections.abc import Callable

import pytest
from pydantic import TypeAdapter

from services.fetcher.sources.arxiv.api_parse import read_slice
from services.fetcher.sources.arxiv.oai_parse import read_page
from services.fetcher.sources.biorxiv.parse import parse_details
from services.fetcher.sources.feeds.parse import parse_feed
from services.fetcher.sources.files.jsonl import parse_line
from services.fetcher.sources.huggingface.parse import parse_daily
from services.fetcher.sources.openreview.parse import parse_notes
from services.fetcher.sources.port import Poll, Refusal
from shared.papers.bounds import MAX_ABSTRACT, MAX_AUTHOR, MAX_AUTHORS, MAX_CATEGORY, MAX_ID, MAX_TITLE
from shared.papers.events import Item

Parsed = tuple[list[Item], list[Refusal]]
ABSTRACT = "y" * (MAX_ABSTRACT + 1)
PEOPLE = ["Ada Origami", "z" * (MAX_AUTHOR + 1)]
CATEGORY = "c" * (MAX_CATEGORY + 1)
FEW_S = 2.0


def api(title: str, abstract: str, people: list[str], name: str) -> Parsed:
    authors = "".join(f"<author><name>{person}</name></author>" for person in people)
    found = read_slice(
        f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>{name or "http://arxiv.org/abs/2603.00001"}</id>'
        f"<title>{title}</title><summary>{abstract}</summary>{authors}<category term='{CATEGORY}'/></entry>"
        "</feed>".encode()
    )
    return found.items, found.refusals


def oai(title: str, abstract: str, people: list[str], name: str) -> Parsed:
    authors = "".join(f"<author><keyname>{person}</keyname></author>" for person in people)
    page = read_page(
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><metadata>'
        f'<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{name or "2603.00001"}</id><title>{title}</title>'
        f"<authors>{authors}</authors><categories>cs.RO</categories><abstract>{abstract}</abstract></arXiv>"
        "</metadata></record></ListRecords></OAI-PMH>".encode()
    )
    return page.items, page.refusals


def rss(title: str, abstract: str, people: list[str], name: str) -> Parsed:
    authors = "".join(f"<dc:creator>{person}</dc:creator>" for person in people)
    poll = parse_feed(
        f'<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Cranes</title><item>'
        f"<guid>{name or 'https://x.example/1'}</guid><title>{title}</title><description>{abstract}</description>"
        f"{authors}<category>{CATEGORY}</category></item></channel></rss>".encode(),
        "folds",
    )
    return poll.items, poll.refusals


def json_feed(title: str, abstract: str, people: list[str], name: str) -> Parsed:
    entry = {"id": name or "1", "title": title, "summary": abstract, "authors": [{"name": one} for one in people]}
    poll = parse_feed(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [entry]}).encode(), "folds")
    return poll.items, poll.refusals


def biorxiv(title: str, abstract: str, people: list[str], name: str) -> Parsed:
    row = {"doi": name or "10.1101/123456", "title": title, "abstract": abstract, "authors": "; ".join(people)}
    page = parse_details(json.dumps({"collection": [row]}).encode(), "biorxiv")
    return page.items, page.refusals


def openreview(title: str, abstract: str, people: list[str], name: str) -> Parsed:
    content = {"title": {"value": title}, "abstract": {"value": abstract}, "authors": {"value": people}}
    page = parse_notes(json.dumps({"notes": [{"id": name or "aBc", "content": content}]}).encode()).page
    return page.items, page.refusals


def huggingface(title: str, abstract: str, people: list[str], name: str) -> Parsed:
    authors = [{"name": person} for person in people]
    paper = {"id": name or "2603.00001", "title": title, "summary": abstract, "authors": authors}
    page = parse_daily(json.dumps([{"paper": paper}]).encode(), "2026-03-04").page
    return page.items, page.refusals


def jsonl(title: str, abstract: str, people: list[str], name: str) -> Parsed:
    row = {"id": name or "1", "title": title, "abstract": abstract, "authors": people}
    item, refusals = parse_line(json.dumps(row).encode(), 1, "file")
    return [item] if item else [], refusals


FORMATS = pytest.mark.parametrize("parse", (api, oai, rss, json_feed, biorxiv, openreview, huggingface, jsonl))
Parse = Callable[[str, str, list[str], str], Parsed]


@FORMATS
def test_what_is_too_long_is_cut_and_the_cut_is_noted(parse: Parse) -> None:
    [item], notes = parse("Paper cranes", ABSTRACT, PEOPLE, "")
    assert len(item.abstract) == MAX_ABSTRACT
    assert [len(name) for name in item.authors] == [len("Ada Origami"), MAX_AUTHOR]
    assert all(len(category) <= MAX_CATEGORY for category in item.categories)
    assert all(note.cleaned for note in notes)
    assert any("cut to 50,000 characters" in note.reason for note in notes)
    assert parse is biorxiv or any("1 of 2 cut to 300 characters" in note.reason for note in notes)


@FORMATS
def test_a_long_title_is_cut_or_refused_with_its_reason(parse: Parse) -> None:
    items, notes = parse("x" * (MAX_TITLE + 1), "", PEOPLE[:1], "")
    assert all(len(item.title) == MAX_TITLE for item in items)
    assert len(notes) == 1
    assert "2,000" in notes[0].reason


@FORMATS
def test_a_long_id_is_refused_not_cut(parse: Parse) -> None:
    items, notes = parse("Paper cranes", "", PEOPLE[:1], "a" * (MAX_ID + 1))
    assert items == []
    assert not notes[-1].cleaned


@FORMATS
def test_more_authors_than_the_bound_are_left_out_with_a_note(parse: Parse) -> None:
    people = [f"A{number}" for number in range(MAX_AUTHORS + 1)]
    [item], notes = parse("Paper cranes", "", people, "")
    assert len(item.authors) == MAX_AUTHORS
    assert parse is biorxiv or len(notes) == 1


@FORMATS
@pytest.mark.parametrize("filler", (" ", "(", "a()", ")", "v1", "?id=;", "\u0301\u0316", "1", "ab "))
def test_no_field_takes_long(parse: Parse, filler: str) -> None:
    long = "x" + filler * 20_000
    started = time.thread_time()
    parse(long, long, ["Bo"] if parse is rss else [long, "Bo"], long)  # feedparser has a worker process and its limits
    assert time.thread_time() - started < FEW_S


@pytest.mark.parametrize("parse", (json_feed, biorxiv, openreview, huggingface, jsonl))
def test_lone_surrogates_of_json_are_dropped_from_every_field(parse: Parse) -> None:
    """INVARIANT: an item can be stored, whatever half characters its source escapes."""
    [item], _ = parse("A \ud800crane", "folded \udfff", ["Ada \ud83d Origami", "\ud83d"], "")
    assert json.loads(item.model_dump_json())["title"] == "A crane"


def test_lone_surrogates_in_the_rest_of_a_json_feed_do_not_stop_it() -> None:
    entry = {"id": "1\ud800", "title": "Paper cranes", "tags": ["\ud800"], "url": "https://x.example/\ud800"}
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "\ud800", "next_url": "/2\ud800", "items": [entry]}
    poll = parse_feed(json.dumps(feed).encode(), "folds")
    assert poll.more == "/2"
    assert TypeAdapter(Poll).dump_json(poll)
