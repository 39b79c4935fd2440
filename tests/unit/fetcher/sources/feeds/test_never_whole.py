"""INVARIANT: a feed never fails whole: an entry that cannot be read is refused, and the others are kept."""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from re import findall
from typing import Any

import feedparser
import pytest

from services.fetcher.sources.feeds.parse import parse_feed
from services.fetcher.sources.port import Refusal
from shared.errors import TransientError
from tests.unit.fetcher.sources.documents import RDF

HEAD = '<?xml version="1.0"?><rss version="2.0"><channel><title>Cranes</title>'
ENTRY = (
    "<item>{before}<title>Twelve creases</title><link>https://cranes.example/1</link><author>a@x.example (Ada)</author>"
    "<category>folding</category>{after}<enclosure url='https://cranes.example/1.pdf'/><creator>Eve</creator></item>"
)
OTHER = "<item><title>Another paper</title><link>https://cranes.example/2</link></item>"
NAMES = (
    "authors", "author_detail", "contributors", "enclosures", "entries", "generator_detail", "image", "info_detail",
    "links", "media_content", "media_thumbnail", "newlocation", "published_parsed", "psc_chapters", "publisher_detail",
    "source_detail", "summary_detail", "tags", "textinput", "title_detail", "updated_parsed", "where",
)  # fmt: skip
SHAPES = ("<{0}>Ada; Ben</{0}>", '<{0} href="x">Ada</{0}>', "<{0}><author>Ada</author></{0}>", "<{0}/>")


def titles(channel: str, entry: str) -> list[str]:
    body = f"{HEAD}{channel}{entry}{OTHER}</channel></rss>"
    return [item.title for item in parse_feed(body.encode(), "cranes").items]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", NAMES)
def test_elements_called_as_the_library_calls_its_own_lose_no_entry(name: str, shape: str) -> None:
    odd, both = shape.format(name), ["Twelve creases", "Another paper"]
    assert titles(odd, ENTRY.format(before="", after="")) == both
    assert titles("", ENTRY.format(before=odd, after="")) == both
    assert titles("", ENTRY.format(before="", after=odd)) == both


def test_authors_and_tags_of_such_elements_are_read() -> None:
    entry = "<item><title>Twelve creases</title><authors>Ada Fold;Ben Crane</authors><tags>paper, cranes</tags></item>"
    item = parse_feed(f"{HEAD}{entry}</channel></rss>".encode(), "cranes").items[0]
    assert (item.authors, item.categories) == (("Ada Fold;Ben Crane",), ("paper", "cranes"))
    entry = "<item><title>T</title><authors><author>Ada Fold</author><author>Ben Crane</author></authors></item>"
    item = parse_feed(f"{HEAD}{entry}</channel></rss>".encode(), "cranes").items[0]
    assert item.authors == ("Ada Fold", "Ben Crane")


ITEM = "<item><title>{0}</title></item>"
ROOTS = (
    ("<rss><channel>{head}{entries}</channel></rss>", ITEM),
    (f'<rdf:RDF {RDF} xmlns="http://purl.org/rss/1.0/"><channel>{{head}}</channel>{{entries}}</rdf:RDF>', ITEM),
    ('<feed xmlns="http://www.w3.org/2005/Atom">{head}{entries}</feed>', "<entry><title>{0}</title></entry>"),
)


@pytest.mark.parametrize(("root", "entry"), ROOTS)
@pytest.mark.parametrize("fails", ("Two", "Head"))
def test_where_the_library_fails_each_entry_is_read_alone(
    root: str, entry: str, fails: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse: Callable[..., Any] = feedparser.parse

    def failing(file: Any, **options: Any) -> Any:
        if f"{fails}<".encode() in file.getvalue():
            raise AttributeError("'str' object has no attribute 'get'")
        return parse(file, **options)

    monkeypatch.setattr("services.fetcher.sources.feeds.library.feedparser.parse", failing)
    body = root.format(head="<title>Head</title>", entries="".join(map(entry.format, ("One", "Two", "Three"))))
    poll = parse_feed(body.encode(), "cranes")
    lost = {"Two"} & {fails}
    assert [item.title for item in poll.items] == [name for name in ("One", "Two", "Three") if name not in lost]
    reason = "cannot be read: AttributeError: 'str' object has no attribute 'get'"
    assert poll.refusals == [Refusal("entry 2", reason)] * len(lost)


@pytest.mark.long
def test_no_word_that_the_library_knows_loses_an_entry() -> None:
    files = Path(feedparser.__file__).parent.rglob("*.py")
    words = {word for file in files for word in findall(r"['\"]([a-z][a-z_:]{1,30})['\"]", file.read_text())} - {"item"}
    assert len(words) > 500
    both = ["Twelve creases", "Another paper"]
    for word, shape in product(sorted(words), SHAPES[:2]):
        odd = shape.format(word)
        assert titles(odd, ENTRY.format(before="", after="")) == both, odd
        assert titles("", ENTRY.format(before="", after=odd))[-1] == both[-1], odd  # some of them are the title


def test_a_challenge_page_is_still_no_feed() -> None:
    with pytest.raises(TransientError, match="not a feed"):
        parse_feed(b"<html><authors>Ada</authors></html>", "cranes")
