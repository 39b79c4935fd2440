"""Private feeds: a subscription's latest matches, for a reader who has the address of the feed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import structlog
from redis.asyncio import Redis

from services.notifier.alerts.planner import KeptMatches
from services.notifier.matching.indexed_papers import IndexedPapers
from services.notifier.matching.reasons import why
from services.notifier.secrets.feed_tokens import FEED_PATH, FeedTokens, subscription_of
from services.notifier.subscription.store import Row, Store
from shared.board import PICTURES
from shared.errors import TransientError
from shared.moments import parse_moment
from shared.papers.feeds import Feed, Format, entry_id, write

log = structlog.get_logger("notifier")
Document = dict[str, Any]
Alert = Mapping[str, Any]
"""The body of an alert, as it is kept."""
_NEW: Final = "new"


class PrivateFeeds:
    """Find and write private feeds."""

    def __init__(
        self,
        tokens: FeedTokens,
        store: Store,
        kept_matches: KeptMatches,
        indexed: IndexedPapers,
        redis: "Redis[bytes]",
    ) -> None:
        """`redis` has the pictures of papers."""
        self.tokens = tokens
        self._store = store
        self._kept_matches = kept_matches
        self._indexed = indexed
        self._redis = redis

    async def find(self, token: str) -> Row | None:
        """Return the subscription that a token opens, or None."""
        id_ = subscription_of(token)
        row = await self._store.live(id_) if id_ else None
        return row if row and await self.tokens.opens(token, row.subscription) else None

    async def papers(self, row: Row) -> list[Document]:
        """Return the papers that a subscription matched last, newest match first, each paper once.

        They are as the index has them now, so that an entry says what happened since, and keep the id that their entry
        had at their first match. A paper that the index lacks is as it was matched.
        """
        alerts = await self._kept_matches.latest(row.subscription.id)
        current = await self._current([alert["data"]["paper"]["id"] for alert in alerts])
        return listed(alerts, current)

    async def _current(self, ids: Sequence[str]) -> dict[str, Document]:
        try:
            return await self._indexed.current(list(dict.fromkeys(ids)))
        except TransientError as error:
            log.warning("index unavailable", error=str(error))
            return {}

    async def write(self, row: Row, token: str, form: Format) -> bytes:
        """Return the feed of a subscription."""
        papers = await self.papers(row)
        ids = [paper["id"] for paper in papers]
        pictures = {id_: shown for id_, shown in zip(ids, await PICTURES.some(self._redis, ids), strict=True) if shown}
        site = self.tokens.site
        title = f"Paperwire: {row.subscription.name}"
        return write(Feed(title, f"{site}{FEED_PATH}{token}.{form}", f"{site}/", site, papers, pictures), form)


def listed(alerts: Sequence[Alert], current: Mapping[str, Document]) -> list[Document]:
    """Return the papers of alerts (newest first), each work once, as they are in `current` by any of their ids.

    The entry of a work keeps the id of its first match, whatever works were joined since.
    """
    works: dict[str, list[Alert]] = {}
    for alert in alerts:
        works.setdefault(entry_id(_known(alert, current)), []).append(alert)
    return [_shown(_known(matches[0], current), matches) for matches in works.values()]


def _known(alert: Alert, current: Mapping[str, Document]) -> Document:
    matched: Document = alert["data"]["paper"]
    return current.get(matched["id"], matched)


def _shown(paper: Document, matches: Sequence[Alert]) -> Document:
    """Return a paper with the first id that its entry had, why it was matched last, and each change that it had."""
    first = matches[-1]["data"]["paper"]
    life = list(paper.get("life") or ())
    kinds = {_NEW, *(event["kind"] for event in life)}
    told = ((match["type"].removeprefix("paper."), match["timestamp"]) for match in reversed(matches))
    life += [{"kind": kind, "at": at} for kind, at in dict(told).items() if kind not in kinds]
    named = {"first_id": first.get("first_id") or first["id"], "why": why(matches[0]["data"]["match"]["reasons"])}
    return {**paper, **named, "life": sorted(life, key=_moment)}


def _moment(event: Mapping[str, Any]) -> datetime:
    return parse_moment(event["at"])
