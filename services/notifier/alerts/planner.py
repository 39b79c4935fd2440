"""Alerts: the alerts for a batch of indexed papers, and the matches that Redis keeps for digests and feeds."""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import orjson
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.notifier.channels.registry import AnyChannel
from services.notifier.delivery.deliveries import Record, body_key
from services.notifier.matching import alert_body
from services.notifier.matching.indexed_papers import IndexedPaper, IndexedPapers, Vector
from services.notifier.matching.match import Match, Subject, match, rank, score_of, subject, wanted
from services.notifier.matching.reasons import liked_reason
from services.notifier.matching.subscription_points import Candidate, SubscriptionPoints
from services.notifier.secrets.signed_links import Links
from services.notifier.subscription.digest_schedule import Daily, Schedule, Weekly, next_due
from services.notifier.subscription.model import Subscription
from services.notifier.subscription.store import Row, Store
from shared.bus import Entry, scripts
from shared.embedding.embedder import Embedder, text_of
from shared.embedding.vectors import unpack_vector
from shared.moments import from_unix
from shared.papers.events import PaperIndexed
from shared.papers.paper import Change, ChangeKind

MAX_GATHERED: Final = 1_000
"""The most matches that wait for a digest, the best; the others are only counted."""
MAX_FEED: Final = 100
"""The most matches of a feed, the latest."""
MAX_SKEW: Final = 60.0
"""Seconds by which the clocks of two machines may differ."""
MARK_LIFETIME: Final = 86_400
"""Seconds that the id of a match is known after its body was dropped, so that a repeated event adds nothing."""
DIGESTS_DUE: Final = "digests:due"
"""The subscriptions with matches that wait for a digest, by the Unix seconds at which to check them."""
CHECK_EVERY: Final = 3_600.0
"""Seconds after which such a subscription is checked again, at most: the clock may have been put right."""
FIRST_PUBLISHED: Final = "digests:published"
"""The same subscriptions, by the Unix seconds at which the first paper of those matches was published."""
FIRST_GATHERED: Final = "digests:gathered"
"""The same subscriptions, by the Unix seconds at which the first of those matches was found."""


@dataclass(frozen=True, slots=True)
class PlannedAlert:
    """An alert to write: the record of its delivery, its body, and its channel.

    `schedule` says when to send it, and `rank` orders it within a digest. `published` is when its paper was published
    on the first stream, or its subscription was created if that was later, in Unix seconds. It is for the subscription
    of its record and, if merged, for those in `also`. `only_if` is a condition that is still to be checked.
    """

    record: Record
    body: bytes
    channel: AnyChannel
    schedule: Schedule
    rank: float
    published: float
    also: tuple[str, ...] = ()
    only_if: str | None = None

    @property
    def is_sent_at_once(self) -> bool:
        """Whether it is a delivery of its own."""
        return self.schedule == "instant" and self.channel.transport is not None


@dataclass(slots=True)
class _Matched:
    """A match with the event and the subscription that its alert is built from."""

    row: Row
    entry: Entry[PaperIndexed]
    vector: Vector
    match: Match

    @property
    def event(self) -> PaperIndexed:
        return self.entry.event


class AlertPlanner:
    """Find the subscriptions that papers match, and build their alerts."""

    def __init__(
        self, points: SubscriptionPoints, store: Store, papers: IndexedPapers, links: Links, embedder: Embedder
    ) -> None:
        """Take the `embedder` that made the vectors of the subscriptions."""
        self._points = points
        self._store = store
        self._papers = papers
        self._links = links
        self._embedder = embedder

    def rejection(self, event: PaperIndexed) -> str | None:
        """Return why an event cannot be matched, or None."""
        if event.model != self._embedder.model:
            return None
        try:
            vector = unpack_vector(event.vector)
        except ValueError as error:
            return f"its vector cannot be read: {error}"
        if vector.shape != (self._embedder.size,) or not np.isfinite(vector).all():
            return f"its vector is not one of {self._embedder.size} finite numbers"
        return None

    async def _vectors(self, events: Sequence[PaperIndexed]) -> list[Vector]:
        """Return the vectors of papers; they are embedded again if an indexer wrote them with an earlier model."""
        other = [event for event in events if event.model != self._embedder.model]
        texts = [text_of(event.paper.title, event.paper.abstract) for event in other]
        again = iter(await self._embedder.papers(texts) if texts else ())
        return [unpack_vector(event.vector) if event.model == self._embedder.model else next(again) for event in events]

    async def plan(self, entries: Sequence[Entry[PaperIndexed]]) -> list[PlannedAlert]:
        """Return every alert that valid events lead to, each once.

        Raises:
            TransientError: Qdrant does not answer.

        """
        events = [entry.event for entry in entries]
        subjects = [subject(event.paper, event.changes) for event in events]
        vectors = await self._vectors(events)
        candidates = await self._points.candidates(list(zip(vectors, subjects, strict=True)))
        now = await self._store.now()
        rows = await self._rows({one.subscription for found in candidates for one in found})
        citing = await self._citing(subjects, candidates, rows)
        matched: dict[str, dict[str, _Matched]] = {}
        for entry, vector, paper, found in zip(entries, vectors, subjects, candidates, strict=True):
            for candidate in found:
                row = rows.get(candidate.subscription)
                if row is None or not row.subscription.matching or is_older(entry, row.subscription, now):
                    continue
                of = citing.get((candidate.subscription, paper.paper.id), paper)
                score = score_of(wanted(row.subscription, row.words), of.terms, candidate.cosine)
                if result := match(row.subscription, of, score):
                    together = matched.setdefault(_alert_id(row, entry.event, result), {})
                    together.setdefault(candidate.subscription, _Matched(row, entry, vector, result))
        await self._name_nearest([one for together in matched.values() for one in together.values()])
        return [self._alert(id_, list(together.values())) for id_, together in matched.items()]

    async def _citing(
        self, subjects: Sequence[Subject], candidates: Sequence[Sequence[Candidate]], rows: Mapping[str, Row]
    ) -> dict[tuple[str, str], Subject]:
        """Return papers with what they cite, by the ids of a subscription that asks for that and of the paper."""
        asked = {
            (one.subscription, of.paper.id): of
            for of, found in zip(subjects, candidates, strict=True)
            for one in found
            if (row := rows.get(one.subscription)) and row.subscription.cites
        }
        titles = await self._store.cited([(subscription, list(of.ids)) for (subscription, _), of in asked.items()])
        found = zip(asked.items(), titles, strict=True)
        return {names: replace(of, cited=cited) for (names, of), cited in found}

    async def plan_citing(
        self, row: Row, interest: Vector, papers: Sequence[tuple[IndexedPaper, tuple[str, ...]]], now: float
    ) -> list[PlannedAlert]:
        """Return the alerts of a subscription about papers of the index that were found to cite those of its owner.

        Each comes with the titles that it cites. An alert is the one that the event of a new paper leads to, with its
        id; `now` is its time, in Unix seconds. `interest` is the vector of the subscription. Raises as `plan`.
        """
        matched = []
        for paper, cited in papers:
            of = replace(subject(paper.paper, (Change(kind=ChangeKind.NEW),)), cited=cited)
            cosine = float(interest.astype("f8") @ paper.vector.astype("f8"))
            score = score_of(wanted(row.subscription, row.words), of.terms, cosine)
            if result := match(row.subscription, of, score):
                event = PaperIndexed(
                    paper=paper.paper,
                    changes=of.changes,
                    vector="",
                    model=self._embedder.model,
                    indexed_at=from_unix(now),
                )
                entry = Entry(f"{int(now * 1000)}-0", event, {}, b"")
                matched.append(_Matched(row, entry, paper.vector, result))
        await self._name_nearest(matched)
        return [self._alert(_alert_id(row, one.event, one.match), [one]) for one in matched]

    async def _name_nearest(self, matched: Sequence[_Matched]) -> None:
        """Name the nearest of the liked papers in the reasons."""
        by_likes = [one for one in matched if one.row.subscription.like]
        if not by_likes:
            return
        found = await self._papers.nearest([(one.vector, one.row.subscription.like) for one in by_likes])
        for one, nearest in zip(by_likes, found, strict=True):
            if nearest:
                reason = liked_reason(nearest.title, nearest.score)
                change, interest, *others = one.match.reasons
                interests = (interest, reason) if one.row.subscription.query else (reason,)
                one.match = replace(one.match, reasons=(change, *interests, *others))

    async def _rows(self, ids: set[str]) -> dict[str, Row]:
        """Read the rows of subscriptions, by id; one that Redis no longer has is left out."""
        rows = await self._store.several(list(ids))
        return {row.subscription.id: row for row in rows if row}

    def _alert(self, id_: str, together: Sequence[_Matched]) -> PlannedAlert:
        """Build one alert for some matches, the oldest subscription first."""
        first, *others = sorted(together, key=lambda one: (one.row.subscription.created_at, one.row.subscription.id))
        subscription, event = first.row.subscription, first.event
        also = tuple(one.row.subscription.id for one in others)
        record = Record(
            id=id_,
            subscription=subscription.id,
            also=also,
            owner=first.row.owner,
            paper=event.paper.id,
            change=first.match.change.kind,
            created_at=event.indexed_at,
            next_attempt_at=event.indexed_at,
        )
        recipients = [self._recipient(one) for one in others]
        at, links = event.indexed_at, self._recipient(first).links
        body = alert_body.compose(subscription, event.paper, first.match, at, links=links, others=recipients)
        place = rank(first.match.score, event.paper.trending)
        published = max(first.entry.published, subscription.created_at.timestamp())
        return PlannedAlert(
            record, body, subscription.channel, subscription.schedule, place, published, also, subscription.only_if
        )

    def _recipient(self, one: _Matched) -> alert_body.Recipient:
        subscription, at = one.row.subscription, one.event.indexed_at.timestamp()
        meaning = subscription.has_vector
        links = self._links.feedback(subscription.id, one.event.paper.id, at, meaning=meaning)
        return alert_body.Recipient(subscription, one.match, links)


def is_older(entry: Entry[PaperIndexed], subscription: Subscription, now: float) -> bool:
    """Return whether an entry was added before a subscription was created: a new group reads the last days again.

    `now` is from the clock of Redis. A subscription created after it is from a clock that was put right since.
    """
    created = subscription.created_at.timestamp()
    return created <= now and entry.added < created - MAX_SKEW


def _alert_id(row: Row, event: PaperIndexed, result: Match) -> str:
    """Return the id of the alert of a match. Only alerts that are sent at once merge.

    One about a citing paper has the first id of its work and no version: it is found at visits and by its event.
    """
    one = row.subscription
    if one.cites:
        first = event.paper.first_id or event.paper.id
        return alert_body.alert_id(one.id, first, Change(kind=result.change.kind))
    if one.merge and one.schedule == "instant" and one.channel.transport is not None:
        return alert_body.merged_id(row.owner, one.channel, event.paper.id, result.change)
    return alert_body.alert_id(one.id, event.paper.id, result.change)


class KeptMatches:
    """Keep matches, and read the latest. Its writes are commands in a transaction of the caller's."""

    def __init__(self, redis: Redis, clock: Callable[[], float], retention: float) -> None:
        """Take a `clock` that returns Unix seconds, and the seconds that a match is kept."""
        self._redis = redis
        self._clock = clock
        self._retention = int(retention)
        self._keep_match = scripts.source(__package__ or "", "keep_match")

    def keep(self, pipe: Pipeline, alert: PlannedAlert) -> None:
        """Keep the alert of a match that has no delivery of its own."""
        pipe.set(match_key(alert.record.id), zlib.compress(alert.body, 1), nx=True, ex=self._retention)

    def gather(self, pipe: Pipeline, alert: PlannedAlert, schedule: Daily | Weekly) -> None:
        """Add a kept match to those that wait for the next digest."""
        subscription = alert.record.subscription
        self._list(pipe, gathered_key(subscription), feed_key(subscription), alert, str(alert.rank), MAX_GATHERED)
        pipe.incr(count_key(subscription))
        now = self._clock()
        published = min(alert.published, now)
        pipe.zadd(FIRST_PUBLISHED, {subscription: published}, lt=True)
        pipe.zadd(FIRST_GATHERED, {subscription: now}, nx=True)
        due = min(next_due(schedule, from_unix(published)).timestamp(), now + CHECK_EVERY)
        pipe.zadd(DIGESTS_DUE, {subscription: due}, lt=True)

    def list_in_feeds(self, pipe: Pipeline, alert: PlannedAlert) -> None:
        """Add a match to the feeds of its subscriptions."""
        for subscription in (alert.record.subscription, *alert.also):
            key = feed_key(subscription)
            self._list(pipe, key, gathered_key(subscription), alert, "", MAX_FEED)
            pipe.expire(key, self._retention)

    def _list(self, pipe: Pipeline, key: str, other: str, alert: PlannedAlert, rank: str, most: int) -> None:
        pipe.eval(self._keep_match, 2, key, other, alert.record.id, rank, most, MARK_LIFETIME)

    async def latest(self, subscription: str) -> list[dict[str, Any]]:
        """Return the latest matches of a subscription as alerts, newest first."""
        ids = [id_.decode() for id_ in await self._redis.lrange(feed_key(subscription), 0, MAX_FEED - 1)]
        keys = [key for id_ in ids for key in (match_key(id_), body_key(id_))]
        rows = await self._redis.mget(keys) if keys else []
        return [decode(kept or sent) for kept, sent in zip(rows[::2], rows[1::2], strict=True) if kept or sent]


def decode(row: bytes) -> dict[str, Any]:
    """Decode the alert of a kept match."""
    alert: dict[str, Any] = orjson.loads(zlib.decompress(row))
    return alert


def decode_kept(rows: Sequence[bytes | None]) -> list[dict[str, Any]]:
    """Decode the alerts that are still kept."""
    return [decode(row) for row in rows if row]


def match_key(alert: str) -> str:
    """Return the key of a kept match. While it exists, the same event does not alert again."""
    return f"match:{alert}"


def check_key(alert: str) -> str:
    """Return the key of an alert that waits until the condition of its subscription is checked."""
    return f"check:{alert}"


def waiting_key(subscription: str) -> str:
    """Return the key of the alerts of a subscription that wait for their checks."""
    return f"checks:of:{subscription}"


def gathered_key(subscription: str) -> str:
    """Return the key of the matches that wait for a digest, by rank."""
    return f"gathered:{subscription}"


def count_key(subscription: str) -> str:
    """Return the key of the number of matches since the last digest."""
    return f"gathered:{subscription}:count"


def last_key(subscription: str) -> str:
    """Return the key of the due time of the last digest, in Unix seconds."""
    return f"gathered:{subscription}:last"


def feed_key(subscription: str) -> str:
    """Return the key of the list of the latest matches, newest first."""
    return f"matches:{subscription}"


def reschedule_digest(pipe: Pipeline, subscription: str) -> None:
    """Check at once when a digest is due, as its schedule may have changed; in a transaction."""
    pipe.zadd(DIGESTS_DUE, {subscription: 0}, xx=True)


def drop_bodies(pipe: Pipeline, ids: Iterable[str]) -> None:
    """Drop the bodies of matches that nothing lists any more, in a transaction."""
    for id_ in ids:
        pipe.set(match_key(id_), b"", xx=True, ex=MARK_LIFETIME)


def clear_gathered(pipe: Pipeline, subscription: str) -> None:
    """Delete the matches that wait for a digest, in a transaction."""
    pipe.delete(gathered_key(subscription), count_key(subscription))
    for key in (DIGESTS_DUE, FIRST_PUBLISHED, FIRST_GATHERED):
        pipe.zrem(key, subscription)
