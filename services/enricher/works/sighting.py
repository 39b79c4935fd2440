"""A sighting: one item cleaned, with everything that follows from the item alone."""

import re
from dataclasses import dataclass

from services.enricher.text.clean import clean_text, split_authors
from services.enricher.text.extraction import find_links
from services.enricher.works.bounding import bounded
from services.enricher.works.work import fallback_id, fingerprint, identifiers, public_ids, title_key
from shared.papers.bounds import MAX_AUTHOR_LINE, MAX_AUTHORS
from shared.papers.events import Item
from shared.papers.names import canonical_id
from shared.papers.paper import CodeLink, Links

MAX_TITLE = 1_000
MAX_ABSTRACT = 20_000
MAX_NAME = 200
MAX_VENUE = 300
_ARCHIVE = re.compile(r"(?:arxiv|biorxiv|medrxiv|corr|chemrxiv|ssrn|research square|preprints)\b", re.IGNORECASE)


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
    fingerprint: str
    oddities: tuple[str, ...] = ()

    @property
    def source_id(self) -> str:
        """The id that it has in its source, in canonical spelling."""
        return canonical_id(self.item.id) or self.public_ids[0]

    @property
    def aliases(self) -> tuple[str, ...]:
        """Every id and key that may name its work."""
        key = (self.title_key,) if self.title_key else ()
        # Only a DOI may turn out to belong to another work, so any other id makes the fallback needless.
        fallback = (self.fallback_id,) if all(each.startswith("doi:") for each in self.public_ids) else ()
        return (*self.public_ids, *key, *fallback)


def prepare(item: Item) -> Sighting:
    """Clean an item, and find its ids and links."""
    item, notes = bounded(item)
    title = clean_text(item.title, MAX_TITLE) or "(untitled)"
    abstract = clean_text(item.abstract, MAX_ABSTRACT)
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
        fingerprint=fingerprint(title, abstract),
        oddities=_oddities(item, authors, notes),
    )


def _authors(item: Item) -> tuple[str, ...]:
    most = MAX_NAME if len(item.authors) > 1 else MAX_AUTHOR_LINE
    names = split_authors([clean_text(name, most) for name in item.authors])[:MAX_AUTHORS]
    return tuple(name for name in (name[:MAX_NAME].rstrip() for name in names) if name)


def _venue(given: str | None) -> str | None:
    """Return where a paper was published; an archive of preprints does not count."""
    name = clean_text(given or "", MAX_VENUE)
    return None if not name or _ARCHIVE.match(name) else name


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
    )
