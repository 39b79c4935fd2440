"""Every source reads a withdrawal from where it tells it, by the one classifier."""

import orjson
import pytest

from services.fetcher.sources.arxiv.api_parse import read_slice
from services.fetcher.sources.arxiv.oai_parse import parse_oai
from services.fetcher.sources.biorxiv.parse import parse_details
from services.fetcher.sources.feeds.parse import parse_feed
from services.fetcher.sources.files.jsonl import parse_line

GONE = "Withdrawn because of a sign error in Section 2"
KEPT = "Withdrawn from the workshop and extended"


def _atom(comment: str) -> bytes:
    return f"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"><entry>
    <id>http://arxiv.org/abs/2401.00001v2</id><title>Tin boats</title><summary>We sail.</summary>
    <author><name>Ada Sample</name></author><arxiv:comment>{comment}</arxiv:comment></entry></feed>""".encode()


def _oai(comment: str, kind: str = "D") -> bytes:
    return f"""<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><metadata>
    <arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>2401.00001</id>
    <version version="v1"><date>Tue, 02 Jan 2024 08:00:00 GMT</date><source_type>D</source_type></version>
    <version version="v2"><date>Wed, 03 Jan 2024 08:00:00 GMT</date><source_type>{kind}</source_type></version>
    <title>Tin boats</title><authors>Ada Sample</authors><categories>cs.RO</categories><comments>{comment}</comments>
    <abstract>We sail.</abstract></arXivRaw></metadata></record></ListRecords></OAI-PMH>""".encode()


def _rss(title: str) -> bytes:
    return f"""<rss version="2.0"><channel><title>Boats</title><item><title>{title}</title>
    <link>https://boats.example/1</link><description>We sail.</description></item></channel></rss>""".encode()


def _biorxiv(title: str) -> bytes:
    row = {"doi": "10.1101/2026.03.01.000001", "title": title, "date": "2026-03-04", "version": "2", "authors": "Ada"}
    return orjson.dumps({"messages": [{"status": "ok"}], "collection": [row]})


def _line(**fields: str) -> bool:
    item, refusals = parse_line(orjson.dumps({"id": "p:1", "title": "Tin boats", **fields}), 1, "file")
    assert item is not None
    assert refusals == []
    return item.withdrawn


@pytest.mark.parametrize(("comment", "withdrawn"), [(GONE, True), (KEPT, False)])
def test_a_withdrawal_is_read_from_the_comment_of_the_authors(comment: str, *, withdrawn: bool) -> None:
    found = (
        read_slice(_atom(comment)).items[0].withdrawn,
        parse_feed(_atom(comment), "file").items[0].withdrawn,
        parse_oai(_oai(comment)).items[0].withdrawn,
        _line(comment=comment),
        _line(comments=comment),
    )
    assert set(found) == {withdrawn}


@pytest.mark.parametrize(("title", "withdrawn"), [("WITHDRAWN: Tin boats", True), ("Withdrawn tin boats", False)])
def test_a_withdrawal_is_read_from_the_title(title: str, *, withdrawn: bool) -> None:
    found = (
        parse_feed(_rss(title), "boats").items[0].withdrawn,
        parse_details(_biorxiv(title), "biorxiv").items[0].withdrawn,
        _line(title=title),
    )
    assert set(found) == {withdrawn}


@pytest.mark.parametrize(("kind", "withdrawn"), [("I", True), ("DI", True), ("D", False), ("", False)])
def test_a_last_version_without_files_is_a_withdrawal(kind: str, *, withdrawn: bool) -> None:
    assert parse_oai(_oai("9 pages", kind)).items[0].withdrawn is withdrawn
