"""A work: the ids it is known by, what is stored of it, and the event that is published about it."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime

from shared.embedding.stopwords import STOPWORDS
from shared.papers.events import Item, PaperEnriched
from shared.papers.name_parts import PARTICLES, SUFFIXES
from shared.papers.names import arxiv_id, canonical_id, doi, openreview_id
from shared.papers.paper import SAMPLE, Change, Model, Paper, Reading, Trend
from shared.papers.publication import is_preprint
from shared.papers.titles import EASTERN, MIN_LETTERS, fold, title_letters, without_mark
from shared.text.letters import fold_letters

_MIN_OVERLAP = 0.34
"""The share of the shorter title's words below which two titles are clearly those of two works."""
_STEM = 5
"""The letters of a word that are compared, so that "folding" equals "folded"."""
_ASIDE = re.compile(r"\([^()]*\)")
_JOINED = re.compile("['\u2019\u2010\u2011-]")
_NAME_WORD = re.compile(r"[^\W\d_]+")
_READ = frozenset({"arxiv", "doi", "published", "openreview"})


class Withdrawal(Model):
    """A source that says that a work was withdrawn, and the version that says so, or the newest one known then."""

    source: str
    id: str
    version: int | None = None


class Part(Model):
    """What was seen of a work under one of its ids: a work by itself, if the others turn out to be another one."""

    paper: Paper
    aliases: tuple[str, ...]
    text_source: str
    trust: int = 0
    withdrawals: tuple[Withdrawal, ...] = ()


class Work(Model):
    """The stored record of a work."""

    paper: Paper
    aliases: tuple[str, ...]
    text_source: str
    """The source of the title and abstract."""
    trust: int = 0
    """How much the text of that source counts against that of another, as its item said."""
    revision: int = 1
    trend: Trend | None = None
    readings: tuple[Reading, ...] = ()
    trended: tuple[str, ...] = ()
    """The windows in which a change said that it trends; each once."""
    cooled: bool = True
    """Whether it fell well below the bar since: a strength that hovers about the bar makes one change."""

    withdrawals: tuple[Withdrawal, ...] = ()
    """Who says that it was withdrawn; empty also in records of earlier versions."""
    parts: tuple[Part, ...] = ()
    """What was seen under each of its ids, if there are several."""
    joined: tuple[str, ...] = ()
    """Ids that an operator joined: they belong to it, whatever sources say."""
    apart: tuple[str, ...] = ()
    """Ids that an operator split off: they never belong to it, whatever sources say."""

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the paper's text: equal texts are embedded once."""
        return fingerprint(self.paper.title, self.paper.abstract)


def enriched_event(
    work: Work, changes: tuple[Change, ...], at: datetime, merged: tuple[str, ...] = ()
) -> PaperEnriched:
    """Build the event about a work and its changes; `merged` are works that turned out to be this one.

    A withdrawn work does not trend, whatever its counters are, nor one whose age is unknown, nor a sample paper.
    """
    still = is_sample(work) or work.paper.status == "withdrawn" or work.paper.published is None
    paper = work.paper.model_copy(update={"trending": None}) if still else work.paper
    return PaperEnriched(
        paper=paper.model_copy(update={"sample": True}) if is_sample(work) else paper,
        changes=changes,
        aliases=work.aliases,
        fingerprint=work.fingerprint,
        revision=work.revision,
        merged=merged,
        trend=None if still else work.trend,
        readings=work.readings,
        enriched_at=at,
    )


def is_sample(work: Work) -> bool:
    """Return whether a work is one that a new instance starts with, and that no source has shown."""
    return bool(work.paper.sources) and all(ref.source == SAMPLE for ref in work.paper.sources)


def removed_event(work: Work, at: datetime) -> PaperEnriched:
    """Build the event that says that a work left."""
    left = work.model_copy(update={"revision": work.revision + 1})
    return enriched_event(left, (), at).model_copy(update={"removed": True})


def identifiers(item: Item) -> dict[str, str]:
    """Collect the identifiers of an item: known kinds in their canonical spelling, others as the source gave them.

    `arxiv` has no version; `doi` is the item's own, and `published` the DOI of a journal's version of it.
    """
    given = item.identifiers
    places = (item.id, item.url or "")
    own, journal = _first(doi, given.get("doi", ""), *places), _first(doi, given.get("published", ""))
    found = {
        "arxiv": _first(_arxiv, given.get("arxiv", ""), *places, given.get("doi", "")),
        **assign_dois(*(name for name in (own, journal) if name)),
        "openreview": _first(openreview_id, f"openreview:{given.get('openreview', '')}", *places),
    }
    others = {name: text for name, text in given.items() if name not in _READ}
    return others | {name: text for name, text in found.items() if text}


def assign_dois(*names: str) -> dict[str, str]:
    """Assign DOIs to `doi` and `published`: a preprint's and a journal's, or the only kind there is to `doi`."""
    preprint = next((name for name in names if is_preprint(name)), None)
    journal = next((name for name in names if not is_preprint(name)), None)
    known = {"doi": preprint or journal, "published": journal if preprint else None}
    return {kind: name for kind, name in known.items() if name}


def merge_identifiers(better: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """Merge the identifiers of two descriptions of one work."""
    names = (known[kind] for known in (better, other) for kind in ("doi", "published") if kind in known)
    rest = {kind: name for kind, name in {**other, **better}.items() if kind not in {"doi", "published"}}
    return rest | assign_dois(*names)


def _first(read: Callable[[str], str | None], *texts: str) -> str | None:
    return next((name for text in texts if text and (name := read(text))), None)


def _arxiv(text: str) -> str | None:
    found = arxiv_id(text)
    return found[0] if found else None


def public_ids(item: Item, known: Mapping[str, str]) -> tuple[str, ...]:
    """Return every id that finds an item, in canonical spelling, the id of its work first.

    An item without any id gets one from its title and first author.
    """
    named = (("arXiv", "arxiv"), ("doi", "doi"), ("doi", "published"), ("openreview", "openreview"))
    ids = [f"{prefix}:{known[name]}" for prefix, name in named if name in known]
    ids.append(canonical_id(item.id))
    kept = sorted({i for i in ids if i}, key=rank)
    return tuple(kept) or (fallback_id(item),)


def rank(name: str) -> tuple[int, str]:
    """Return the order of an id as the id of a work: arXiv, a preprint's DOI, another DOI, any other, our own hash."""
    if name.startswith("arXiv:"):
        return 0, name
    if name.startswith("doi:"):
        return (1 if is_preprint(name[4:]) else 2), name
    return (4 if name.startswith("pw:") else 3), name


def is_local(name: str) -> bool:
    """Return whether an id without a scheme names different works in different files and sources, such as "1"."""
    return ":" not in name


def title_key(item: Item) -> str | None:
    """Return the key of title and first author, which joins sightings that share no id; None if it says too little.

    Whatever may differ between spellings of a name is left out of the key, so that those who read it compare the names.
    """
    letters = title_letters(item.title)
    if letters is None or (len(letters) < MIN_LETTERS and not item.authors):
        return None
    name = b64encode(bytes.fromhex(_digest(letters, *map(initials, item.authors[:1]))))  # every work has one in Redis
    return f"title:{name.decode('ascii')}"


def initials(name: str) -> str:
    """Return the initials of the first and the last name in the order of the alphabet: sources turn names around."""
    words = name.lower().split() if name.isascii() else ()
    if len(words) == 2 and (words[0] + words[1]).isalpha() and SUFFIXES.isdisjoint(words):  # noqa: PLR2004  # most names
        return "".join(sorted(word[0] for word in words))
    text = _ASIDE.sub(" ", name.lower() if name.isascii() else fold_letters(name))
    family, _, given = (_name_words(part) for part in _JOINED.sub("", text).partition(","))
    while len(family) > 2 and {*family[:2]} <= PARTICLES:  # noqa: PLR2004  # van der Berg J
        family = family[2:]
    ends = [*(given or family)[:1], *family[-1:]]
    if ends and EASTERN.match(ends[0]):
        return "".join(sorted("".join(family + given)))
    return "".join(sorted(word[0] for word in ends))


def _name_words(text: str) -> list[str]:
    return [word for word in _NAME_WORD.findall(text) if word not in SUFFIXES and word != "the"]


def fallback_id(item: Item) -> str:
    """Return the id of a work that has no id of its own, or only ids that belong to other works."""
    return f"pw:{_digest(*_words(item))}"


def _words(item: Item) -> tuple[str, ...]:
    title = fold(without_mark(item.title))
    return (title, _short_name(item.authors[0])) if item.authors else (title,)


def _short_name(name: str) -> str:
    if name.count(",") == 1:
        name = " ".join(reversed(name.split(",")))
    parts = fold(name).split() or [""]
    return f"{parts[0][0]} {parts[-1]}" if len(parts) > 1 else parts[0]


def identifiers_conflict(known: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Return whether identifiers are certainly those of two works: one archive gives a paper one id."""
    return "arxiv" in known and "arxiv" in other and known["arxiv"] != other["arxiv"]


def titles_differ(title: str, other: str) -> bool:
    """Return whether two titles are clearly those of two works: they share few words of the shorter one."""
    one, two = _stems(title), _stems(other)
    return bool(one and two) and len(one & two) < _MIN_OVERLAP * min(len(one), len(two))


def _stems(title: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in fold(title).split() if word not in STOPWORDS)


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\n".join(parts).encode("utf-8", "replace"), digest_size=12).hexdigest()


def fingerprint(title: str, abstract: str) -> str:
    """Return the fingerprint of a text: equal texts are embedded once."""
    return _digest(title, abstract)
