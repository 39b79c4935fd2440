"""One item, cleaned and read: all that can be said of it without knowing what else has been seen."""

from dataclasses import dataclass

from services.enricher.clean import clean_text
from services.enricher.identity import fingerprint, identifiers, public_ids, title_key
from services.enricher.keywords import keywords
from services.enricher.links import find_links
from shared.events import Item
from shared.paper import CodeLink, Links

MAX_TITLE = 1_000
MAX_ABSTRACT = 20_000
MAX_AUTHORS = 5_000
"""Characters, characters, people; the largest collaborations name some 5,000."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An item with clean text and everything found in it."""

    item: Item
    title: str
    abstract: str
    authors: tuple[str, ...]
    identifiers: dict[str, str]
    public_ids: tuple[str, ...]
    aliases: tuple[str, ...]
    links: Links
    keywords: tuple[str, ...]
    fingerprint: str


def prepare(item: Item) -> Prepared:
    """Clean an item and read its text."""
    title = clean_text(item.title, MAX_TITLE) or "(untitled)"
    abstract = clean_text(item.abstract, MAX_ABSTRACT)
    authors = tuple(name for name in (clean_text(a, 200) for a in item.authors[:MAX_AUTHORS]) if name)
    cleaned = item.model_copy(update={"title": title, "authors": authors})
    known = identifiers(cleaned)
    ids = public_ids(cleaned, known)
    key = title_key(cleaned)
    return Prepared(
        item=item,
        title=title,
        abstract=abstract,
        authors=authors,
        identifiers=known,
        public_ids=ids,
        aliases=(*ids, key) if key else ids,
        links=_links(item, known, abstract),
        keywords=keywords(title, abstract),
        fingerprint=fingerprint(title, abstract),
    )


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
