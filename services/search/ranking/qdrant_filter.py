"""Filters in Qdrant's terms."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from typing import Final

from qdrant_client import models

from services.search.query.parser import Filters

# Not "must not be withdrawn": at 64,000 papers the engine takes 8 ms for that, and half a millisecond for this.
_ACTIVE = models.FieldCondition(key="paper.status", match=models.MatchValue(value="active"))
STANDING: Final = models.Filter(must=[_ACTIVE])
"""Matches the papers that are not withdrawn."""
WITHDRAWN: Final = models.Filter(
    must=[models.FieldCondition(key="paper.status", match=models.MatchValue(value="withdrawn"))]
)
"""Matches the withdrawn papers."""
_SUBJECT = 2  # letters of a subject, which are capitals where it has two: math.AG, but physics.optics
_ONE_WORD = re.compile(r"\w+")


def where(*wanted: Filters, unwanted: Filters | None = None) -> models.Filter:
    """Give the filter of a search: all of `wanted` hold and nothing of `unwanted` does.

    Withdrawn papers are left out, unless papers are asked for by id.
    """
    must = [condition for filters in wanted for condition in _conditions(filters)]
    if not any(filters.ids for filters in wanted):
        must.insert(0, _ACTIVE)
    return models.Filter(must=must, must_not=list(_conditions(unwanted)) if unwanted else None)


def indexed(since: datetime, until: datetime) -> models.Filter:
    """Match what the index wrote from one moment on and before another."""
    return models.Filter(
        must=[models.FieldCondition(key="indexed_at", range=models.DatetimeRange(gte=since, lt=until))]
    )


def begins(key: str, text: str) -> models.Filter:
    """Match a value of a field that begins with a text; the field's index must know beginnings."""
    return models.Filter(must=[models.FieldCondition(key=key, match=models.MatchPrefix(prefix=text))])


def among(points: Sequence[str]) -> models.Filter:
    """Match some points."""
    return models.Filter(must=[models.HasIdCondition(has_id=list(points))])


def _conditions(filters: Filters) -> Iterator[models.Condition]:
    yield from _any("ids", filters.ids)
    yield from _any("paper.categories", _as_arxiv_spells(filters.categories))
    yield from _any("author_keys", filters.authors)
    yield from _any("source_names", filters.sources)
    yield from _any("year", filters.years)
    yield from _published(filters)
    yield from (_phrase(phrase, "paper.title", "paper.abstract") for phrase in filters.phrases)
    yield from (_phrase(phrase, "paper.title") for phrase in filters.titles)
    if filters.has_code is not None:
        yield models.FieldCondition(key="has_code", match=models.MatchValue(value=filters.has_code))


def _as_arxiv_spells(categories: Sequence[str]) -> list[str]:
    """Add to each category how arXiv would write it: cs.ds is meant to be cs.DS."""
    parts = [category.partition(".") for category in categories]
    likely = [f"{archive.lower()}.{subject.upper()}" for archive, _, subject in parts if len(subject) == _SUBJECT]
    return list(dict.fromkeys([*categories, *likely]))


def _any(key: str, values: Sequence[str] | Sequence[int]) -> Iterator[models.Condition]:
    if values:
        yield models.FieldCondition(key=key, match=models.MatchAny(any=list(values)))


def _published(filters: Filters) -> Iterator[models.Condition]:
    if filters.since or filters.until:
        since = datetime.combine(filters.since, time.min, UTC) if filters.since else None
        until = datetime.combine(filters.until, time.max, UTC) if filters.until else None
        yield models.FieldCondition(key="published_at", range=models.DatetimeRange(gte=since, lte=until))


def _phrase(phrase: str, *keys: str) -> models.Filter:
    # A word alone needs no order of words: excluding one takes the engine 30 ms this way, 50 ms as a phrase.
    one = _ONE_WORD.fullmatch(phrase)
    match = models.MatchText(text=phrase) if one else models.MatchPhrase(phrase=phrase)
    return models.Filter(should=[models.FieldCondition(key=key, match=match) for key in keys])
