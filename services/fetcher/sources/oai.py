"""OAI-PMH records in arXiv's own format: a pure parser of an answer or of a saved file."""

import io
from xml.etree import ElementTree as ET

from services.fetcher.sources.port import Poll, Refusal
from services.fetcher.text import MAX_ABSTRACT, MAX_AUTHORS, MAX_TITLE, fit, moment, one_line
from shared.errors import PermanentError
from shared.events import Item

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_ARXIV = "{http://arxiv.org/OAI/arXiv/}"


def parse_oai(body: bytes, source: str = "arxiv") -> Poll:
    """Read the records of an OAI-PMH answer; deleted ones come out as withdrawn only when they carry metadata.

    Raises:
        PermanentError: this is no XML, or the answer is an error element.

    """
    items: list[Item] = []
    refusals: list[Refusal] = []
    number = 0
    try:
        for _, element in ET.iterparse(io.BytesIO(body)):  # noqa: S314  # expat bounds entity expansion
            if element.tag == f"{_OAI}error":
                message = f"the archive answers {element.get('code')}: {one_line(element.text or '')}"
                raise PermanentError(message)
            if element.tag != f"{_OAI}record":
                continue
            number += 1
            item = _item(element, source)
            items.append(item) if item else refusals.append(Refusal(f"record {number}", "no arXiv metadata"))
            element.clear()
    except ET.ParseError as error:
        message = f"not XML: {error}"
        raise PermanentError(message) from error
    return Poll(items, refusals)


def _item(record: ET.Element, source: str) -> Item | None:
    metadata = record.find(f"{_OAI}metadata/{_ARXIV}arXiv")
    if metadata is None:
        return None

    def text(name: str) -> str:
        return fit(metadata.findtext(f"{_ARXIV}{name}") or "").strip()

    arxiv, title = text("id"), " ".join(text("title").split())
    if not arxiv or not title:
        return None
    people = metadata.findall(f"{_ARXIV}authors/{_ARXIV}author")[:MAX_AUTHORS]
    return Item(
        source=source,
        id=f"arXiv:{arxiv}",
        title=title[:MAX_TITLE],
        abstract=text("abstract")[:MAX_ABSTRACT],
        authors=tuple(filter(None, (_name(author) for author in people))),
        categories=tuple(text("categories").split()),
        published=_moment(text("created")),
        updated=_moment(text("updated")),
        url=f"https://arxiv.org/abs/{arxiv}",
        identifiers={"doi": doi} if (doi := text("doi").split(" ")[0]) else {},
        withdrawn="withdrawn by" in text("comments").lower() or "has been withdrawn" in text("comments").lower(),
    )


def _name(author: ET.Element) -> str:
    parts = (author.findtext(f"{_ARXIV}{part}") or "" for part in ("forenames", "keyname", "suffix"))
    return " ".join(fit(" ".join(parts)).split())


def _moment(text: str) -> str | None:
    try:
        return moment(text) if text else None
    except ValueError:
        return None
