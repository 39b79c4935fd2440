"""A paper as Zotero itself exports an item, in RDF: the only format that says what a preprint is, and where its PDF is.

Everything in a paper is untrusted: the writer of XML escapes it, and what XML cannot hold is left out.
"""

import re
from typing import Final
from xml.etree import ElementTree as ET

from shared.export.citable import citable
from shared.export.citation import address_of, people
from shared.papers.paper import Paper

_NAMES: Final = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "z": "http://www.zotero.org/namespaces/export#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "bib": "http://purl.org/net/biblio#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "link": "http://purl.org/rss/1.0/modules/link/",
    "prism": "http://prismstandard.org/namespaces/1.2/basic/",
}
_UNFIT: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PDF: Final = "#pdf"
for _prefix, _name in _NAMES.items():
    ET.register_namespace(_prefix, _name)


def zotero_rdf(paper: Paper) -> bytes:
    """Write a paper as an item of Zotero: a journal article, a conference paper, or a preprint in its archive."""
    cited = citable(paper)
    root = ET.Element(_in("rdf:RDF"))
    item = ET.SubElement(root, _in("rdf:Description"), {_in("rdf:about"): "#item"})
    kind = ("conferencePaper" if cited.place.proceedings else "journalArticle") if cited.place else "preprint"
    _text(item, "z:itemType", kind)
    if place := cited.place:
        where = {"publicationName": place.name, "volume": place.volume, "number": place.number}
        for name, value in where.items():
            _text(item, f"prism:{name}", value or "")
        _text(item, "bib:pages", place.pages or "")
    elif cited.arxiv:
        _text(item, "dc:publisher/foaf:Organization/foaf:name", "arXiv")
        _text(item, "prism:number", f"arXiv:{cited.arxiv}")
    _authors(item, paper)
    _text(item, "dc:title", paper.title)
    _text(item, "dcterms:abstract", paper.abstract)
    _text(item, "dc:date", "-".join(f"{part:02d}" for part in cited.date))
    _text(item, "z:language", paper.language or "")
    _text(item, "dc:identifier", f"DOI {cited.doi}" if cited.doi else "")
    _text(item, "dc:identifier/dcterms:URI/rdf:value", address_of(paper))
    _text(item, "dc:description", f"arXiv:{cited.arxiv}" if cited.arxiv else cited.note)
    for keyword in paper.keywords:
        _text(item, "dc:subject", keyword)
    _attachment(root, item, paper.links.pdf or "")
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _authors(item: ET.Element, paper: Paper) -> None:
    names = list(people(paper))
    if not names:
        return
    sequence = _below(item, "bib:authors/rdf:Seq")
    for name in names:
        person = _below(sequence, "rdf:li/foaf:Person")
        _text(person, "foaf:surname", f"{name.full_family} {name.suffix}".strip())
        _text(person, "foaf:givenName", name.given)


def _attachment(root: ET.Element, item: ET.Element, address: str) -> None:
    if not address.startswith(("https://", "http://")):
        return
    ET.SubElement(item, _in("link:link"), {_in("rdf:resource"): _PDF})
    attachment = ET.SubElement(root, _in("z:Attachment"), {_in("rdf:about"): _PDF})
    _text(attachment, "z:itemType", "attachment")
    _text(attachment, "dc:identifier/dcterms:URI/rdf:value", address)
    _text(attachment, "dc:title", "Full Text PDF")
    _text(attachment, "link:type", "application/pdf")


def _below(parent: ET.Element, path: str) -> ET.Element:
    """Add elements, each in the one before, and return the last."""
    for name in path.split("/"):
        parent = ET.SubElement(parent, _in(name))
    return parent


def _text(parent: ET.Element, path: str, text: str) -> None:
    """Add a text in elements of its own; an empty one is left out."""
    if text := " ".join(_UNFIT.sub("", text).split()):
        _below(parent, path).text = text


def _in(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_NAMES[prefix]}}}{local}"
