"""Whether a paper matches a subscription, why, with which score, and how the match ranks. Exact, and pure.

    score = cosine + W · (share - usual)

`share` is the share of the wanted words that occur in title or abstract, each with its weight, from 0 to 1. `usual` is
what it is for papers at the threshold, so that a threshold means what it does for the cosine alone. The words are those
of the sentence, weighted by their rarity, and the heaviest of the liked papers. Where there is none, the score is the
cosine. Scores above `KNEE` are compressed so that the highest is 1.

Qdrant only preselects subscriptions, by vector or by their sets. Every condition is decided here. Matching and
explanations read the same table of conditions, so they cannot differ.
"""

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from services.notifier.matching.reasons import CHANGE, MAX_QUOTED, listed, quoted
from services.notifier.matching.wanted_words import Words, wanted_words
from services.notifier.subscription.model import Criteria
from services.notifier.subscription.sensitivity import MIN_ABSTRACT_LENGTH
from shared.embedding.vectors import MAX_CHARACTERS, terms_by_id, typed_words, words
from shared.papers.names import canonical_id
from shared.papers.paper import Change, ChangeKind, Paper
from shared.papers.person_names import is_among, known_keys
from shared.text.sentence_ends import shortened

DIGITS: Final = 6
"""Decimals of a score. Scores are float32 sums, exact to about seven, and are compared as they are reported."""
WORDS_WEIGHT: Final = 0.5
"""W. From 0.3 to 0.8 the precision of alerts is nearly the same; docs/adr/0071 has the measurements."""
USUAL_OF_SENTENCE: Final = 0.25
USUAL_OF_ABSTRACT: Final = 0.15
USUAL_OF_LIKED: Final = 0.05
"""The share of words that papers at the threshold have: of 5,000 papers of arXiv about as many pass as by the cosine
alone, 30.6 instead of 28.5 at 0.45 (80 sentences), 3.5 instead of 2.9 at 0.65 (54 halves of abstracts), and 35 instead
of 32 at 0.6 (40 liked papers)."""
FLOOR: Final = 0.2
"""The cosine below which words count nothing: a paper of another field may share them. It bounds what is compared."""
KNEE: Final = 0.7
"""Where the compression of scores begins: above all default thresholds."""
MARGIN: Final = 1e-5
"""The error of float32 sums at the threshold. Within it, the reported score decides."""
SCORING: Final = 2
"""The version of the score, which the points of subscriptions state; the first was the cosine alone."""
_FINGERPRINT: Final = re.compile("[0-9a-f]{24}")
"""The version of a change whose source numbers none; it means nothing to a reader."""
Sentences = Callable[["Criteria", "Subject"], Iterable[str]]
_CODE: Final = {True: "has code", False: "has no known code"}


@dataclass(frozen=True)
class Subject:
    """A paper prepared for comparison with many subscriptions.

    `cited` are the titles of papers that it cites, of the owner of the one subscription that it is compared with.
    """

    paper: Paper
    changes: tuple[Change, ...]
    author_keys: frozenset[str]
    source_names: frozenset[str]
    ids: frozenset[str]
    cited: tuple[str, ...] = ()

    @cached_property
    def text(self) -> str:
        """The words of title and abstract, computed at first use.

        Two spaces separate them, so that no phrase matches across title and abstract.
        """
        return f" {' '.join(words(self.paper.title))}  {' '.join(words(self.paper.abstract))} "

    @cached_property
    def terms(self) -> frozenset[int]:
        """The ids of the terms of title and abstract as they are indexed, computed at first use."""
        text = f"{self.paper.title}\n{self.paper.abstract}"
        found = self.text.split() if len(text) <= MAX_CHARACTERS else words(text.strip()[:MAX_CHARACTERS])
        return frozenset(terms_by_id(found))


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, named after its field. It holds for a subscription that does not set it."""

    name: str
    holds: Callable[[Criteria, Subject], bool]
    reasons: Sentences
    failure: Callable[[Criteria, Subject], str]


def subject(paper: Paper, changes: Iterable[Change]) -> Subject:
    """Return a paper prepared for matching; its names are folded once for all subscriptions."""
    return Subject(
        paper=paper,
        changes=tuple(changes),
        author_keys=frozenset(key for author in paper.authors for key in known_keys(author.name)),
        source_names=frozenset(source.source for source in paper.sources),
        ids=frozenset(ids_of(paper)),
    )


def ids_of(paper: Paper) -> Iterable[str]:
    """Yield the ids that a work is known by, in the form that subscriptions use."""
    yield paper.id
    yield from (canonical_id(name) for name in paper.identifiers.values())
    yield from (f"arXiv:{name}" for kind, name in paper.identifiers.items() if kind == "arxiv")
    yield from (canonical_id(source.id) for source in paper.sources)


def occurs(phrase: str, text: str) -> bool:
    """Return whether a phrase occurs in a `Subject.text` as whole words, which compare as in a search."""
    return _folded(phrase) in text


@lru_cache(maxsize=65_536)
def _folded(phrase: str) -> str:
    """Fold a phrase; cached, as every paper asks for the same phrases."""
    return f" {' '.join(typed_words(phrase))} "


def wanted_change(criteria: Criteria, of: Subject) -> Change | None:
    """Return the first change that a subscription alerts on, or None."""
    return next((change for change in of.changes if _wants(criteria, change)), None)


def wanted_as(change: Change) -> frozenset[ChangeKind]:
    """Return the kinds by which a change is wanted: who is told of withdrawals is told when one is taken back."""
    return frozenset({change.kind, ChangeKind.WITHDRAWN} if change.kind is ChangeKind.RESTORED else {change.kind})


def _wants(criteria: Criteria, change: Change) -> bool:
    moved = (
        change.kind is not ChangeKind.SIGNALS
        or not criteria.counters
        or not set(criteria.counters).isdisjoint(change.fields)
    )
    return not wanted_as(change).isdisjoint(criteria.changes) and moved


def _present(phrases: Iterable[str], of: Subject) -> list[str]:
    return [phrase for phrase in phrases if occurs(phrase, of.text)]


def _people(names: Iterable[str], of: Subject) -> list[str]:
    return [name for name in names if is_among(name, of.author_keys)]


def _lacking(criteria: Criteria, of: Subject) -> list[str]:
    """Return the counters that are too low or unknown, with their values."""
    signals = of.paper.signals
    return [
        f"{name} {'unknown' if (known := getattr(signals, name)) is None else known} of at least {least}"
        for name, least in criteria.min_signals or ()
        if least is not None and ((known := getattr(signals, name)) is None or known < least)
    ]


def _nothing(*_: object) -> Iterable[str]:
    """Return no reasons: that something does not occur is no reason for a match."""
    return ()


CONDITIONS = (
    Condition(
        "cites",
        lambda criteria, of: criteria.cites is None or bool(of.cited),
        lambda _, of: (f"cites your paper “{shortened(title, MAX_QUOTED)}”" for title in of.cited),
        lambda *_: "is not known to cite your papers since they are watched",
    ),
    Condition(
        "must",
        lambda criteria, of: all(occurs(phrase, of.text) for phrase in criteria.must),
        lambda criteria, _: (f"mentions “{phrase}”" for phrase in criteria.must),
        lambda criteria, of: f"lacks {quoted(p for p in criteria.must if not occurs(p, of.text))}",
    ),
    Condition(
        "any",
        lambda criteria, of: not criteria.any or any(occurs(phrase, of.text) for phrase in criteria.any),
        lambda criteria, of: (f"mentions “{phrase}”" for phrase in _present(criteria.any, of)),
        lambda criteria, _: f"has none of {quoted(criteria.any)}",
    ),
    Condition(
        "not",
        lambda criteria, of: not any(occurs(phrase, of.text) for phrase in criteria.not_),
        _nothing,
        lambda criteria, of: f"has {quoted(_present(criteria.not_, of))}, which it must not",
    ),
    Condition(
        "categories",
        lambda criteria, of: not criteria.categories or not set(criteria.categories).isdisjoint(of.paper.categories),
        lambda criteria, of: (f"in {name}" for name in criteria.categories if name in of.paper.categories),
        lambda criteria, of: (
            f"is in {listed(of.paper.categories) or 'no category'}, not in {listed(criteria.categories)}"
        ),
    ),
    Condition(
        "authors",
        lambda criteria, of: not criteria.authors or any(is_among(name, of.author_keys) for name in criteria.authors),
        lambda criteria, of: (f"by {name}" for name in _people(criteria.authors, of)),
        lambda criteria, _: f"none of its authors is {listed(criteria.authors)}",
    ),
    Condition(
        "sources",
        lambda criteria, of: not criteria.sources or not of.source_names.isdisjoint(criteria.sources),
        lambda criteria, of: (f"seen at {name}" for name in criteria.sources if name in of.source_names),
        lambda criteria, of: (
            f"was seen in {listed(sorted(of.source_names)) or 'no source'}, not in {listed(criteria.sources)}"
        ),
    ),
    Condition(
        "min_signals",
        lambda criteria, of: not _lacking(criteria, of),
        lambda criteria, of: (
            f"{(value := getattr(of.paper.signals, name)):,} {name if value != 1 else name[:-1]} (at least {least:,})"
            for name, least in criteria.min_signals or ()
            if least is not None
        ),
        lambda criteria, of: f"has {listed(_lacking(criteria, of))}",
    ),
    Condition(
        "has_code",
        lambda criteria, of: criteria.has_code in (None, bool(of.paper.links.code)),
        lambda criteria, _: () if criteria.has_code is None else (_CODE[criteria.has_code],),
        lambda criteria, _: "has no known code" if criteria.has_code else "has code, which it must not",
    ),
    Condition(
        "papers",
        lambda criteria, of: not criteria.papers or not of.ids.isdisjoint(criteria.papers),
        lambda criteria, of: (f"you watch {name}" for name in criteria.papers if name in of.ids),
        lambda *_: "is none of the watched papers",
    ),
    Condition(
        "mute_authors",
        lambda criteria, of: not any(is_among(name, of.author_keys) for name in criteria.mute_authors),
        _nothing,
        lambda criteria, of: f"is by {listed(_people(criteria.mute_authors, of))}, muted by this subscription",
    ),
    Condition(
        "unlike",
        lambda criteria, of: of.ids.isdisjoint(criteria.unlike),
        _nothing,
        lambda *_: "is one of the papers that were marked as unlike",
    ),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The words that a subscription looks for: the weights of their terms, with a sum of 1, and their usual share."""

    terms: Mapping[int, float]
    usual: float


def wanted(criteria: Criteria, words: Words | None) -> Wanted:
    """Return what a subscription looks for. One of an earlier version has no words; they are those of its sentence."""
    found = wanted_words(criteria.query) if words is None else words
    return _wanted(tuple(found.items()), _usual(criteria))


def _usual(criteria: Criteria) -> float:
    parts = [USUAL_OF_LIKED] if criteria.like else []
    if criteria.query:
        parts.append(USUAL_OF_ABSTRACT if len(criteria.query) >= MIN_ABSTRACT_LENGTH else USUAL_OF_SENTENCE)
    return sum(parts) / max(len(parts), 1)


@lru_cache(maxsize=65_536)
def _wanted(words: tuple[tuple[str, float], ...], usual: float) -> Wanted:
    total = math.fsum(weight for _, weight in words)
    found = {term: weight / total for word, weight in words for term in terms_by_id([word])}
    return Wanted(found, usual if found else 0.0)


def share(asked: Wanted, present: Collection[int]) -> float:
    """Return the share of the wanted words that a text with the terms `present` has, from 0 to 1."""
    return math.fsum(weight for term, weight in asked.terms.items() if term in present)


def score_of(asked: Wanted, present: Collection[int], cosine: float) -> float:
    """Return the score of a paper that has the terms `present`, to `DIGITS`."""
    cosine = round(cosine, DIGITS)
    found = share(asked, present) if asked.terms and cosine >= FLOOR else 0.0
    score = cosine + WORDS_WEIGHT * (found - asked.usual)
    return round(score if score <= KNEE else KNEE + (score - KNEE) * _slope(asked), DIGITS)


def _slope(asked: Wanted) -> float:
    """Return by how much scores above the knee are compressed: a cosine of 1 with every word has the score 1."""
    highest = 1 + WORDS_WEIGHT * (1 - asked.usual) if asked.terms else 1.0
    return (1 - KNEE) / (highest - KNEE)


def least_cosine(asked: Wanted, score: float, most: float = 1.0) -> float:
    """Return the cosine that a score needs at least where the share of words is at most `most`."""
    loose = score if score <= KNEE else KNEE + (score - KNEE) / _slope(asked)
    alone = loose + WORDS_WEIGHT * asked.usual
    return min(alone, max(FLOOR, alone - WORDS_WEIGHT * most)) if asked.terms else score


@dataclass(frozen=True, slots=True)
class Match:
    """A paper matches a subscription because of one of its changes."""

    change: Change
    score: float
    threshold: float
    reasons: tuple[str, ...]


def match(criteria: Criteria, of: Subject, score: float) -> Match | None:
    """Return the match, or None; `score` is that of `score_of`, or 0 for a subscription without a vector."""
    score = round(score, DIGITS)
    change = wanted_change(criteria, of)
    if change is None or score < criteria.threshold or not fits(criteria, of):
        return None
    return Match(change, score, criteria.threshold, tuple(reasons(criteria, of, score, change)))


def fits(criteria: Criteria, of: Subject) -> bool:
    """Return whether every condition holds, regardless of score and change."""
    return all(condition.holds(criteria, of) for condition in CONDITIONS)


def reasons(criteria: Criteria, of: Subject, score: float, change: Change) -> Iterable[str]:
    """Yield why a paper matches, in words: the change first, then how near it is, then the conditions."""
    version = "" if _FINGERPRINT.fullmatch(change.version) else change.version
    yield f"{CHANGE}{change.kind.value.replace('_', ' ')}" + (f" ({version})" if version else "")
    if criteria.has_vector:
        about = f"about “{shortened(criteria.query, MAX_QUOTED)}”" if criteria.query else "similar to papers you liked"
        yield f"{about} ({max(score, 0):.0%})"
    for condition in CONDITIONS:
        yield from condition.reasons(criteria, of)


def rank(score: float, trending: float | None) -> float:
    """Return the rank of an alert in a digest: by score, and among equal scores by the trending key.

    A score has six decimals, so the trending key, whatever its size, only orders alerts of equal score.
    """
    key = trending or 0.0
    return score + 1e-7 * key / (1 + abs(key))
