"""Lists of feeds in OPML (http://opml.org/spec2.opml). Pure.

A document that is well-formed is read as XML. Many lists are not: they have `&` in addresses, references to characters
that XML does not know, or a lost quotation mark. Then each outline is read by itself, as a browser reads a tag.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise
from typing import Final
from urllib.parse import urlsplit, urlunsplit
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml import DefusedXmlException
from defusedxml.sax import parseString

from services.cli.transfer.formats import Refused, decoded
from services.fetcher.sources.xml_text import as_utf8
from shared.errors import ConfigurationError
from shared.papers.bounds import MAX_URL
from shared.papers.feeds import OPML_TITLE

MAX_OUTLINE: Final = 16_384
"""Characters of an outline in a document that is not well-formed."""
MAX_OUTLINES: Final = 100_000
_OUTLINE: Final = re.compile(r"<outline(?=[\s/>])", re.IGNORECASE)
_OWN_TITLE: Final = re.compile(rf"<title>\s*{OPML_TITLE}\s*</title>", re.IGNORECASE)
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^<>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w.:-]{1,40})["']""")
_FEED_BEFORE: Final = re.compile(r"^feed:(?://)?(?=https?:)", re.IGNORECASE)
_FEED_SCHEME: Final = re.compile(r"^feed:(?=//)", re.IGNORECASE)
_PORTS: Final = {"http": 80, "https": 443}
_TITLES: Final = ("title", "text", "xmlurl")
_LINKS: Final = ("htmlurl", "url")
_KINDS: Final = frozenset({"rss", "atom", "feed", "include", "link"})
Attributes = Mapping[str, str]
"""The attributes of an outline by their names in lower case."""
Row = tuple[int, Attributes]
"""The line of an outline, and its attributes."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed of a list. `ours` says that an instance of Paperwire wrote the list."""

    title: str
    url: str
    ours: bool = False


def read_opml(raw: bytes) -> tuple[list[Feed], list[Refused]]:
    """Read the feeds of a list, nested or not, and name each outline that should be one and cannot be read.

    Raises:
        ConfigurationError: the document defines entities, or has no outlines.

    """
    refused: list[Refused] = []
    rows, ours = _rows(raw, refused)
    if not rows and not refused:
        raise ConfigurationError("The file is not valid OPML: it has no outlines.")
    if len(rows) > MAX_OUTLINES:
        refused.append(Refused(f"line {rows[MAX_OUTLINES][0]}", f"only the first {MAX_OUTLINES:,} outlines are read"))
    feeds = [Feed(title, url, ours) for title, url in _feeds(rows[:MAX_OUTLINES], refused)]
    return list(dict.fromkeys(feeds)), refused


def same_address(url: str) -> str | None:
    """Return an address as addresses compare: the host in lower case, no default port, no fragment; None for others."""
    plain = _FEED_SCHEME.sub("http:", _FEED_BEFORE.sub("", url.strip(), count=1), count=1)
    try:
        parts = urlsplit(plain)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        return None
    if scheme not in _PORTS or not host or len(url) > MAX_URL:
        return None
    user, at, _ = parts.netloc.rpartition("@")
    place = (f"[{host}]" if ":" in host else host) + (f":{port}" if port not in (None, _PORTS[scheme]) else "")
    return urlunsplit((scheme, f"{user}{at}{place}", parts.path or "/", parts.query, ""))


def _feeds(rows: Iterable[Row], refused: list[Refused]) -> Iterator[tuple[str, str]]:
    for line, given in rows:
        title = " ".join(next((given[name] for name in _TITLES if given.get(name, "").strip()), "untitled").split())
        url, where = given.get("xmlurl", "").strip(), f"line {line} ({title[:100]})"
        if same_address(url):
            yield title, url
        elif url:
            refused.append(Refused(where, f"its address is not one of http or https: {url[:100]}"))
        elif given.get("type", "").strip().lower() in _KINDS or any(map(given.get, _LINKS)):
            refused.append(Refused(where, "it has no xmlUrl, which is the address of a feed"))


def _rows(raw: bytes, refused: list[Refused]) -> tuple[list[Row], bool]:
    """Return the outlines of a document, and whether Paperwire wrote it."""
    document = _Document()
    try:
        parseString(as_utf8(raw), document)
    except DefusedXmlException as error:
        message = "The file is not valid OPML: it defines entities, which are not read. Remove its DOCTYPE."
        raise ConfigurationError(message) from error
    except (SAXException, ValueError, LookupError):
        text = _without_comments(_text(raw))
        return list(_one_by_one(text, refused)), _OWN_TITLE.search(text[:MAX_OUTLINE]) is not None
    return document.rows, "".join(document.title).strip() == OPML_TITLE


class _Document(ContentHandler):
    """What a well-formed document holds."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.title: list[str] = []
        self._path: list[str] = []
        self._place: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802  # the name of the library
        self._place = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  # as above
        self._path.append(name.lower())
        if self._path[-1] == "outline":
            line = (self._place.getLineNumber() if self._place else None) or 0
            self.rows.append((line, {key.lower(): value for key, value in attrs.items()}))

    def endElement(self, name: str) -> None:  # noqa: ARG002, N802  # as above
        self._path.pop()

    def characters(self, content: str) -> None:
        if self._path == ["opml", "head", "title"]:
            self.title.append(content)


class _Tag(HTMLParser):
    """The attributes of the first tag of a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.attributes: dict[str, str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # of the library
        if self.attributes is None:
            self.attributes = {}
            for name, value in attrs:
                self.attributes.setdefault(name, value or "")


def _one_by_one(text: str, refused: list[Refused]) -> Iterator[Row]:
    """Read each outline by itself, so that one that is broken does not take the next ones with it."""
    starts = [*(found.start() for found in _OUTLINE.finditer(text)), len(text)]
    line, before = 1, 0
    for start, end in pairwise(starts):
        line, before = line + text.count("\n", before, start), start
        part = text[start : min(end, start + MAX_OUTLINE)]
        given = _Tag(part).attributes
        if given is not None and ("xmlurl" in given or "xmlurl=" not in part.partition(">")[0].lower()):
            yield line, given
        else:
            refused.append(Refused(f"line {line}", f"the outline is not well-formed: {' '.join(part.split())[:100]}"))


def _without_comments(text: str) -> str:
    """Return a text without comments; their line ends stay, so that lines keep their numbers."""
    kept: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept += (text[at:start], "\n" * text.count("\n", start, end))
        at = end + 3
    return "".join([*kept, text[at:]])


def _text(raw: bytes) -> str:
    """Return the text of a document in the encoding that it declares, if it is in that encoding."""
    found = _DECLARED.match(raw[:500])
    try:
        return raw.decode(found[1].decode()) if found else decoded(raw)
    except (LookupError, UnicodeDecodeError):
        return decoded(raw)
