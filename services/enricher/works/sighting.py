"""A sighting: one item cleaned, with everything that follows from the item alone."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.enricher.text.clean import clean_text, read_text, separate_headings
from services.enricher.text.extraction import find_links
from services.enricher.works.work import (
    fallback_id,
    fingerprint,
    identifiers,
    is_local,
    public_ids,
    title_key,
)
from shared.papers import bounds
from shared.papers.author_lists import split_authors
from shared.papers.author_notes import without_notes
from shared.papers.events import Item
from shared.papers.journal_references import read_reference
from shared.papers.names import canonical_id
from shared.papers.orcids import orcid
from shared.papers.paper import Appearance, CodeLink, Links, Signals
from shared.papers.publication import is_venue, journal_doi
from shared.papers.titles import cut

# What a work keeps; what is read of a source is in the table of bounds.
MAX_TITLE = 1_000
MAX_ABSTRACT = 20_000
MAX_NAME = 200
MAX_VENUE = 300


@dataclass(frozen=True, slots=True)
class Sighting:
    """An item with clean text and everything found in it."""

    item: Item
    title: str
    abstract: str
    authors: tuple[str, ...]
    identifiers: dict[str, str]
    public_ids: tuple[str, ...]
    title_key: str | None
    fallback_id: str
    """The id of its work if every other id belongs to another work."""
    links: Links
    venue: str | None
    appeared: Appearance | None
    fingerprint: str
    orcids: Mapping[str, str]
    """The ORCID iDs of authors by their names."""
    title_tex: str | None = None
    abstract_tex: str | None = None
    """The title and the abstract with their formulas in LaTeX, where they have formulas."""
    oddities: tuple[str, ...] = ()

    @property
    def source_id(self) -> str:
        """The id that it has in its source, in canonical spelling."""
        return canonical_id(self.item.id) or self.public_ids[0]

    @property
    def revision_id(self) -> str:
        """The id of the revision that it shows: its version, else a hash of its text and authors."""
        return f"v{self.item.version}" if self.item.version else fingerprint(self.fingerprint, "; ".join(self.authors))

    @property
    def announces_revision(self) -> bool:
        """Whether its source shows the paper because it was replaced, not because it is new."""
        return (self.item.announced or "").startswith("replace")

    @property
    def aliases(self) -> tuple[str, ...]:
        """Every id and key that may name its work."""
        key = (self.title_key,) if self.title_key else ()
        # Only a DOI or a local id may turn out to belong to another work: any other id makes the fallback needless.
        doubtful = all(each.startswith("doi:") or is_local(each) for each in self.public_ids)
        fallback = (self.fallback_id,) if doubtful else ()
        return (*self.public_ids, *key, *fallback)


def prepare(item: Item) -> Sighting:
    """Clean an item, and find its ids and links."""
    item, notes = _bounded(item)
    title, title_tex = read_text(item.title, MAX_TITLE)
    title = title or "(untitled)"
    abstract, abstract_tex = read_text(item.abstract, MAX_ABSTRACT)
    abstract = separate_headings(abstract)
    authors = _authors(item)
    cleaned = item.model_copy(update={"title": title, "authors": authors})
    known = identifiers(cleaned)
    return Sighting(
        item=item,
        title=title,
        abstract=abstract,
        authors=authors,
        identifiers=known,
        public_ids=public_ids(cleaned, known),
        title_key=title_key(cleaned),
        fallback_id=fallback_id(cleaned),
        links=_links(item, known, abstract),
        venue=_venue(item.venue),
        appeared=_appeared(item, known),
        fingerprint=fingerprint(title, abstract),
        orcids={clean_text(name, MAX_NAME): found for name, text in item.orcids.items() if (found := orcid(text))},
        title_tex=title_tex,
        abstract_tex=separate_headings(abstract_tex) if abstract_tex else None,
        oddities=_oddities(item, authors, notes),
    )


def _authors(item: Item) -> tuple[str, ...]:
    names = item.authors if len(item.authors) != 1 else _people(item.authors[0])[: bounds.MAX_AUTHORS]
    cleaned = (clean_text(name, MAX_NAME) for name in names)
    cut = (" ".join(without_notes(name).replace("~", " ").split()) for name in cleaned)  # ~ is a space of LaTeX
    return tuple(name for name in cut if any(map(str.isalnum, name)))  # sources have a lone ":" in their lists


def _people(line: str) -> tuple[str, ...]:
    """Split a text that may name all authors. Braces keep a name together, and LaTeX has some too: it is read later."""
    return split_authors(html.unescape(line) if "{" in line else clean_text(line, bounds.MAX_AUTHOR_LINE))


def _venue(given: str | None) -> str | None:
    """Return where a paper was published; archives of preprints and states of a submission do not count."""
    name = clean_text(given or "", MAX_VENUE)
    return name if name and is_venue(name) else None


def _appeared(item: Item, known: Mapping[str, str]) -> Appearance | None:
    """Return where in its venue a paper appeared. The date of an item that no archive shows is that of its venue."""
    given = item.appeared or Appearance()
    year = given.year
    if year is None and item.venue and item.published and not _is_archived(known):
        place = read_reference(item.venue)
        year = int(item.published[:4]) if place and not place.year else None
    values = (given.volume, given.number, given.pages)
    volume, number, pages = (clean_text(value or "", bounds.MAX_PLACE) or None for value in values)
    found = Appearance(volume=volume, number=number, pages=pages, year=year)
    return None if found == Appearance() else found


def _is_archived(known: Mapping[str, str]) -> bool:
    return "arxiv" in known or journal_doi(known) != known.get("doi")


def _oddities(item: Item, authors: tuple[str, ...], notes: list[str]) -> tuple[str, ...]:
    found = [f"{item.source}: {note}" for note in notes]
    if len(item.abstract) > MAX_ABSTRACT:
        found.append(f"{item.source}: abstract: the first {MAX_ABSTRACT:,} characters are kept")
    if len(item.authors) == 1 < len(authors):
        found.append(f"{item.source} gives all authors in one string: read as {len(authors):,} people")
    return tuple(found)


def _links(item: Item, known: dict[str, str], abstract: str) -> Links:
    found, project = find_links(abstract)
    given = {link.url: link for link in item.code}
    code = {**{url: CodeLink(url=url) for url in found}, **given}
    arxiv = known.get("arxiv")
    return Links(
        abs=f"https://arxiv.org/abs/{arxiv}" if arxiv else item.url,
        pdf=item.pdf or (f"https://arxiv.org/pdf/{arxiv}" if arxiv else None),
        code=tuple(code.values()),
        project=item.project or project,
        thumbnail=item.thumbnail,
    )


def _bounded(item: Item) -> tuple[Item, list[str]]:
    """Return an item within the bounds of the table of bounds, and a note on each field that was not."""
    notes: list[str] = []
    fields: dict[str, Any] = {
        "source": cut("source", item.source, bounds.MAX_KIND, notes),
        "title": cut("title", item.title, bounds.MAX_TITLE, notes),
        "abstract": cut("abstract", item.abstract, bounds.MAX_ABSTRACT, notes),
        "venue": cut("venue", item.venue or "", bounds.MAX_VENUE, notes) or None,
        "announced": cut("announced", item.announced or "", bounds.MAX_ANNOUNCED, notes) or None,
        "authors": _texts("authors", item.authors, bounds.MAX_AUTHORS, _longest(item.authors), notes),
        "categories": _texts("categories", item.categories, bounds.MAX_CATEGORIES, bounds.MAX_CATEGORY, notes),
        "code": _code(item.code, notes),
        "identifiers": _identifiers(item.identifiers, notes),
        "signals": _signals(item.signals, notes),
        **{field: _address(field, getattr(item, field), notes) for field in ("url", "pdf", "project", "thumbnail")},
    }
    if item.version is not None and not 0 <= item.version <= bounds.MAX_VERSION:
        notes.append(f"version: it is not between 0 and {bounds.MAX_VERSION:,}; left out")
        fields["version"] = None
    return (item.model_copy(update=fields) if notes else item), notes


def _longest(authors: Sequence[str]) -> int:
    """Return how long the name of an author may be; a single text may hold all of them."""
    return bounds.MAX_AUTHOR if len(authors) > 1 else bounds.MAX_AUTHOR_LINE


def _texts(field: str, texts: tuple[str, ...], most: int, longest: int, notes: list[str]) -> tuple[str, ...]:
    if len(texts) > most:
        notes.append(f"{field}: the first {most:,} of {len(texts):,} are kept")
        texts = texts[:most]
    if long := sum(len(text) > longest for text in texts):
        notes.append(f"{field}: {long:,} of {len(texts):,} cut to {longest:,} characters")
        return tuple(text[:longest] for text in texts)
    return texts


def _address(field: str, address: str | None, notes: list[str]) -> str | None:
    if address is None or len(address) <= bounds.MAX_URL:
        return address
    notes.append(f"{field}: it has {len(address):,} characters; left out")
    return None


def _code(links: tuple[CodeLink, ...], notes: list[str]) -> tuple[CodeLink, ...]:
    kept = tuple(link for link in links if len(link.url) <= bounds.MAX_URL)[: bounds.MAX_CODE]
    if left := len(links) - len(kept):
        notes.append(f"code: {left:,} links were too long or too many; left out")
    return kept


def _identifiers(given: dict[str, str], notes: list[str]) -> dict[str, str]:
    fit = {kind: name for kind, name in given.items() if len(kind) <= bounds.MAX_KIND and len(name) <= bounds.MAX_ID}
    kept = dict(list(fit.items())[: bounds.MAX_IDS])
    if left := len(given) - len(kept):
        notes.append(f"identifiers: {left:,} were too long or too many; left out")
    return kept


def _signals(given: Signals, notes: list[str]) -> Signals:
    counts = given.model_dump(exclude_none=True)
    kept = {name: count for name, count in counts.items() if 0 <= count <= bounds.MAX_COUNT}
    if left := len(counts) - len(kept):
        notes.append(f"signals: {left} were not counts; left out")
    return Signals(**kept) if left else given
