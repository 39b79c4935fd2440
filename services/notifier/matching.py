"""Whether a paper is for a subscription, and why: exact, on plain values.

Qdrant only narrows down: by meaning, or by the sets of who has none. Every condition is decided here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from services.notifier.subscription import MinSignals, Subscription
from shared.names import author_keys, fold
from shared.paper import Change, Paper, Signals

DIGITS = 6
"""Decimals of a score. Scores are float32 sums, good to about seven, and are compared as they are reported."""


@dataclass(frozen=True, slots=True)
class Match:
    """A paper is for a subscription, because of one of its changes."""

    change: Change
    score: float
    threshold: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Subject:
    """A paper made ready to be compared with many subscriptions."""

    paper: Paper
    changes: tuple[Change, ...]
    author_keys: frozenset[str]
    source_names: frozenset[str]

    @cached_property
    def text(self) -> str:
        """Title and abstract folded, when the first subscription with a phrase asks for them.

        Two spaces between them: no phrase runs from the title into the abstract.
        """
        return f" {fold(self.paper.title)}  {fold(self.paper.abstract)} "


def subject(paper: Paper, changes: Sequence[Change]) -> Subject:
    """Fold the names of a paper once for all subscriptions."""
    return Subject(
        paper=paper,
        changes=tuple(changes),
        author_keys=frozenset(key for author in paper.authors for key in author_keys(author.name)),
        source_names=frozenset(source.source for source in paper.sources),
    )


def person_key(name: str) -> str:
    """Give the key that an author of a subscription is looked for under ("Doe, Jane" as "Jane Doe")."""
    keys = author_keys(name)
    return keys[0] if keys else fold(name)


def match(subscription: Subscription, of: Subject, score: float) -> Match | None:
    """Decide exactly; `score` is the cosine of paper and interest, or 0 where meaning does not count."""
    score = round(score, DIGITS)
    change = next((change for change in of.changes if change.kind in subscription.changes), None)
    fits = (
        change is not None
        and score >= subscription.threshold
        and _any_of(subscription.categories, of.paper.categories)
        and _any_of(subscription.sources, of.source_names)
        and _any_of(map(person_key, subscription.authors), of.author_keys, wanted=bool(subscription.authors))
        and _phrases_fit(subscription, of.text)
        and _signals_suffice(subscription.min_signals, of.paper.signals)
    )
    if not fits or change is None:
        return None
    reasons = tuple(_reasons(subscription, of, score, change))
    return Match(change, score, subscription.threshold, reasons)


def _any_of(wants: Iterable[str], has: Iterable[str], *, wanted: bool | None = None) -> bool:
    """Tell whether one of the wanted is there; nothing wanted is always there."""
    wants = set(wants)
    return not (wants if wanted is None else wanted) or not wants.isdisjoint(has)


def occurs(phrase: str, text: str) -> bool:
    """Tell whether a phrase occurs in a text of a `Subject`, as whole words, whatever case, accents, punctuation."""
    return _folded(phrase) in text


@lru_cache(maxsize=65_536)
def _folded(phrase: str) -> str:
    """Fold a phrase once, not for every paper."""
    return f" {fold(phrase)} "


def _phrases_fit(subscription: Subscription, text: str) -> bool:
    return (
        all(occurs(phrase, text) for phrase in subscription.must)
        and (not subscription.any or any(occurs(phrase, text) for phrase in subscription.any))
        and not any(occurs(phrase, text) for phrase in subscription.not_)
    )


def _signals_suffice(least: MinSignals | None, has: Signals) -> bool:
    return least is None or all(
        (known := getattr(has, name)) is not None and known >= wanted for name, wanted in least if wanted is not None
    )


def _reasons(subscription: Subscription, of: Subject, score: float, change: Change) -> Iterable[str]:
    yield f"change: {change.kind.value.replace('_', ' ')}" + (f" ({change.version})" if change.version else "")
    if subscription.has_vector:
        yield f"score {score:.2f} reaches the threshold {subscription.threshold:.2f}"
    yield from (
        f"has the phrase “{phrase}”" for phrase in (*subscription.must, *subscription.any) if occurs(phrase, of.text)
    )
    yield from (f"category {name}" for name in subscription.categories if name in of.paper.categories)
    yield from (f"author {name}" for name in subscription.authors if person_key(name) in of.author_keys)
    yield from (f"source {name}" for name in subscription.sources if name in of.source_names)
    for name, wanted in subscription.min_signals or ():
        if wanted is not None:
            yield f"{name} {getattr(of.paper.signals, name)} of at least {wanted}"
