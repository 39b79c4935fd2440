"""The identity of a work: the ids it is known by, the one that is its own, and what tells two works apart."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Mapping

from shared.embedding.stopwords import STOPWORDS
from shared.papers.events import Item
from shared.papers.names import arxiv_id, canonical_id, doi, fold, openreview_id

_SHORT_TITLE = 16
"""Characters: a folded title shorter than this ("introduction") says too little to identify a work."""
_ALIKE = 0.34
"""Of the words of the shorter title: with fewer in common, two titles are plainly those of two works."""
_STEM = 5
"""Letters compared of a word, so that "folding" and "folded" are one."""
_NOTICE = re.compile(r"^\W*(?:withdrawn|retracted|retraction)(?: article| note)?\s*\W+\s*", re.IGNORECASE)
# Who registers preprints: bioRxiv and medRxiv (two prefixes), Research Square, Preprints.org, SSRN, ChemRxiv, OSF,
# PsyArXiv, SocArXiv, TechRxiv, Authorea, Zenodo. Journals too stand under 10.1101; their names begin with letters.
_PREPRINT = re.compile(r"10\.(?:1101/\d|(?:64898|21203|20944|2139|26434|31219|31234|31235|36227|22541|5281)/)")
_READ = frozenset({"arxiv", "doi", "published", "openreview"})


def identifiers(item: Item) -> dict[str, str]:
    """Collect the identifiers of an item, those we know in their one spelling, and what else its source gave.

    `arxiv` has no version; `doi` is the item's own, and `published` the DOI of a journal's version of it.
    """
    given = item.identifiers
    places = (item.id, item.url or "")
    own, journal = _first(doi, given.get("doi", ""), *places), _first(doi, given.get("published", ""))
    found = {
        "arxiv": _first(_arxiv, given.get("arxiv", ""), *places, given.get("doi", "")),
        **dois(*(name for name in (own, journal) if name)),
        "openreview": _first(openreview_id, f"openreview:{given.get('openreview', '')}", *places),
    }
    others = {name: text for name, text in given.items() if name not in _READ}
    return others | {name: text for name, text in found.items() if text}


def dois(*names: str) -> dict[str, str]:
    """Give `doi`, the first of some DOIs; beside a preprint's, which then is that one, `published` is a journal's."""
    preprint = next((name for name in names if is_preprint(name)), None)
    journal = next((name for name in names if not is_preprint(name)), None)
    known = {"doi": preprint or journal, "published": journal if preprint else None}
    return {kind: name for kind, name in known.items() if name}


def join_identifiers(better: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """Join the identifiers of two tellings of one work."""
    names = (known[kind] for known in (better, other) for kind in ("doi", "published") if kind in known)
    rest = {kind: name for kind, name in {**other, **better}.items() if kind not in {"doi", "published"}}
    return rest | dois(*names)


def _first(read: Callable[[str], str | None], *texts: str) -> str | None:
    return next((name for text in texts if text and (name := read(text))), None)


def _arxiv(text: str) -> str | None:
    found = arxiv_id(text)
    return found[0] if found else None


def public_ids(item: Item, known: Mapping[str, str]) -> tuple[str, ...]:
    """Give every id an item can be asked for by, in canonical spelling, the one that names its work first.

    An item without any id is named by its title and first author.
    """
    named = (("arXiv", "arxiv"), ("doi", "doi"), ("doi", "published"), ("openreview", "openreview"))
    ids = [f"{prefix}:{known[name]}" for prefix, name in named if name in known]
    ids.append(canonical_id(item.id))
    kept = sorted({i for i in ids if i}, key=rank)
    return tuple(kept) or (spare_id(item),)


def rank(name: str) -> tuple[int, str]:
    """Order ids by how well they name a work: arXiv's, a preprint's DOI, another DOI, any other, a hash of ours."""
    if name.startswith("arXiv:"):
        return 0, name
    if name.startswith("doi:"):
        return (1 if is_preprint(name[4:]) else 2), name
    return (4 if name.startswith("pw:") else 3), name


def is_preprint(name: str) -> bool:
    """Tell whether a DOI is that of a preprint server: with it alone nothing is published."""
    return _PREPRINT.match(name) is not None


def journal_doi(known: Mapping[str, str]) -> str | None:
    """Give the DOI under which a journal or a conference has published a work."""
    name = known.get("published") or known.get("doi")
    return None if name is None or is_preprint(name) else name


def title_key(item: Item) -> str | None:
    """Give the key of title and first author, which joins sightings that share no id; None where it says too little.

    Of the first author it has the last name and one initial, as some sources tell no more.
    """
    if len(fold(item.title)) < _SHORT_TITLE:
        return None
    name = b64encode(bytes.fromhex(_digest(*_words(item))))  # every work has one in Redis: short is cheap
    return f"title:{name.decode('ascii')}"


def spare_id(item: Item) -> str:
    """Give the id of a work that has no id of its own, or none that is not another work's."""
    return f"pw:{_digest(*_words(item))}"


def _words(item: Item) -> tuple[str, ...]:
    title = fold(_NOTICE.sub("", item.title))
    return (title, _short_name(item.authors[0])) if item.authors else (title,)


def _short_name(name: str) -> str:
    if name.count(",") == 1:
        name = " ".join(reversed(name.split(",")))
    parts = fold(name).split() or [""]
    return f"{parts[0][0]} {parts[-1]}" if len(parts) > 1 else parts[0]


def differ(known: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Tell whether identifiers are of two works for sure: an archive that gave two ids has two papers."""
    return "arxiv" in known and "arxiv" in other and known["arxiv"] != other["arxiv"]


def unlike(title: str, other: str) -> bool:
    """Tell whether two titles plainly are those of two works: hardly a word of the shorter one is in the other."""
    one, two = _stems(title), _stems(other)
    return bool(one and two) and len(one & two) < _ALIKE * min(len(one), len(two))


def _stems(title: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in fold(title).split() if word not in STOPWORDS)


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\n".join(parts).encode("utf-8", "replace"), digest_size=12).hexdigest()


def fingerprint(title: str, abstract: str) -> str:
    """Name a text: equal texts are embedded once."""
    return _digest(title, abstract)
