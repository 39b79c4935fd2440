"""INVARIANT: the query and the conditions find exactly what a comparison of all pairs finds."""

import itertools
import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from services.notifier.alerts.planner import AlertPlanner
from services.notifier.matching import subscription_points as points
from services.notifier.matching.indexed_papers import IndexedPapers
from services.notifier.matching.interest_vectors import InterestVectors
from services.notifier.matching.match import DIGITS, FLOOR, KNEE, USUAL_OF_SENTENCE, WORDS_WEIGHT
from services.notifier.matching.rarity import rarity
from services.notifier.matching.subscription_points import SubscriptionPoints
from services.notifier.secrets.signed_links import Links
from services.notifier.subscription.model import State, Subscription
from services.notifier.subscription.store import InterestVector, Row, Store
from shared.bus import Bus, Entry
from shared.embedding.vectors import pack_vector, stem_id
from shared.papers.events import PaperIndexed
from shared.papers.paper import Author, Change, ChangeKind, Paper, SourceRef
from shared.qdrant import open_qdrant
from shared.settings import Settings
from tests.integration.notifier.support import SIZE, WordEmbedder

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CATEGORIES = ("cs.CL", "cs.RO", "math.CO")
PHRASES = ("deep graph", "paper crane")
STEMS = ("graph", "crane", "robot", "dust", "quark", "swan", "atom", "protein", "model", "kite")
"""Words that are their own stems, and no stopwords."""


def unit(dice: np.random.Generator) -> Any:  # an array
    vector = dice.standard_normal(SIZE)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def some(dice: np.random.Generator, values: tuple[str, ...]) -> list[str]:
    return [value for value in values if dice.random() < 0.3]


def events(dice: np.random.Generator, number: int) -> list[tuple[Any, PaperIndexed]]:
    made = []
    for n in range(number):
        paper = Paper(
            id=f"p{n}",
            title="a " + " and ".join(some(dice, PHRASES)),
            abstract=" the ".join(some(dice, STEMS)),
            categories=tuple(some(dice, CATEGORIES)),
            authors=tuple(Author(name=name) for name in some(dice, ("Ada Lee", "Bo Wu"))),
            sources=tuple(SourceRef(source=name, id="1") for name in some(dice, ("arxiv", "biorxiv"))),
        )
        later = ChangeKind.RESTORED if n % 2 else ChangeKind.REVISED
        kind = ChangeKind.NEW if dice.random() < 0.7 else later
        vector = unit(dice)
        event = PaperIndexed(
            paper=paper,
            changes=(Change(kind=kind),),
            vector=pack_vector(vector),
            model=WordEmbedder.model,
            indexed_at=NOW,
        )
        made.append((vector, event))
    return made


def rows(dice: np.random.Generator, number: int, thresholds: list[float]) -> list[tuple[Any, Row]]:
    made = []
    for n in range(number):
        wants = {
            "must": some(dice, PHRASES)[:1],
            "not": some(dice, PHRASES)[:1],
            "categories": some(dice, CATEGORIES),
            "authors": some(dice, ("Ada Lee", "Wu, Bo")),
            "sources": some(dice, ("arxiv", "biorxiv")),
            "papers": some(dice, tuple(f"p{n}" for n in range(70))),
            "mute_authors": some(dice, ("Ada Lee", "Wu, Bo"))[:1],
        }
        if dice.random() < 0.5:
            wants = {name: [] for name in wants}  # meaning alone, or else next to nothing would match
        exact = any(value for name, value in wants.items() if name not in ("not", "mute_authors"))
        subscription = Subscription.model_validate(
            wants
            | {
                "id": f"00000000-0000-4000-8000-{n:012d}",
                "name": str(n),
                "query": sentence(dice) if dice.random() < 0.8 or not exact else None,
                "sensitivity": thresholds[n % len(thresholds)],
                "changes": ["new"] if dice.random() < 0.6 else ["new", "revised", "withdrawn"],
                "channel": {"type": "webhook", "url": "https://example.org/"},
                "state": State(status="paused" if dice.random() < 0.1 else "active", since=NOW),
                "created_at": NOW,
                "updated_at": NOW,
            }
        )
        vector = unit(dice) if subscription.has_vector else np.zeros(SIZE, np.float32)
        made.append((vector, Row(owner="me", subscription=subscription)))
    return made


def sentence(dice: np.random.Generator) -> str:
    """Some words, or now and then none that is compared."""
    return " and ".join(dice.choice(STEMS, int(dice.integers(1, 5)), replace=False)) if dice.random() < 0.9 else "of it"


def plain_score(one: Subscription, paper: Paper, cosine: float) -> float:
    """The score, from the definition, by splitting texts at spaces."""
    cosine = round(cosine, DIGITS)
    wanted = [word for word in (one.query or "").split() if word in STEMS]
    if not wanted:
        return cosine
    there = f"{paper.title} {paper.abstract}".split()
    found = math.fsum(rarity(stem_id(word)) for word in wanted if word in there)
    share = found / math.fsum(rarity(stem_id(word)) for word in wanted) if cosine >= FLOOR else 0.0
    score = cosine + WORDS_WEIGHT * (share - USUAL_OF_SENTENCE)
    highest = 1 + WORDS_WEIGHT * (1 - USUAL_OF_SENTENCE)
    return round(score if score < KNEE else KNEE + (1 - KNEE) * (score - KNEE) / (highest - KNEE), DIGITS)


def fits(vector: Any, row: Row, paper_vector: Any, event: PaperIndexed) -> bool:  # arrays
    """Compare a paper with a subscription in the plain way."""
    one, paper = row.subscription, event.paper
    score = plain_score(one, paper, float(vector.astype(np.float64) @ paper_vector.astype(np.float64)))
    names = {"Ada Lee": "Ada Lee", "Wu, Bo": "Bo Wu"}
    return (
        one.active
        and score >= one.threshold
        and event.changes[0].kind.replace("restored", "withdrawn") in one.changes
        and all(phrase in paper.title for phrase in one.must)
        and not any(phrase in paper.title for phrase in one.not_)
        and (not one.categories or bool(set(one.categories) & set(paper.categories)))
        and (not one.authors or bool({names[name] for name in one.authors} & {a.name for a in paper.authors}))
        and (not one.papers or paper.id in one.papers)
        and not {names[name] for name in one.mute_authors} & {a.name for a in paper.authors}
        and (not one.sources or bool(set(one.sources) & {source.source for source in paper.sources}))
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("limit", (1_000, 7))
async def test_matching_on_the_engine_is_exact(
    bus: Bus, settings: Settings, qdrant_url: str, seed: int, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points, "FIRST_LIMIT", limit)  # 7: almost every answer is full and has to grow
    dice = np.random.default_rng(seed)
    papers = events(dice, 70)
    places = itertools.cycle(papers)
    subscriptions = rows(dice, 400, [0.0, 0.1, 0.25, 1.0])
    for number in range(0, 40, 2):  # some at the very threshold of a paper, some a millionth above
        place, event = next(places)
        mine, row = subscriptions[number]
        score = plain_score(row.subscription, event.paper, float(mine.astype(np.float64) @ place.astype(np.float64)))
        if row.subscription.has_vector and 0 < score < 1:
            exact = row.subscription.model_copy(update={"sensitivity": score + (number % 4 == 0) * 1e-6})
            subscriptions[number] = (mine, row.model_copy(update={"subscription": exact}))
    store = Store(bus.redis)
    client = open_qdrant(settings.model_copy(update={"qdrant_url": qdrant_url}))
    for vector, row in subscriptions:
        await store.add(row, InterestVector(model=WordEmbedder.model, vector=pack_vector(vector)))
    kept = SubscriptionPoints(client, InterestVectors(IndexedPapers(client), WordEmbedder(), store), store)
    planner = AlertPlanner(kept, store, IndexedPapers(client), Links(None, b""), WordEmbedder())
    assert await kept.reconcile() == 400
    assert await kept.reconcile() == 0
    alerts = await planner.plan([Entry("1800000000000-0", event, {}, b"") for _, event in papers])
    found = {(alert.record.subscription, alert.record.paper) for alert in alerts}
    expected = {
        (row.subscription.id, event.paper.id)
        for vector, row in subscriptions
        for place, event in papers
        if fits(vector, row, place, event)
    }
    await client.close()
    assert len(expected) > 1_000
    assert found == expected
