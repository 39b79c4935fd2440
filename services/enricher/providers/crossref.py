"""Crossref: who published a preprint, and what was retracted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.enricher.providers.facts import Facts
from services.enricher.providers.port import Answers, Connection
from services.enricher.providers.values import counts, listed, record, rows, text
from services.enricher.works.work import Work
from shared.papers.names import arxiv_id, doi
from shared.papers.paper import Signals

ID: Final = "crossref"
FIELDS: Final = "DOI,title,container-title,type,relation,update-to,is-referenced-by-count"
_ROWS: Final = "100"
_RETRACTS: Final = frozenset({"retraction", "withdrawal", "removal"})
_PREPRINT: Final = "posted-content"


@dataclass(frozen=True, slots=True)
class Registered:
    """A record: its DOI, and what it says of itself and of others."""

    doi: str
    title: str | None
    venue: str | None
    signals: Signals
    published: str | None
    """The DOI that it is a preprint of."""
    preprints: frozenset[str]
    """The preprints that it was published from: DOIs, and arXiv ids."""
    retracted: str | None
    retracts: frozenset[str]


def wants(work: Work) -> bool:
    """Return whether it can know a work."""
    return "arxiv" in work.paper.identifiers or bool(askable(work.paper.identifiers))


async def ask(connection: Connection, works: Sequence[Work]) -> Answers:
    """Request `/works` in three ways: for the DOIs, for notices about them, and for what was a preprint at arXiv."""
    known = [work.paper.identifiers for work in works]
    dois = list(dict.fromkeys(name for ids in known for name in askable(ids)))
    arxiv = list(dict.fromkeys(f"10.48550/arxiv.{ids['arxiv']}" for ids in known if "arxiv" in ids))
    records: dict[str, Registered] = {}
    for kind, values in (("doi", dois), ("updates", dois), ("relation.object", arxiv)):
        if values:
            filters = ",".join(f"{kind}:{value}" for value in values)
            page = await connection.get("/works", {"filter": filters, "rows": _ROWS, "select": FIELDS})
            records |= {each.doi: each for each in parse(page)}
    return {work.paper.id: facts(work.paper.identifiers, records) for work in works}


def askable(identifiers: Mapping[str, str]) -> list[str]:
    """Give the DOIs that a filter can name: the values of one are parted by commas, and nothing escapes them."""
    dois = (identifiers[name] for name in ("doi", "published") if name in identifiers)
    return [name for name in dois if "," not in name]


def parse(answer: Any) -> list[Registered]:  # noqa: ANN401  # a stranger's JSON
    """Read a page of records. Raises TransientError when it is none."""
    found = (_registered(record(row)) for row in rows(answer, "message", "items", provider=ID))
    return [each for each in found if each]


def _registered(row: Mapping[str, Any]) -> Registered | None:
    name = doi(text(row.get("DOI"), 300) or "")
    if name is None:
        return None
    relation = record(row.get("relation"))
    own = row.get("type") == _PREPRINT
    return Registered(
        doi=name,
        title=text(row.get("title")),
        venue=None if own else text(row.get("container-title"), 300),
        signals=counts(row, citations="is-referenced-by-count"),
        published=next((other for other in _others(relation, "is-preprint-of") if other != name), None),
        preprints=frozenset(_others(relation, "has-preprint", "is-version-of")),
        retracted=next(_retractions(row, "updated-by"), None),
        retracts=frozenset(_retractions(row, "update-to")),
    )


def _others(relation: Mapping[str, Any], *kinds: str) -> Iterator[str]:
    for kind in kinds:
        for other in listed(relation.get(kind)):
            given = text(record(other).get("id"), 300) or ""
            if arxiv := arxiv_id(given):
                yield arxiv[0]
            elif name := doi(given):
                yield name


def _retractions(row: Mapping[str, Any], field: str) -> Iterator[str]:
    for update in map(record, listed(row.get(field))):
        name = doi(text(update.get("DOI"), 300) or "")
        if name and str(update.get("type", "")).lower() in _RETRACTS:
            yield name


def facts(identifiers: Mapping[str, str], records: Mapping[str, Registered]) -> Facts:
    """Put together what records (by DOI) say of a work: its own, its journal's, and the notices about either."""
    names = [identifiers[name] for name in ("doi", "published") if name in identifiers]
    journal = next((each for each in records.values() if _is_preprint(identifiers, each)), None)
    own = [records[name] for name in names if name in records]
    published = next((each.published for each in own if each.published), journal.doi if journal else None)
    known = {*names, *([published] if published else [])}
    notices = [each.doi for each in records.values() if each.retracts & known and each.doi not in known]
    said = [*own, *([journal] if journal else [])]
    return Facts(
        provider=ID,
        title=own[0].title if own else None,
        signals=said[0].signals if said else Signals(),
        venue=next((each.venue for each in said if each.venue), None),
        published=published,
        retracted=next((each.retracted for each in said if each.retracted), next(iter(notices), None)),
    )


def _is_preprint(identifiers: Mapping[str, str], journal: Registered) -> bool:
    """Tell whether a record says that it was published from this work; that of a work itself does not count."""
    mine = {identifiers[name] for name in ("arxiv", "doi") if name in identifiers}
    return bool(journal.preprints & mine) and journal.doi not in mine
