"""The identity of a work: the ids it is known by, and the one that is its own."""

import hashlib
from collections.abc import Mapping

from shared.events import Item
from shared.names import arxiv_id, author_keys, canonical_id, doi, fold

_SHORT_TITLE = 16
"""Characters: a folded title shorter than this ("introduction") says too little to identify a work."""


def identifiers(item: Item) -> dict[str, str]:
    """Collect the known identifiers of an item: `arxiv` without version, `doi`, and what else its source gave."""
    found = dict(item.identifiers)
    for text in (item.identifiers.get("arxiv", ""), item.id, item.url or "", item.identifiers.get("doi", "")):
        if arxiv := arxiv_id(text):
            found["arxiv"] = arxiv[0]
            break
    else:
        found.pop("arxiv", None)
    for text in (item.identifiers.get("doi", ""), item.id, item.url or ""):
        if name := doi(text):
            found["doi"] = name
            break
    else:
        found.pop("doi", None)
    return found


def work_id(item: Item, known: dict[str, str]) -> str:
    """Give the id of a work that was never seen: arXiv's, else its DOI, else the one it came with, else a hash."""
    if arxiv := known.get("arxiv"):
        return f"arXiv:{arxiv}"
    if name := known.get("doi"):
        return f"doi:{name}"
    return canonical_id(item.id) or f"pw:{_digest(item.title, *item.authors[:1])}"


def public_ids(item: Item, known: dict[str, str]) -> tuple[str, ...]:
    """Give every id an item can be asked for by, in canonical spelling, its own first."""
    ids = [work_id(item, known), canonical_id(item.id)]
    ids += [f"arXiv:{known['arxiv']}"] if "arxiv" in known else []
    ids += [f"doi:{known['doi']}"] if "doi" in known else []
    return tuple(dict.fromkeys(i for i in ids if i))


def title_key(item: Item) -> str | None:
    """Give the key of title and first author, which joins sightings that share no id; None where it says too little."""
    title = fold(item.title)
    if len(title) < _SHORT_TITLE:
        return None
    first = author_keys(item.authors[0])[-1:] if item.authors else ()
    return f"title:{_digest(title, *first)}"


def differ(known: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Tell whether identifiers are of two works for sure: an archive that gave two ids has two papers."""
    return "arxiv" in known and "arxiv" in other and known["arxiv"] != other["arxiv"]


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\n".join(parts).encode("utf-8", "replace"), digest_size=12).hexdigest()


def fingerprint(title: str, abstract: str) -> str:
    """Name a text: equal texts are embedded once."""
    return _digest(title, abstract)
