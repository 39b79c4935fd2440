"""Crossref: publications of preprints, and retractions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.enricher.providers.facts import Facts
from services.enricher.providers.port import Answers, Connection
from services.enricher.providers.values import author, counts, elements, identifier, is_year, name, record, rows, text
from services.enricher.works.work import Work
from shared.papers.bounds import MAX_AUTHORS, MAX_PLACE
from shared.papers.names import arxiv_id, doi
from shared.papers.paper import Appearance, Author, Signals

ID: Final = "crossref"
FIELDS: Final = (
    "DOI,title,container-title,type,relation,update-to,is-referenced-by-count,volume,issue,page,issued,author"
)
_ROWS: Final = "100"
_RETRACTS: Final = frozenset({"retraction", "withdrawal", "removal"})
_PREPRINT: Final = "posted-content"


@dataclass(frozen=True, slots=True)
class Registered:
    """A record: its DOI, and what it says about itself and other records."""

    doi: str
    title: str | None
    venue: str | None
    signals: Signals
    published: str | None
    """The DOI that it is a preprint of."""
    preprints: frozenset[str]
    """The preprints that it was published from: DOIs, and arXiv ids."""
    appeared: Appearance | None
    people: tuple[Author, ...]
    retracted: str | None
    retracts: frozenset[str]


def wants(work: Work) -> bool:
    """Return whether Crossref can know a work."""
    return "arxiv" in work.paper.identifiers or bool(askable(work.paper.identifiers))


async def ask(connection: Connection, works: Sequence[Work]) -> Answers:
    """Request `/works` three times: for the DOIs, for notices about them, and for what has a preprint at arXiv."""
    known = [work.paper.identifiers for work in works]
    dois = list(dict.fromkeys(each for ids in known for each in askable(ids)))
    arxiv = list(dict.fromkeys(f"10.48550/arxiv.{ids['arxiv']}" for ids in known if "arxiv" in ids))
    records: dict[str, Registered] = {}
    for kind, values in (("doi", dois), ("updates", dois), ("relation.object", arxiv)):
        if values:
            filters = ",".join(f"{kind}:{value}" for value in values)
            page = await connection.get("/works", {"filter": filters, "rows": _ROWS, "select": FIELDS})
            records |= {each.doi: each for each in parse(page)}
    return {work.paper.id: facts(work.paper.identifiers, records) for work in works}


def askable(identifiers: Mapping[str, str]) -> list[str]:
    """Return the DOIs that a filter can contain: its values are separated by commas, which cannot be escaped."""
    dois = (identifiers[kind] for kind in ("doi", "published") if kind in identifiers)
    return [each for each in dois if "," not in each]


def parse(answer: Any) -> list[Registered]:  # noqa: ANN401  # a stranger's JSON
    """Parse a page of records.

    Raises:
        TransientError: it is none.

    """
    found = (_registered(record(row)) for row in rows(answer, "message", "items", provider=ID))
    return [each for each in found if each]


def _registered(row: Mapping[str, Any]) -> Registered | None:
    own_doi = doi(identifier(row.get("DOI")))
    if own_doi is None:
        return None
    relation = record(row.get("relation"))
    preprint = row.get("type") == _PREPRINT
    return Registered(
        doi=own_doi,
        title=text(row.get("title")),
        venue=None if preprint else name(row.get("container-title")),
        signals=counts(row, citations="is-referenced-by-count"),
        published=next((other for other in _others(relation, "is-preprint-of") if other != own_doi), None),
        preprints=frozenset(_others(relation, "has-preprint", "is-version-of")),
        appeared=None if preprint else _appeared(row),
        people=_people(row),
        retracted=next(_retractions(row, "updated-by"), None),
        retracts=frozenset(_retractions(row, "update-to")),
    )


def _appeared(row: Mapping[str, Any]) -> Appearance | None:
    issued = elements(next(iter(elements(record(row.get("issued")).get("date-parts"))), None))
    year = next(iter(issued), None)
    volume, number, pages = (text(row.get(field), MAX_PLACE) for field in ("volume", "issue", "page"))
    found = Appearance(volume=volume, number=number, pages=pages, year=year if is_year(year) else None)
    return None if found == Appearance() else found


def _people(row: Mapping[str, Any]) -> tuple[Author, ...]:
    people = map(record, elements(row.get("author"))[:MAX_AUTHORS])
    named = ((f"{name(one.get('given')) or ''} {name(one.get('family')) or ''}".strip(), one) for one in people)
    return tuple(known for spelled, one in named if (known := author(spelled, one.get("ORCID"))))


def _others(relation: Mapping[str, Any], *kinds: str) -> Iterator[str]:
    for kind in kinds:
        for other in elements(relation.get(kind)):
            given = identifier(record(other).get("id"))
            if arxiv := arxiv_id(given):
                yield arxiv[0]
            elif other_doi := doi(given):
                yield other_doi


def _retractions(row: Mapping[str, Any], field: str) -> Iterator[str]:
    for update in map(record, elements(row.get(field))):
        notice = doi(identifier(update.get("DOI")))
        if notice and str(update.get("type", "")).lower() in _RETRACTS:
            yield notice


def facts(identifiers: Mapping[str, str], records: Mapping[str, Registered]) -> Facts:
    """Combine what records, by DOI, say of a work: its own, that of its journal, and the notices about either."""
    dois = [identifiers[kind] for kind in ("doi", "published") if kind in identifiers]
    journal = next((each for each in records.values() if _is_preprint(identifiers, each)), None)
    own = [records[each] for each in dois if each in records]
    published = next((each.published for each in own if each.published), journal.doi if journal else None)
    known = {*dois, *([published] if published else [])}
    notices = [each.doi for each in records.values() if each.retracts & known and each.doi not in known]
    said = [*own, *([journal] if journal else [])]
    return Facts(
        provider=ID,
        title=own[0].title if own else None,
        signals=said[0].signals if said else Signals(),
        venue=next((each.venue for each in said if each.venue), None),
        published=published,
        appeared=next((each.appeared for each in said if each.appeared), None),
        people=next((each.people for each in said if each.people), ()),
        retracted=next((each.retracted for each in said if each.retracted), next(iter(notices), None)),
    )


def _is_preprint(identifiers: Mapping[str, str], journal: Registered) -> bool:
    """Return whether a record is that of the journal version of a work; the record of the work itself is not."""
    own = {identifiers[kind] for kind in ("arxiv", "doi") if kind in identifiers}
    return bool(journal.preprints & own) and journal.doi not in own
