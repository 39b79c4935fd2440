"""Private feeds: a subscription's latest matches, for a reader who has the address of the feed."""

from typing import Any

from services.notifier.alerts.planner import KeptMatches
from services.notifier.secrets.feed_tokens import FEED_PATH, FeedTokens, subscription_of
from services.notifier.subscription.store import Row, Store
from shared.papers.feeds import Feed, Format, entry_id, write


class PrivateFeeds:
    """Find and write private feeds."""

    def __init__(self, tokens: FeedTokens, store: Store, kept_matches: KeptMatches) -> None:
        self.tokens = tokens
        self._store = store
        self._kept_matches = kept_matches

    async def find(self, token: str) -> Row | None:
        """Return the subscription that a token opens, or None."""
        id_ = subscription_of(token)
        row = await self._store.live(id_) if id_ else None
        return row if row and await self.tokens.opens(token, row.subscription) else None

    async def papers(self, row: Row) -> list[dict[str, Any]]:
        """Return the papers that a subscription matched last, newest match first, each paper once."""
        papers: dict[str, dict[str, Any]] = {}
        for alert in await self._kept_matches.latest(row.subscription.id):
            paper = alert["data"]["paper"]
            papers.setdefault(entry_id(paper), paper)
        return list(papers.values())

    async def write(self, row: Row, token: str, form: Format) -> bytes:
        """Return the feed of a subscription."""
        papers = await self.papers(row)
        site = self.tokens.site
        title = f"Paperwire: {row.subscription.name}"
        return write(Feed(title, f"{site}{FEED_PATH}{token}.{form}", f"{site}/", site, papers), form)
