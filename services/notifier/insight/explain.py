"""Explains why an alert was sent or not, check by check."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from redis.asyncio import Redis

from services.notifier.alerts.planner import KeptMatches
from services.notifier.delivery.deliveries import Deliveries, DeliveryState, log_key
from services.notifier.insight.recent import events
from services.notifier.matching.condition_outcome import Outcome
from services.notifier.matching.indexed_papers import IndexedPaper, IndexedPapers
from services.notifier.matching.interest_vectors import InterestVectors
from services.notifier.matching.judge import NOT_SET_UP, Judge
from services.notifier.matching.match import (
    CONDITIONS,
    DIGITS,
    FLOOR,
    Subject,
    Wanted,
    score_of,
    share,
    subject,
    wanted,
    wanted_change,
)
from services.notifier.matching.reasons import listed
from services.notifier.matching.wanted_words import Words, wanted_words
from services.notifier.subscription.model import Subscription
from services.notifier.subscription.store import Row, Store
from shared.embedding.vectors import terms_by_id
from shared.papers.paper import Change, ChangeKind, Model, Paper

MAX_WORDS: Final = 8
"""The words that an explanation lists."""
LOOKED_AT: Final = 2_000
"""Deliveries of a subscription, the newest, that are searched for a paper."""


class Named(Model):
    """An id and a title."""

    id: str
    title: str


class Check(Model):
    """One condition, whether it holds, and a sentence about it."""

    name: str
    passes: bool
    detail: str


class Near(Named):
    """A paper and its score."""

    score: float


class PastAlert(Model):
    """An alert that was sent or kept. An alert kept for a digest or a feed is no delivery, and has no state."""

    delivery: str | None
    change: ChangeKind
    at: datetime
    state: DeliveryState | None
    condition: Outcome | None = None


class SubscriptionExplanation(Model):
    """Why a subscription matches a paper, or does not."""

    subscription: Named
    paper: Named
    verdict: str
    matches: bool
    score: float | None
    threshold: float | None
    checks: tuple[Check, ...]
    nearest_liked: Near | None
    delivered: tuple[PastAlert, ...]


class Explanations:
    """Explains subscriptions."""

    def __init__(
        self,
        redis: Redis,
        papers: IndexedPapers,
        interests: InterestVectors,
        deliveries: Deliveries,
        kept_matches: KeptMatches,
        judge: Judge,
    ) -> None:
        self.papers = papers
        self._redis = redis
        self._interest_vectors = interests
        self._deliveries = deliveries
        self._kept_matches = kept_matches
        self._judge = judge

    async def of(self, row: Row, paper: IndexedPaper) -> SubscriptionExplanation:
        """Explain a subscription and a paper. Raises TransientError if Qdrant does not answer."""
        subscription = row.subscription
        vector = (await self._interest_vectors.stored([row]))[0]
        cosine = float(vector.astype("f8") @ paper.vector.astype("f8"))
        nearest = (await self.papers.nearest([(paper.vector, subscription.like)]))[0] if subscription.like else None
        changes = [change for _, together in events(paper.paper, paper.published_at) for change in together]
        of = await self._subject(subscription, paper.paper, changes)
        asked, present = wanted(subscription, row.words), await asyncio.to_thread(lambda: of.terms)
        score = score_of(asked, present, cosine)
        words = wanted_words(subscription.query) if row.words is None else row.words
        made_of = _made_of(asked, words, present, cosine)
        checks = list(_checks(subscription, of, score, made_of))
        if subscription.only_if:
            checks.append(await self._condition(subscription.only_if, paper.paper))
        delivered = await self._delivered(subscription.id, paper.paper.id)
        return SubscriptionExplanation(
            subscription=Named(id=subscription.id, title=subscription.name),
            paper=Named(id=paper.paper.id, title=paper.paper.title),
            verdict=_verdict(subscription, paper, checks, delivered),
            matches=all(check.passes for check in checks),
            score=score if subscription.has_vector else None,
            threshold=subscription.threshold if subscription.has_vector else None,
            checks=tuple(checks),
            nearest_liked=Near(id=nearest.id, title=nearest.title, score=nearest.score) if nearest else None,
            delivered=delivered,
        )

    async def _subject(self, one: Subscription, paper: Paper, changes: Sequence[Change]) -> Subject:
        of = subject(paper, changes)
        (cited,) = await Store(self._redis).cited([(one.id, list(of.ids))]) if one.cites else [()]
        return replace(of, cited=cited)

    async def _condition(self, condition: str, paper: Paper) -> Check:
        """Return what is known of a condition in plain words; only what the model denied is no match."""
        known = (await self._judge.known([(paper.title, paper.abstract)], condition))[0]
        if known:
            return Check(name="only_if", passes=known.verdict != "no", detail=known.sentence)
        when = "is checked before an alert is sent" if self._judge.works else f"is not checked, {NOT_SET_UP}"
        return Check(name="only_if", passes=True, detail=f"only if “{condition}”: {when}")

    async def _delivered(self, subscription: str, paper: str) -> tuple[PastAlert, ...]:
        """Return the alerts of a subscription about a paper, oldest first."""
        ids: Any = await self._redis.zrevrange(log_key(subscription), 0, LOOKED_AT - 1)
        records = await self._deliveries.records([name.decode() for name in ids])
        sent = [
            PastAlert(delivery=one.id, change=one.change, at=one.created_at, state=one.state, condition=one.condition)
            for one in reversed(records)
            if one and one.paper == paper and not one.test
        ]
        return tuple(sent) or await self._kept(subscription, paper)

    async def _kept(self, subscription: str, paper: str) -> tuple[PastAlert, ...]:
        """Return the alerts about a paper that are kept for a digest or a feed, oldest first."""
        alerts = reversed(await self._kept_matches.latest(subscription))
        return tuple(
            PastAlert(delivery=None, change=alert["type"].removeprefix("paper."), at=alert["timestamp"], state=None)
            for alert in alerts
            if alert["data"]["paper"]["id"] == paper
        )


def _checks(subscription: Subscription, of: Subject, score: float, made_of: str) -> Iterable[Check]:
    state = subscription.state
    why = f" because {state.reason}" if state.reason else ""
    yield Check(name="state", passes=subscription.matching, detail=f"the subscription is {state.status.value}{why}")
    yield _change_check(subscription, of)
    if subscription.has_vector:
        passes = score >= subscription.threshold
        words = "reaches" if passes else "is below"
        detail = f"score {score:.3f} {words} the threshold {subscription.threshold:.3f}{made_of}"
        yield Check(name="score", passes=passes, detail=detail)
    for condition in CONDITIONS:
        if getattr(subscription, _FIELDS.get(condition.name, condition.name)):
            holds = condition.holds(subscription, of)
            if holds:
                detail = "; ".join(condition.reasons(subscription, of)) or "no objection"
            else:
                detail = f"the paper {condition.failure(subscription, of)}"
            yield Check(name=condition.name, passes=holds, detail=detail)


_FIELDS: Final = {"not": "not_"}


def _change_check(subscription: Subscription, of: Subject) -> Check:
    change = wanted_change(subscription, of)
    if change:
        return Check(name="changes", passes=True, detail=f"the change {change.kind.value} is wanted and happened")
    happened = listed(dict.fromkeys(one.kind.value for one in of.changes))
    wanted = listed(kind.value for kind in subscription.changes)
    return Check(name="changes", passes=False, detail=f"wanted changes: {wanted}; known changes: {happened}")


def _verdict(
    subscription: Subscription, paper: IndexedPaper, checks: list[Check], delivered: tuple[PastAlert, ...]
) -> str:
    """Return a sentence about the result."""
    if delivered:
        last = delivered[-1]
        if last.condition and last.state is DeliveryState.DECLINED:
            return f"No alert: {last.condition.sentence}"
        state = last.state.value if last.state else "kept for a digest or a feed"
        return f"An alert was made at {last.at.isoformat(timespec='seconds')} and is {state}."
    failed = [check.detail for check in checks if not check.passes]
    if failed:
        return f"No alert: {'; '.join(failed)}."
    if paper.published_at < subscription.created_at:
        return "The paper matches, but was published before the subscription was created."
    return "The paper matches, but there is no alert: a backfill imported it silently, or its alert has expired."


def _made_of(asked: Wanted, words: Words, present: Collection[int], cosine: float) -> str:
    """Return what a score is made of, in words; nothing where it is the cosine alone."""
    if not asked.terms:
        return ""
    if round(cosine, DIGITS) < FLOOR:
        return f" (meaning {cosine:.2f}; words count from {FLOOR:.2f} on)"
    found = [f"“{word}”" for word in words if not set(terms_by_id([word])).isdisjoint(present)]
    listed = ", ".join(found[:MAX_WORDS]) + (" …" if len(found) > MAX_WORDS else "")
    part = share(asked, present)
    return f" (meaning {cosine:.2f}, words {part:.2f}: {listed or 'none'} of {len(words)}; usual is {asked.usual:.2f})"
