"""INVARIANT: any feed that feedparser reads, the fetcher reads: the same entries, whatever the format and the fault."""

import io
from collections.abc import Callable, Sequence
from itertools import product
from typing import Final

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetcher.sources.feeds.parse import parse_feed
from services.fetcher.sources.feeds.trim import trimmed
from services.fetcher.sources.fields import fit
from shared.errors import TransientError
from tests.support import examples

RDF: Final = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
DC: Final = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
LINK: Final = "https://cranes.example/{}"


def _rows(template: str, titles: Sequence[str]) -> str:
    return "".join(template.format(title=title, link=LINK.format(n), n=n) for n, title in enumerate(titles))


def _rss(version: str, item: str, titles: Sequence[str]) -> str:
    head = "<title>Cranes</title><link>https://cranes.example/</link><description>Folded</description>"
    return f'<rss version="{version}"><channel>{head}{_rows(item, titles)}</channel></rss>'


def _rdf(name: str, item: str, titles: Sequence[str]) -> str:
    head = '<channel rdf:about="https://cranes.example/"><title>Cranes</title></channel>'
    return f'<rdf:RDF {RDF} {DC} xmlns="{name}">{head}{_rows(item, titles)}</rdf:RDF>'


def _atom(namespace: str, extra: str, titles: Sequence[str]) -> str:
    entry = (
        '<entry><title>{title}</title><link rel="alternate" href="{link}"/><id>urn:crane:{n}</id>'
        "<author><name>Ada Origami</name></author>" + extra + "</entry>"
    )
    return f'<feed version="0.3" xmlns="{namespace}"><title>Cranes</title>{_rows(entry, titles)}</feed>'


def _prefixed(titles: Sequence[str]) -> str:
    entry = "<a:entry><a:title>{title}</a:title><a:id>urn:crane:{n}</a:id></a:entry>"
    return f'<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>Cranes</a:title>{_rows(entry, titles)}</a:feed>'


ITEM: Final = "<item><title>{title}</title><link>{link}</link><description>Folded.</description>"
CDF: Final = '<item href="{link}"><title>{title}</title><abstract>Folded.</abstract></item>'
FORMATS: Final[dict[str, Callable[[Sequence[str]], str]]] = {
    "rss090": lambda titles: _rdf("http://my.netscape.com/rdf/simple/0.9/", f"{ITEM}</item>", titles),
    "rss091": lambda titles: _rss("0.91", f"{ITEM}</item>", titles),
    "rss092": lambda titles: _rss("0.92", f"{ITEM}<category>cs.RO</category></item>", titles),
    "rss093": lambda titles: _rss("0.93", f"{ITEM}<pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate></item>", titles),
    "rss10": lambda titles: _rdf(
        "http://purl.org/rss/1.0/",
        '<item rdf:about="{link}"><title>{title}</title><link>{link}</link><dc:creator>Ada Origami</dc:creator></item>',
        titles,
    ),
    "rss20": lambda titles: _rss("2.0", f'{ITEM}<guid isPermaLink="false">urn:crane:{{n}}</guid></item>', titles),
    "rss": lambda titles: _rss("3.7", f"{ITEM}</item>", titles),
    "atom03": lambda titles: _atom("http://purl.org/atom/ns#", "<issued>2026-03-02T08:00:00Z</issued>", titles),
    "atom10": lambda titles: _atom(
        "http://www.w3.org/2005/Atom", "<updated>2026-03-02T08:00:00Z</updated><summary>Folded.</summary>", titles
    ),
    "atom10-prefixed": _prefixed,
    "cdf": lambda titles: (
        f'<channel href="https://cranes.example/"><title>Cranes</title>{_rows(CDF, titles)}</channel>'
    ),
    "bare": lambda titles: f"<channel><title>Cranes</title>{_rows(f'{ITEM}</item>', titles)}</channel>",
}
DECLARED: Final = '<?xml version="1.0" encoding="utf-8"?>'


def _in_last_title(text: str, more: str) -> str:
    """Put something at the end of the last title, whatever the prefix of its tag is."""
    head, _, tail = text.rpartition("</title>") if "</title>" in text else text.rpartition("</a:title>")
    return f"{head}{more}{text[len(head) : len(text) - len(tail)]}{tail}"


FAULTS: Final[dict[str, Callable[[str], bytes]]] = {
    "none": lambda text: (DECLARED + text).encode(),
    "no declaration": str.encode,
    "blanks before": lambda text: f"\n \n{DECLARED}{text}".encode(),
    "a mark before": lambda text: (DECLARED + text).encode("utf-8-sig"),
    "utf-16": lambda text: (DECLARED.replace("utf-8", "utf-16") + text).encode("utf-16"),
    "latin-1 said to be utf-8": lambda text: (
        (DECLARED + text).replace("Cranes", "Grue à papier").encode("latin-1", "ignore")
    ),
    "utf-8 said to be ascii": lambda text: (DECLARED.replace("utf-8", "us-ascii") + text + "<!-- ✓ -->").encode(),
    "unknown charset": lambda text: (DECLARED.replace("utf-8", "x-cranes") + text).encode(),
    "cut in the last entry": lambda text: (DECLARED + text)[: -len("</item></channel></rss>")].encode(),
    "root not closed": lambda text: (DECLARED + text.rpartition("</")[0]).encode(),
    "an element not closed": lambda text: (DECLARED + text).replace("</title>", "</title><x>").encode(),
    "undeclared entity": lambda text: _in_last_title(DECLARED + text, " &copy; &nbsp;").encode(),
    "unheard-of entity": lambda text: _in_last_title(DECLARED + text, " &crane;").encode(),
    "bare ampersand": lambda text: _in_last_title(DECLARED + text, " A & B").encode(),
    "undeclared prefix": lambda text: (DECLARED + text).replace("</title>", "</title><x:y/>").encode(),
    "undeclared prefix of an attribute": lambda text: (DECLARED + text).replace("<title>", '<title x:y="z">').encode(),
    "attribute without quotes": lambda text: (DECLARED + text).replace("<title>", "<title type=text>").encode(),
    "attribute twice": lambda text: (DECLARED + text).replace("<title>", '<title a="1" a="2">').encode(),
    "control characters": lambda text: _in_last_title(DECLARED + text, "\x01\x0b").encode(),
    "character that is none": lambda text: _in_last_title(DECLARED + text, "&#0;&#xFFFF;").encode(),
    "junk after": lambda text: f"{DECLARED}{text}<p>Sponsored by <b>nobody".encode(),
    "doctype": lambda text: f'<!DOCTYPE rss SYSTEM "https://cranes.example/x.dtd">{text}'.encode(),
    "stylesheet": lambda text: f'{DECLARED}<?xml-stylesheet href="x.css" type="text/css"?>{text}'.encode(),
    "comment": lambda text: (DECLARED + text).replace("<title>", "<!-- <item> --><title>").encode(),
    "cdata": lambda text: _in_last_title(DECLARED + text, "<![CDATA[ & <so on>]]>").encode(),
    "cdata not closed": lambda text: f"{DECLARED}{text}<![CDATA[ never".encode(),
    "capitals": lambda text: (DECLARED + text).replace("title>", "TITLE>").encode(),
    "dos line ends": lambda text: (DECLARED + text).replace("><", ">\r\n<").encode(),
}
TITLES: Final = ("Folding with one arm", "Twelve creases", "Café cranes ✓")


def entries(body: bytes) -> list[str]:
    """Give the titles of the entries that feedparser reads; one without a title is no paper."""
    parsed = feedparser.parse(io.BytesIO(body))
    return [title for entry in parsed.entries if (title := fit(str(entry.get("title", ""))).strip())]


def items(body: bytes) -> list[str]:
    return [item.title for item in parse_feed(body, "cranes").items]


def bare(title: str) -> str:
    """Leave of a title what markup has no say in: cleaning it is the enricher's."""
    return "".join(character for character in title.partition("<")[0] if character.isalnum())


@pytest.mark.parametrize(("kind", "fault"), tuple(product(FORMATS, FAULTS)))
def test_entries_agree_with_feedparser(kind: str, fault: str) -> None:
    body = FAULTS[fault](FORMATS[kind](TITLES))
    published = entries(body)[: -1 if trimmed(body, 10).cut.startswith("the feed was cut in it") else None]
    assert [bare(title) for title in items(body)] == [bare(title) for title in published]


@pytest.mark.parametrize("kind", FORMATS)
def test_feedparser_reads_every_format(kind: str) -> None:
    """Without this the comparison would also hold for formats that neither of them knows."""
    assert items(FAULTS["none"](FORMATS[kind](TITLES))) == list(TITLES)


def test_few_faults_lose_an_entry() -> None:
    """Of all formats with all faults, as good as every entry is read."""
    counts = [len(items(FAULTS[fault](FORMATS[kind](TITLES)))) for kind, fault in product(FORMATS, FAULTS)]
    assert sum(counts) >= 0.95 * len(TITLES) * len(counts)


LETTERS: Final = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=30)


@examples(150)
@given(
    kind=st.sampled_from(tuple(FORMATS)),
    faults=st.tuples(st.sampled_from(tuple(FAULTS)), st.sampled_from(tuple(FAULTS))),
    titles=st.lists(LETTERS, max_size=6, unique=True),
    cut=st.integers(0, 40),
)
def test_two_faults_and_a_missing_end_lose_few_entries(
    kind: str, faults: tuple[str, str], titles: list[str], cut: int
) -> None:
    body = FAULTS[faults[0]](FORMATS[kind](titles))
    body = FAULTS[faults[1]](body.decode("utf-8", "replace"))
    # Of half a character the library makes that all others are in another encoding.
    encoding = "utf-16" if faults[1] == "utf-16" else "utf-8"
    body = body[: len(body) - cut].decode(encoding, "ignore").encode(encoding)
    published = [bare(title) for title in entries(body)]
    try:
        found = items(body)
    except TransientError:
        found = []
    # feedparser also returns half an entry, and reads nothing of some feeds whose declared encoding is not theirs.
    whole = published or titles
    half = cut or "cut in the last entry" in faults
    assert [bare(title) for title in found] in (published, whole, published[:-1] if half else published)
