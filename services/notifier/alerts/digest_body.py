"""The body of a digest: the best alerts, which differ, and how many more there were. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from services.notifier.alerts.variety import Told, varied
from services.notifier.matching.alert_body import MAX_BODY
from services.notifier.subscription.model import Subscription, derived_id
from shared.moments import iso
from shared.papers.paper import Paper
from shared.text.sentence_ends import shortened

MAX_PAPERS: Final = 30
"""The most papers of a digest, the best. The others are counted, and are in the feed."""
MAX_TITLE: Final = 200
"""Characters of the title of a paper that is told under another one."""
_ABSTRACT_LIMITS: Final = (1_500, 800, 400, 0)
"""Characters to which abstracts are cut, step by step, until a digest is small enough."""
_LIST_LIMITS: Final = {"authors": 20, "keywords": 10, "sources": 3, "categories": 10, "life": 0, "oddities": 0}

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Period:
    """The period of a digest: since the previous digest, if there was one, until its due time."""

    since: datetime | None
    until: datetime


def digest_id(subscription: str, until: datetime) -> str:
    """Return the id of a digest; it is the same for a subscription and a due time, whichever process writes it."""
    return derived_id(f"digest {subscription} {until.astimezone(UTC).isoformat()}")


def compose(
    subscription: Subscription, alerts: Iterable[Document], total: int, period: Period, note: str | None = None
) -> bytes:
    """Return a digest as JSON of at most `MAX_BODY` bytes.

    `alerts` are bodies of alerts, at least one, the best first; `total` counts all alerts of the period. Alerts of one
    paper become one: the earliest change, with the latest state of the paper. Papers that are nearly the same or of one
    series become one entry, whose `also` names the others.
    """
    merged = _merged(alerts)
    counts = {entry["paper"]["id"]: count for entry, count in merged}
    shown = [_counted(told, counts) for told in varied([entry for entry, _ in merged])[:MAX_PAPERS]]
    document: Document = {
        "type": "digest",
        "timestamp": iso(period.until),
        "data": {
            "subscription": {"id": subscription.id, "name": subscription.name},
            "period": {"from": iso(period.since) if period.since else None, "to": iso(period.until)},
            "note": note,
            "alerts": [entry for entry, _ in shown],
            "more": total - sum(count for _, count in shown),
        },
    }
    return _fitted(document, [count for _, count in shown])


def _merged(alerts: Iterable[Document]) -> list[tuple[Document, int]]:
    """Join the alerts of each paper: the change of the earliest, the rest of the latest; count them."""
    by_paper: dict[str, list[Document]] = {}
    for alert in alerts:
        by_paper.setdefault(alert["data"]["paper"]["id"], []).append(alert)
    return [(_entry(same), len(same)) for same in by_paper.values()]


def _counted(told: Told, counts: Mapping[str, int]) -> tuple[Document, int]:
    """Return the entry of an alert that names those told under it, and how many alerts these are."""
    papers = [told.alert["paper"], *(alert["paper"] for alert in told.folded)]
    also = [{"id": paper["id"], "title": shortened(paper["title"], MAX_TITLE)} for paper in papers[1:]]
    return told.alert | {"also": also}, sum(counts[paper["id"]] for paper in papers)


def _entry(same: Sequence[Document]) -> Document:
    first, last = min(same, key=_when), max(same, key=_when)
    data = last["data"]
    return {"type": first["type"], "timestamp": first["timestamp"], "paper": data["paper"], "match": data["match"]}


def _when(alert: Document) -> str:
    return str(alert["timestamp"])


def _fitted(document: Document, counts: list[int]) -> bytes:
    """Shorten abstracts, then lists, then papers to a minimum until the digest fits; then drop the last papers."""
    data = document["data"]
    raw = orjson.dumps(document)
    for shorten in _SHORTER:
        if len(raw) <= MAX_BODY:
            return raw
        data["alerts"] = [one | {"paper": shorten(one["paper"])} for one in data["alerts"]]
        raw = orjson.dumps(document)
    while len(raw) > MAX_BODY:
        data["alerts"].pop()
        data["more"] += counts.pop()
        raw = orjson.dumps(document)
    return raw


def _without_latex(paper: Document) -> Document:
    """Return a paper whose abstract has no second form, which would not match a shorter one."""
    return paper | {"abstract_tex": None}


def _cut_abstract(most: int) -> Callable[[Document], Document]:
    def cut(paper: Document) -> Document:
        text = paper["abstract"]
        return paper | {"abstract": text[:most].rstrip() + "…"} if len(text) > most else paper

    return cut


def _cut_lists(paper: Document) -> Document:
    return paper | {name: paper[name][:most] for name, most in _LIST_LIMITS.items() if name in paper}


def _minimum(paper: Document) -> Document:
    """Reduce a paper to what identifies it."""
    kept = {name: paper.get(name) for name in ("title", "published", "updated", "trending")}
    bare = Paper(**kept | {"id": paper["id"][:500], "title": paper["title"][:500], "authors": paper["authors"][:3]})
    return bare.model_dump(mode="json")


_SHORTER: Final = (_without_latex, *map(_cut_abstract, _ABSTRACT_LIMITS), _cut_lists, _minimum)
