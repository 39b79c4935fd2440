"""INVARIANT: whatever a source sends, its parser returns what it can read or raises one of our errors."""

import random
from collections.abc import Callable
from typing import Any, Final

import pytest

from services.fetcher.sources.arxiv.api_parse import read_slice
from services.fetcher.sources.arxiv.oai_parse import parse_oai
from services.fetcher.sources.biorxiv.parse import parse_details
from services.fetcher.sources.feeds.parse import parse_feed
from services.fetcher.sources.openreview.parse import parse_notes
from shared.errors import PaperwireError
from tests.unit.fetcher.sources.documents import API, BIORXIV, FEEDS, JSON_FEED, OAI, OPENREVIEW

Parser = Callable[[bytes], Any]
PARSERS: Final[dict[str, tuple[Parser, tuple[bytes, ...]]]] = {
    "feed": (lambda body: parse_feed(body, "cranes"), FEEDS),
    "JSON Feed": (lambda body: parse_feed(body, "cranes"), JSON_FEED),
    "OAI-PMH": (parse_oai, OAI),
    "arXiv API": (read_slice, API),
    "bioRxiv": (lambda body: parse_details(body, "biorxiv"), BIORXIV),
    "OpenReview": (parse_notes, OPENREVIEW),
}
PIECES: Final = (
    b"<", b">", b"</", b"/>", b"&", b"&#0;", b"&#xD800;", b"]]>", b"<![CDATA[", b"<!--", b"<?xml ", b'"', b"'", b"\0",
    b"\xff\xfe", b"{", b"}", b"[", b"]", b":", b",", b"null", b"true", b"-1", b"1e999", b"9" * 30, b"\\ud800", b"%",
    b"<authors>", b"<links>", b"<tags/>", b"utf-0", b"2026-99-99", b"10.1000/", b"arXiv:", b"\xe2\x80\xae", b"//[",
)  # fmt: skip


def mutated(document: bytes, draw: random.Random) -> bytes:
    """Insert, drop, repeat, swap or flip some bytes of a document, or cut its end."""
    body = bytearray(document)
    for _ in range(draw.randint(1, 8)):
        start = draw.randrange(len(body) + 1)
        end = min(len(body), start + draw.choice((1, 4, 20, 200)))
        match draw.randrange(6):
            case 0:
                body[start:start] = draw.choice(PIECES)
            case 1:
                del body[start:end]
            case 2:
                body[start:start] = body[start:end] * draw.choice((1, 2, 50))
            case 3:
                body[start:end] = draw.choice(PIECES)
            case 4:
                body[start:end] = bytes(draw.randrange(256) for _ in range(end - start))
            case _:
                body[start:end] = body[start:end].swapcase()
    return bytes(body[: draw.randrange(len(body) + 1)] if body and draw.random() < 0.1 else body)


def fuzz(kind: str, times: int) -> None:
    parse, documents = PARSERS[kind]
    draw = random.Random(f"cranes {kind}")  # a fixed seed, so that a failure comes again
    read = 0
    for _ in range(times):
        body = mutated(draw.choice(documents), draw)
        try:
            parse(body)
            read += 1
        except PaperwireError:
            continue
        except Exception as error:
            error.add_note(f"The document was {body!r}")
            raise
    assert read >= times // 50


@pytest.mark.parametrize("kind", PARSERS)
def test_no_document_makes_a_parser_fail(kind: str) -> None:
    fuzz(kind, 150)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", PARSERS)
def test_none_of_ten_thousand_documents_makes_a_parser_fail(kind: str) -> None:
    fuzz(kind, 10_000)
