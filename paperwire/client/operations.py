"""The operations of the API as methods.

Made from the OpenAPI document: `python -m tests.contract.regenerate` writes it.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal, Required, TypedDict, Unpack

from paperwire.client import schemas
from paperwire.client.calls import Call


class AuthorAtomQuery(TypedDict, total=False):
    """The query of `author_atom`."""

    limit: int
    cursor: str | None


class AuthorJsonQuery(TypedDict, total=False):
    """The query of `author_json`."""

    limit: int
    cursor: str | None


class SimilarAtomQuery(TypedDict, total=False):
    """The query of `similar_atom`."""

    category: list[str]
    author: list[str]
    source: list[str]
    from_: str | None
    to: str | None
    undated: Literal["include", "exclude"] | None
    has_code: bool | None
    limit: int
    sort: Literal["relevance", "newest"]
    by: schemas.Facet | None


class SimilarJsonQuery(TypedDict, total=False):
    """The query of `similar_json`."""

    category: list[str]
    author: list[str]
    source: list[str]
    from_: str | None
    to: str | None
    undated: Literal["include", "exclude"] | None
    has_code: bool | None
    limit: int
    sort: Literal["relevance", "newest"]
    by: schemas.Facet | None


class SearchAtomQuery(TypedDict, total=False):
    """The query of `search_atom`."""

    limit: int
    cursor: str | None
    category: list[str]
    author: list[str]
    source: list[str]
    from_: str | None
    to: str | None
    undated: Literal["include", "exclude"] | None
    has_code: bool | None
    q: str
    mode: schemas.Mode
    sort: Literal["relevance", "newest", "trending"]


class SearchJsonQuery(TypedDict, total=False):
    """The query of `search_json`."""

    limit: int
    cursor: str | None
    category: list[str]
    author: list[str]
    source: list[str]
    from_: str | None
    to: str | None
    undated: Literal["include", "exclude"] | None
    has_code: bool | None
    q: str
    mode: schemas.Mode
    sort: Literal["relevance", "newest", "trending"]


class TrendingAtomQuery(TypedDict, total=False):
    """The query of `trending_atom`."""

    limit: int
    cursor: str | None
    window: Literal["day", "week", "month"]
    category: list[str]


class TrendingJsonQuery(TypedDict, total=False):
    """The query of `trending_json`."""

    limit: int
    cursor: str | None
    window: Literal["day", "week", "month"]
    category: list[str]


class AuthorQuery(TypedDict, total=False):
    """The query of `author`."""

    limit: int
    cursor: str | None
    sort: schemas.Sort


class LikeAuthorQuery(TypedDict, total=False):
    """The query of `like_author`."""

    category: list[str]
    author: list[str]
    source: list[str]
    from_: str | None
    to: str | None
    undated: Literal["include", "exclude"] | None
    has_code: bool | None
    limit: int


class ExplainQuery(TypedDict, total=False):
    """The query of `explain`."""

    paper: Required[str]
    subscription: str
    q: str


class ExportQuery(TypedDict, total=False):
    """The query of `export`."""

    category: list[str]
    author: list[str]
    source: list[str]
    from_: str | None
    to: str | None
    undated: Literal["include", "exclude"] | None
    has_code: bool | None
    q: str
    mode: schemas.Mode
    format: Literal["bibtex", "ris", "csl", "jsonl"]
    sort: Literal["relevance", "newest", "trending"]
    limit: int


class FacetsQuery(TypedDict, total=False):
    """The query of `facets`."""

    category: list[str]
    author: list[str]
    source: list[str]
    from_: str | None
    to: str | None
    undated: Literal["include", "exclude"] | None
    has_code: bool | None
    q: str
    mode: schemas.Mode


class ForYouQuery(TypedDict, total=False):
    """The query of `for_you`."""

    limit: int
    cursor: str | None
    like: list[str]
    unlike: list[str]
    category: list[str]


class PapersQuery(TypedDict, total=False):
    """The query of `papers`."""

    limit: int
    cursor: str | None
    date: str | None
    week: str | None
    month: str | None
    sort: schemas.Sort


class CitationQuery(TypedDict, total=False):
    """The query of `citation`."""

    format: Literal["bibtex", "ris", "csl", "jsonl"]


class SimilarQuery(TypedDict, total=False):
    """The query of `similar`."""

    category: list[str]
    author: list[str]
    source: list[str]
    from_: str | None
    to: str | None
    undated: Literal["include", "exclude"] | None
    has_code: bool | None
    limit: int
    sort: Literal["relevance", "newest"]
    by: schemas.Facet | None


class ListReadingQuery(TypedDict, total=False):
    """The query of `list_reading`."""

    state: Literal["saved", "unread", "read", "hidden", "liked", "disliked"] | None
    tag: str | None
    limit: int
    cursor: str | None


class ExportReadingQuery(TypedDict, total=False):
    """The query of `export_reading`."""

    format: Literal["bibtex", "ris", "csl", "jsonl", "json"]
    state: Literal["saved", "unread", "read", "hidden", "liked", "disliked"] | None
    tag: str | None


class GetMarksQuery(TypedDict, total=False):
    """The query of `get_marks`."""

    id: Required[list[str]]


class SearchQuery(TypedDict, total=False):
    """The query of `search`."""

    limit: int
    cursor: str | None
    category: list[str]
    author: list[str]
    source: list[str]
    from_: str | None
    to: str | None
    undated: Literal["include", "exclude"] | None
    has_code: bool | None
    q: str
    mode: schemas.Mode
    sort: Literal["relevance", "newest", "trending"]


class ListSubscriptionsQuery(TypedDict, total=False):
    """The query of `list_subscriptions`."""

    limit: int
    cursor: str


class ListDeliveriesQuery(TypedDict, total=False):
    """The query of `list_deliveries`."""

    limit: int
    cursor: str | None


class ExportMatchesQuery(TypedDict, total=False):
    """The query of `export_matches`."""

    format: Literal["bibtex", "ris", "csl", "jsonl"]


class RecoverSubscriptionQuery(TypedDict, total=False):
    """The query of `recover_subscription`."""

    since: Required[str]


class SuggestQuery(TypedDict, total=False):
    """The query of `suggest`."""

    q: Required[str]


class TrendingQuery(TypedDict, total=False):
    """The query of `trending`."""

    limit: int
    cursor: str | None
    window: Literal["day", "week", "month"]
    category: list[str]


class Operations:
    """One method for each operation; those that list have one that follows the pages."""

    def _call(self, call: Call) -> Any:
        raise NotImplementedError

    def _each(self, call: Call, rows: str) -> Iterator[Any]:
        raise NotImplementedError

    def opml(self) -> str:
        """List the feeds as OPML."""
        result: str = self._call(Call("GET", "/feeds.opml", "text"))
        return result

    def author_atom(self, name_: str, **query: Unpack[AuthorAtomQuery]) -> str:
        """Author as Atom."""
        result: str = self._call(
            Call("GET", "/feeds/authors/{name}.atom", "text", parts={"name": name_}, query={**query})
        )
        return result

    def author_json(self, name_: str, **query: Unpack[AuthorJsonQuery]) -> dict[str, Any]:
        """Author as JSON Feed."""
        result: dict[str, Any] = self._call(
            Call("GET", "/feeds/authors/{name}.json", "json", parts={"name": name_}, query={**query})
        )
        return result

    def similar_atom(self, id_: str, **query: Unpack[SimilarAtomQuery]) -> str:
        """Similar as Atom."""
        result: str = self._call(
            Call("GET", "/feeds/papers/{id}/similar.atom", "text", parts={"id": id_}, query={**query})
        )
        return result

    def similar_json(self, id_: str, **query: Unpack[SimilarJsonQuery]) -> dict[str, Any]:
        """Similar as JSON Feed."""
        result: dict[str, Any] = self._call(
            Call("GET", "/feeds/papers/{id}/similar.json", "json", parts={"id": id_}, query={**query})
        )
        return result

    def search_atom(self, **query: Unpack[SearchAtomQuery]) -> str:
        """Search as Atom."""
        result: str = self._call(Call("GET", "/feeds/search.atom", "text", query={**query}))
        return result

    def search_json(self, **query: Unpack[SearchJsonQuery]) -> dict[str, Any]:
        """Search as JSON Feed."""
        result: dict[str, Any] = self._call(Call("GET", "/feeds/search.json", "json", query={**query}))
        return result

    def trending_atom(self, **query: Unpack[TrendingAtomQuery]) -> str:
        """Trending as Atom."""
        result: str = self._call(Call("GET", "/feeds/trending.atom", "text", query={**query}))
        return result

    def trending_json(self, **query: Unpack[TrendingJsonQuery]) -> dict[str, Any]:
        """Trending as JSON Feed."""
        result: dict[str, Any] = self._call(Call("GET", "/feeds/trending.json", "json", query={**query}))
        return result

    def healthz(self) -> schemas.Health:
        """Check that the process is alive."""
        result: schemas.Health = self._call(Call("GET", "/healthz", "json"))
        return result

    def guide(self) -> str:
        """A guide for agents."""
        result: str = self._call(Call("GET", "/llms.txt", "text"))
        return result

    def readyz(self) -> schemas.Health:
        """Check that the process is ready."""
        result: schemas.Health = self._call(Call("GET", "/readyz", "json"))
        return result

    def author(self, name_: str, **query: Unpack[AuthorQuery]) -> schemas.Profile:
        """Get an author."""
        result: schemas.Profile = self._call(
            Call("GET", "/v1/authors/{name}", "json", parts={"name": name_}, query={**query})
        )
        return result

    def iter_author(self, name_: str, **query: Unpack[AuthorQuery]) -> Iterator[schemas.Listed]:
        """Read the rows of `author`, page after page."""
        return self._each(Call("GET", "/v1/authors/{name}", "json", parts={"name": name_}, query={**query}), "results")

    def like_author(self, name_: str, **query: Unpack[LikeAuthorQuery]) -> schemas.PaperList:
        """List papers like those of an author."""
        result: schemas.PaperList = self._call(
            Call("GET", "/v1/authors/{name}/similar", "json", parts={"name": name_}, query={**query})
        )
        return result

    def iter_like_author(self, name_: str, **query: Unpack[LikeAuthorQuery]) -> Iterator[schemas.Listed]:
        """Read the rows of `like_author`, page after page."""
        return self._each(
            Call("GET", "/v1/authors/{name}/similar", "json", parts={"name": name_}, query={**query}), "results"
        )

    def redeliver(self, id_: str) -> schemas.DeliveryView:
        """Deliver again."""
        result: schemas.DeliveryView = self._call(
            Call("POST", "/v1/deliveries/{id}/redeliver", "json", parts={"id": id_}, once=True)
        )
        return result

    def explain(self, **query: Unpack[ExplainQuery]) -> schemas.SearchExplanation | schemas.SubscriptionExplanation:
        """Explain why a search finds a paper; explain why an alert was sent."""
        result: schemas.SearchExplanation | schemas.SubscriptionExplanation = self._call(
            Call("GET", "/v1/explain", "json", query={**query})
        )
        return result

    def export(self, **query: Unpack[ExportQuery]) -> str:
        """Export the papers of a search."""
        result: str = self._call(Call("GET", "/v1/export", "text", query={**query}))
        return result

    def facets(self, **query: Unpack[FacetsQuery]) -> schemas.Facets:
        """Count the papers of a search by field."""
        result: schemas.Facets = self._call(Call("GET", "/v1/facets", "json", query={**query}))
        return result

    def for_you(self, **query: Unpack[ForYouQuery]) -> schemas.RecommendedPapers:
        """Recommend papers to a reader."""
        result: schemas.RecommendedPapers = self._call(Call("GET", "/v1/for-you", "json", query={**query}))
        return result

    def iter_for_you(self, **query: Unpack[ForYouQuery]) -> Iterator[schemas.RecommendedPaper]:
        """Read the rows of `for_you`, page after page."""
        return self._each(Call("GET", "/v1/for-you", "json", query={**query}), "results")

    def put_operational_webhook(self, body: schemas.NewOperationalWebhook) -> schemas.OperationalWebhook:
        """Set the operational webhook."""
        result: schemas.OperationalWebhook = self._call(Call("PUT", "/v1/operational-webhook", "json", body=body))
        return result

    def get_operational_webhook(self) -> schemas.OperationalWebhook:
        """Get the operational webhook."""
        result: schemas.OperationalWebhook = self._call(Call("GET", "/v1/operational-webhook", "json"))
        return result

    def delete_operational_webhook(self) -> None:
        """Delete the operational webhook."""
        self._call(Call("DELETE", "/v1/operational-webhook", "nothing"))

    def papers(self, **query: Unpack[PapersQuery]) -> schemas.PaperList:
        """List the papers of a period."""
        result: schemas.PaperList = self._call(Call("GET", "/v1/papers", "json", query={**query}))
        return result

    def iter_papers(self, **query: Unpack[PapersQuery]) -> Iterator[schemas.Listed]:
        """Read the rows of `papers`, page after page."""
        return self._each(Call("GET", "/v1/papers", "json", query={**query}), "results")

    def paper(self, id_: str) -> schemas.Paper:
        """Get one paper."""
        result: schemas.Paper = self._call(Call("GET", "/v1/papers/{id}", "json", parts={"id": id_}))
        return result

    def citation(self, id_: str, **query: Unpack[CitationQuery]) -> str:
        """Cite a paper."""
        result: str = self._call(Call("GET", "/v1/papers/{id}/citation", "text", parts={"id": id_}, query={**query}))
        return result

    def similar(self, id_: str, **query: Unpack[SimilarQuery]) -> schemas.SimilarAnswer:
        """List similar papers."""
        result: schemas.SimilarAnswer = self._call(
            Call("GET", "/v1/papers/{id}/similar", "json", parts={"id": id_}, query={**query})
        )
        return result

    def iter_similar(self, id_: str, **query: Unpack[SimilarQuery]) -> Iterator[schemas.Listed]:
        """Read the rows of `similar`, page after page."""
        return self._each(Call("GET", "/v1/papers/{id}/similar", "json", parts={"id": id_}, query={**query}), "results")

    def trend(self, id_: str) -> schemas.Trending:
        """Explain why a paper trends."""
        result: schemas.Trending = self._call(Call("GET", "/v1/papers/{id}/trend", "json", parts={"id": id_}))
        return result

    def list_reading(self, **query: Unpack[ListReadingQuery]) -> schemas.ReadingPage:
        """List the reading list."""
        result: schemas.ReadingPage = self._call(Call("GET", "/v1/reading-list", "json", query={**query}))
        return result

    def iter_list_reading(self, **query: Unpack[ListReadingQuery]) -> Iterator[schemas.ReadingEntry]:
        """Read the rows of `list_reading`, page after page."""
        return self._each(Call("GET", "/v1/reading-list", "json", query={**query}), "papers")

    def delete_reading_list(self) -> None:
        """Delete the reading list."""
        self._call(Call("DELETE", "/v1/reading-list", "nothing"))

    def export_reading(self, **query: Unpack[ExportReadingQuery]) -> str:
        """Export the reading list."""
        result: str = self._call(Call("GET", "/v1/reading-list/export", "text", query={**query}))
        return result

    def get_reading_feed(self) -> schemas.FeedLinks:
        """Get the feed of the reading list."""
        result: schemas.FeedLinks = self._call(Call("GET", "/v1/reading-list/feed", "json"))
        return result

    def import_reading(self, body: schemas.ReadingImport) -> schemas.Imported:
        """Add rows to the reading list."""
        result: schemas.Imported = self._call(Call("POST", "/v1/reading-list/import", "json", body=body, once=True))
        return result

    def get_marks(self, **query: Unpack[GetMarksQuery]) -> schemas.PaperMarksAnswer:
        """Get the marks of papers."""
        result: schemas.PaperMarksAnswer = self._call(Call("GET", "/v1/reading-list/marks", "json", query={**query}))
        return result

    def mark_paper(self, id_: str, body: schemas.PaperMarks) -> schemas.PaperMark:
        """Mark a paper."""
        result: schemas.PaperMark = self._call(
            Call("PATCH", "/v1/reading-list/papers/{id}", "json", parts={"id": id_}, body=body)
        )
        return result

    def unmark_paper(self, id_: str) -> None:
        """Delete the marks of a paper."""
        self._call(Call("DELETE", "/v1/reading-list/papers/{id}", "nothing", parts={"id": id_}))

    def rotate_reading_feed(self) -> schemas.FeedLinks:
        """Make a new feed address."""
        result: schemas.FeedLinks = self._call(Call("POST", "/v1/reading-list/rotate-feed", "json", once=True))
        return result

    def count_reading(self) -> schemas.ReadingCounts:
        """Count the reading list."""
        result: schemas.ReadingCounts = self._call(Call("GET", "/v1/reading-list/tags", "json"))
        return result

    def recommend(self, body: schemas.Recommendation) -> schemas.PaperList:
        """Recommend papers."""
        result: schemas.PaperList = self._call(Call("POST", "/v1/recommendations", "json", body=body))
        return result

    def search(self, **query: Unpack[SearchQuery]) -> schemas.SearchAnswer:
        """Search papers."""
        result: schemas.SearchAnswer = self._call(Call("GET", "/v1/search", "json", query={**query}))
        return result

    def iter_search(self, **query: Unpack[SearchQuery]) -> Iterator[schemas.Found]:
        """Read the rows of `search`, page after page."""
        return self._each(Call("GET", "/v1/search", "json", query={**query}), "results")

    def status(self) -> schemas.InstanceStatus:
        """Get the status of the instance."""
        result: schemas.InstanceStatus = self._call(Call("GET", "/v1/status", "json"))
        return result

    def create_subscription(self, body: schemas.NewSubscription) -> schemas.SubscriptionWithSecret:
        """Subscribe."""
        result: schemas.SubscriptionWithSecret = self._call(
            Call("POST", "/v1/subscriptions", "json", body=body, once=True)
        )
        return result

    def list_subscriptions(self, **query: Unpack[ListSubscriptionsQuery]) -> schemas.SubscriptionPage:
        """List subscriptions."""
        result: schemas.SubscriptionPage = self._call(Call("GET", "/v1/subscriptions", "json", query={**query}))
        return result

    def iter_list_subscriptions(self, **query: Unpack[ListSubscriptionsQuery]) -> Iterator[schemas.Subscription]:
        """Read the rows of `list_subscriptions`, page after page."""
        return self._each(Call("GET", "/v1/subscriptions", "json", query={**query}), "subscriptions")

    def preview_subscription(self, body: schemas.PreviewRequest) -> schemas.Preview:
        """See what a subscription would bring."""
        result: schemas.Preview = self._call(Call("POST", "/v1/subscriptions/preview", "json", body=body, once=True))
        return result

    def get_subscription(self, id_: str) -> schemas.Subscription:
        """Get a subscription."""
        result: schemas.Subscription = self._call(Call("GET", "/v1/subscriptions/{id}", "json", parts={"id": id_}))
        return result

    def change_subscription(self, id_: str, body: schemas.SubscriptionPatch) -> schemas.Subscription:
        """Change a subscription."""
        result: schemas.Subscription = self._call(
            Call("PATCH", "/v1/subscriptions/{id}", "json", parts={"id": id_}, body=body)
        )
        return result

    def delete_subscription(self, id_: str) -> None:
        """Delete a subscription."""
        self._call(Call("DELETE", "/v1/subscriptions/{id}", "nothing", parts={"id": id_}))

    def list_deliveries(self, id_: str, **query: Unpack[ListDeliveriesQuery]) -> schemas.DeliveryPage:
        """List deliveries."""
        result: schemas.DeliveryPage = self._call(
            Call("GET", "/v1/subscriptions/{id}/deliveries", "json", parts={"id": id_}, query={**query})
        )
        return result

    def iter_list_deliveries(self, id_: str, **query: Unpack[ListDeliveriesQuery]) -> Iterator[schemas.DeliveryView]:
        """Read the rows of `list_deliveries`, page after page."""
        return self._each(
            Call("GET", "/v1/subscriptions/{id}/deliveries", "json", parts={"id": id_}, query={**query}), "deliveries"
        )

    def export_matches(self, id_: str, **query: Unpack[ExportMatchesQuery]) -> str:
        """Export the matches of a subscription."""
        result: str = self._call(
            Call("GET", "/v1/subscriptions/{id}/export", "text", parts={"id": id_}, query={**query})
        )
        return result

    def get_feed(self, id_: str) -> schemas.FeedLinks:
        """Get the addresses of the feed."""
        result: schemas.FeedLinks = self._call(Call("GET", "/v1/subscriptions/{id}/feed", "json", parts={"id": id_}))
        return result

    def list_feedback(self, id_: str) -> schemas.FeedbackLog:
        """List feedback."""
        result: schemas.FeedbackLog = self._call(
            Call("GET", "/v1/subscriptions/{id}/feedback", "json", parts={"id": id_})
        )
        return result

    def give_feedback(self, id_: str, body: schemas.NewFeedback) -> schemas.Entry:
        """Give feedback."""
        result: schemas.Entry = self._call(
            Call("POST", "/v1/subscriptions/{id}/feedback", "json", parts={"id": id_}, body=body, once=True)
        )
        return result

    def undo_feedback(self, id_: str, entry_: str) -> schemas.Entry:
        """Undo feedback."""
        result: schemas.Entry = self._call(
            Call(
                "POST",
                "/v1/subscriptions/{id}/feedback/{entry}/undo",
                "json",
                parts={"id": id_, "entry": entry_},
                once=True,
            )
        )
        return result

    def pause_subscription(self, id_: str) -> schemas.Subscription:
        """Pause a subscription."""
        result: schemas.Subscription = self._call(
            Call("POST", "/v1/subscriptions/{id}/pause", "json", parts={"id": id_}, once=True)
        )
        return result

    def recover_subscription(self, id_: str, **query: Unpack[RecoverSubscriptionQuery]) -> schemas.Recovered:
        """Deliver again what failed."""
        result: schemas.Recovered = self._call(
            Call("POST", "/v1/subscriptions/{id}/recover", "json", parts={"id": id_}, query={**query}, once=True)
        )
        return result

    def resume_subscription(self, id_: str) -> schemas.Subscription:
        """Resume a subscription."""
        result: schemas.Subscription = self._call(
            Call("POST", "/v1/subscriptions/{id}/resume", "json", parts={"id": id_}, once=True)
        )
        return result

    def rotate_feed(self, id_: str) -> schemas.FeedLinks:
        """Rotate the addresses."""
        result: schemas.FeedLinks = self._call(
            Call("POST", "/v1/subscriptions/{id}/rotate-feed", "json", parts={"id": id_}, once=True)
        )
        return result

    def rotate_secret(self, id_: str) -> schemas.NewSecret:
        """Rotate a secret."""
        result: schemas.NewSecret = self._call(
            Call("POST", "/v1/subscriptions/{id}/rotate-secret", "json", parts={"id": id_}, once=True)
        )
        return result

    def test_subscription(self, id_: str) -> schemas.DeliveryView:
        """Send a sample alert."""
        result: schemas.DeliveryView = self._call(
            Call("POST", "/v1/subscriptions/{id}/test", "json", parts={"id": id_}, once=True)
        )
        return result

    def suggest(self, **query: Unpack[SuggestQuery]) -> schemas.SuggestionAnswer:
        """Complete a query."""
        result: schemas.SuggestionAnswer = self._call(Call("GET", "/v1/suggest", "json", query={**query}))
        return result

    def trending(self, **query: Unpack[TrendingQuery]) -> schemas.PaperList:
        """List trending papers."""
        result: schemas.PaperList = self._call(Call("GET", "/v1/trending", "json", query={**query}))
        return result

    def iter_trending(self, **query: Unpack[TrendingQuery]) -> Iterator[schemas.Listed]:
        """Read the rows of `trending`, page after page."""
        return self._each(Call("GET", "/v1/trending", "json", query={**query}), "results")


class AsyncOperations:
    """One method for each operation; those that list have one that follows the pages."""

    async def _call(self, call: Call) -> Any:
        raise NotImplementedError

    def _each(self, call: Call, rows: str) -> AsyncIterator[Any]:
        raise NotImplementedError

    async def opml(self) -> str:
        """List the feeds as OPML."""
        result: str = await self._call(Call("GET", "/feeds.opml", "text"))
        return result

    async def author_atom(self, name_: str, **query: Unpack[AuthorAtomQuery]) -> str:
        """Author as Atom."""
        result: str = await self._call(
            Call("GET", "/feeds/authors/{name}.atom", "text", parts={"name": name_}, query={**query})
        )
        return result

    async def author_json(self, name_: str, **query: Unpack[AuthorJsonQuery]) -> dict[str, Any]:
        """Author as JSON Feed."""
        result: dict[str, Any] = await self._call(
            Call("GET", "/feeds/authors/{name}.json", "json", parts={"name": name_}, query={**query})
        )
        return result

    async def similar_atom(self, id_: str, **query: Unpack[SimilarAtomQuery]) -> str:
        """Similar as Atom."""
        result: str = await self._call(
            Call("GET", "/feeds/papers/{id}/similar.atom", "text", parts={"id": id_}, query={**query})
        )
        return result

    async def similar_json(self, id_: str, **query: Unpack[SimilarJsonQuery]) -> dict[str, Any]:
        """Similar as JSON Feed."""
        result: dict[str, Any] = await self._call(
            Call("GET", "/feeds/papers/{id}/similar.json", "json", parts={"id": id_}, query={**query})
        )
        return result

    async def search_atom(self, **query: Unpack[SearchAtomQuery]) -> str:
        """Search as Atom."""
        result: str = await self._call(Call("GET", "/feeds/search.atom", "text", query={**query}))
        return result

    async def search_json(self, **query: Unpack[SearchJsonQuery]) -> dict[str, Any]:
        """Search as JSON Feed."""
        result: dict[str, Any] = await self._call(Call("GET", "/feeds/search.json", "json", query={**query}))
        return result

    async def trending_atom(self, **query: Unpack[TrendingAtomQuery]) -> str:
        """Trending as Atom."""
        result: str = await self._call(Call("GET", "/feeds/trending.atom", "text", query={**query}))
        return result

    async def trending_json(self, **query: Unpack[TrendingJsonQuery]) -> dict[str, Any]:
        """Trending as JSON Feed."""
        result: dict[str, Any] = await self._call(Call("GET", "/feeds/trending.json", "json", query={**query}))
        return result

    async def healthz(self) -> schemas.Health:
        """Check that the process is alive."""
        result: schemas.Health = await self._call(Call("GET", "/healthz", "json"))
        return result

    async def guide(self) -> str:
        """A guide for agents."""
        result: str = await self._call(Call("GET", "/llms.txt", "text"))
        return result

    async def readyz(self) -> schemas.Health:
        """Check that the process is ready."""
        result: schemas.Health = await self._call(Call("GET", "/readyz", "json"))
        return result

    async def author(self, name_: str, **query: Unpack[AuthorQuery]) -> schemas.Profile:
        """Get an author."""
        result: schemas.Profile = await self._call(
            Call("GET", "/v1/authors/{name}", "json", parts={"name": name_}, query={**query})
        )
        return result

    def iter_author(self, name_: str, **query: Unpack[AuthorQuery]) -> AsyncIterator[schemas.Listed]:
        """Read the rows of `author`, page after page."""
        return self._each(Call("GET", "/v1/authors/{name}", "json", parts={"name": name_}, query={**query}), "results")

    async def like_author(self, name_: str, **query: Unpack[LikeAuthorQuery]) -> schemas.PaperList:
        """List papers like those of an author."""
        result: schemas.PaperList = await self._call(
            Call("GET", "/v1/authors/{name}/similar", "json", parts={"name": name_}, query={**query})
        )
        return result

    def iter_like_author(self, name_: str, **query: Unpack[LikeAuthorQuery]) -> AsyncIterator[schemas.Listed]:
        """Read the rows of `like_author`, page after page."""
        return self._each(
            Call("GET", "/v1/authors/{name}/similar", "json", parts={"name": name_}, query={**query}), "results"
        )

    async def redeliver(self, id_: str) -> schemas.DeliveryView:
        """Deliver again."""
        result: schemas.DeliveryView = await self._call(
            Call("POST", "/v1/deliveries/{id}/redeliver", "json", parts={"id": id_}, once=True)
        )
        return result

    async def explain(
        self, **query: Unpack[ExplainQuery]
    ) -> schemas.SearchExplanation | schemas.SubscriptionExplanation:
        """Explain why a search finds a paper; explain why an alert was sent."""
        result: schemas.SearchExplanation | schemas.SubscriptionExplanation = await self._call(
            Call("GET", "/v1/explain", "json", query={**query})
        )
        return result

    async def export(self, **query: Unpack[ExportQuery]) -> str:
        """Export the papers of a search."""
        result: str = await self._call(Call("GET", "/v1/export", "text", query={**query}))
        return result

    async def facets(self, **query: Unpack[FacetsQuery]) -> schemas.Facets:
        """Count the papers of a search by field."""
        result: schemas.Facets = await self._call(Call("GET", "/v1/facets", "json", query={**query}))
        return result

    async def for_you(self, **query: Unpack[ForYouQuery]) -> schemas.RecommendedPapers:
        """Recommend papers to a reader."""
        result: schemas.RecommendedPapers = await self._call(Call("GET", "/v1/for-you", "json", query={**query}))
        return result

    def iter_for_you(self, **query: Unpack[ForYouQuery]) -> AsyncIterator[schemas.RecommendedPaper]:
        """Read the rows of `for_you`, page after page."""
        return self._each(Call("GET", "/v1/for-you", "json", query={**query}), "results")

    async def put_operational_webhook(self, body: schemas.NewOperationalWebhook) -> schemas.OperationalWebhook:
        """Set the operational webhook."""
        result: schemas.OperationalWebhook = await self._call(Call("PUT", "/v1/operational-webhook", "json", body=body))
        return result

    async def get_operational_webhook(self) -> schemas.OperationalWebhook:
        """Get the operational webhook."""
        result: schemas.OperationalWebhook = await self._call(Call("GET", "/v1/operational-webhook", "json"))
        return result

    async def delete_operational_webhook(self) -> None:
        """Delete the operational webhook."""
        await self._call(Call("DELETE", "/v1/operational-webhook", "nothing"))

    async def papers(self, **query: Unpack[PapersQuery]) -> schemas.PaperList:
        """List the papers of a period."""
        result: schemas.PaperList = await self._call(Call("GET", "/v1/papers", "json", query={**query}))
        return result

    def iter_papers(self, **query: Unpack[PapersQuery]) -> AsyncIterator[schemas.Listed]:
        """Read the rows of `papers`, page after page."""
        return self._each(Call("GET", "/v1/papers", "json", query={**query}), "results")

    async def paper(self, id_: str) -> schemas.Paper:
        """Get one paper."""
        result: schemas.Paper = await self._call(Call("GET", "/v1/papers/{id}", "json", parts={"id": id_}))
        return result

    async def citation(self, id_: str, **query: Unpack[CitationQuery]) -> str:
        """Cite a paper."""
        result: str = await self._call(
            Call("GET", "/v1/papers/{id}/citation", "text", parts={"id": id_}, query={**query})
        )
        return result

    async def similar(self, id_: str, **query: Unpack[SimilarQuery]) -> schemas.SimilarAnswer:
        """List similar papers."""
        result: schemas.SimilarAnswer = await self._call(
            Call("GET", "/v1/papers/{id}/similar", "json", parts={"id": id_}, query={**query})
        )
        return result

    def iter_similar(self, id_: str, **query: Unpack[SimilarQuery]) -> AsyncIterator[schemas.Listed]:
        """Read the rows of `similar`, page after page."""
        return self._each(Call("GET", "/v1/papers/{id}/similar", "json", parts={"id": id_}, query={**query}), "results")

    async def trend(self, id_: str) -> schemas.Trending:
        """Explain why a paper trends."""
        result: schemas.Trending = await self._call(Call("GET", "/v1/papers/{id}/trend", "json", parts={"id": id_}))
        return result

    async def list_reading(self, **query: Unpack[ListReadingQuery]) -> schemas.ReadingPage:
        """List the reading list."""
        result: schemas.ReadingPage = await self._call(Call("GET", "/v1/reading-list", "json", query={**query}))
        return result

    def iter_list_reading(self, **query: Unpack[ListReadingQuery]) -> AsyncIterator[schemas.ReadingEntry]:
        """Read the rows of `list_reading`, page after page."""
        return self._each(Call("GET", "/v1/reading-list", "json", query={**query}), "papers")

    async def delete_reading_list(self) -> None:
        """Delete the reading list."""
        await self._call(Call("DELETE", "/v1/reading-list", "nothing"))

    async def export_reading(self, **query: Unpack[ExportReadingQuery]) -> str:
        """Export the reading list."""
        result: str = await self._call(Call("GET", "/v1/reading-list/export", "text", query={**query}))
        return result

    async def get_reading_feed(self) -> schemas.FeedLinks:
        """Get the feed of the reading list."""
        result: schemas.FeedLinks = await self._call(Call("GET", "/v1/reading-list/feed", "json"))
        return result

    async def import_reading(self, body: schemas.ReadingImport) -> schemas.Imported:
        """Add rows to the reading list."""
        result: schemas.Imported = await self._call(
            Call("POST", "/v1/reading-list/import", "json", body=body, once=True)
        )
        return result

    async def get_marks(self, **query: Unpack[GetMarksQuery]) -> schemas.PaperMarksAnswer:
        """Get the marks of papers."""
        result: schemas.PaperMarksAnswer = await self._call(
            Call("GET", "/v1/reading-list/marks", "json", query={**query})
        )
        return result

    async def mark_paper(self, id_: str, body: schemas.PaperMarks) -> schemas.PaperMark:
        """Mark a paper."""
        result: schemas.PaperMark = await self._call(
            Call("PATCH", "/v1/reading-list/papers/{id}", "json", parts={"id": id_}, body=body)
        )
        return result

    async def unmark_paper(self, id_: str) -> None:
        """Delete the marks of a paper."""
        await self._call(Call("DELETE", "/v1/reading-list/papers/{id}", "nothing", parts={"id": id_}))

    async def rotate_reading_feed(self) -> schemas.FeedLinks:
        """Make a new feed address."""
        result: schemas.FeedLinks = await self._call(Call("POST", "/v1/reading-list/rotate-feed", "json", once=True))
        return result

    async def count_reading(self) -> schemas.ReadingCounts:
        """Count the reading list."""
        result: schemas.ReadingCounts = await self._call(Call("GET", "/v1/reading-list/tags", "json"))
        return result

    async def recommend(self, body: schemas.Recommendation) -> schemas.PaperList:
        """Recommend papers."""
        result: schemas.PaperList = await self._call(Call("POST", "/v1/recommendations", "json", body=body))
        return result

    async def search(self, **query: Unpack[SearchQuery]) -> schemas.SearchAnswer:
        """Search papers."""
        result: schemas.SearchAnswer = await self._call(Call("GET", "/v1/search", "json", query={**query}))
        return result

    def iter_search(self, **query: Unpack[SearchQuery]) -> AsyncIterator[schemas.Found]:
        """Read the rows of `search`, page after page."""
        return self._each(Call("GET", "/v1/search", "json", query={**query}), "results")

    async def status(self) -> schemas.InstanceStatus:
        """Get the status of the instance."""
        result: schemas.InstanceStatus = await self._call(Call("GET", "/v1/status", "json"))
        return result

    async def create_subscription(self, body: schemas.NewSubscription) -> schemas.SubscriptionWithSecret:
        """Subscribe."""
        result: schemas.SubscriptionWithSecret = await self._call(
            Call("POST", "/v1/subscriptions", "json", body=body, once=True)
        )
        return result

    async def list_subscriptions(self, **query: Unpack[ListSubscriptionsQuery]) -> schemas.SubscriptionPage:
        """List subscriptions."""
        result: schemas.SubscriptionPage = await self._call(Call("GET", "/v1/subscriptions", "json", query={**query}))
        return result

    def iter_list_subscriptions(self, **query: Unpack[ListSubscriptionsQuery]) -> AsyncIterator[schemas.Subscription]:
        """Read the rows of `list_subscriptions`, page after page."""
        return self._each(Call("GET", "/v1/subscriptions", "json", query={**query}), "subscriptions")

    async def preview_subscription(self, body: schemas.PreviewRequest) -> schemas.Preview:
        """See what a subscription would bring."""
        result: schemas.Preview = await self._call(
            Call("POST", "/v1/subscriptions/preview", "json", body=body, once=True)
        )
        return result

    async def get_subscription(self, id_: str) -> schemas.Subscription:
        """Get a subscription."""
        result: schemas.Subscription = await self._call(
            Call("GET", "/v1/subscriptions/{id}", "json", parts={"id": id_})
        )
        return result

    async def change_subscription(self, id_: str, body: schemas.SubscriptionPatch) -> schemas.Subscription:
        """Change a subscription."""
        result: schemas.Subscription = await self._call(
            Call("PATCH", "/v1/subscriptions/{id}", "json", parts={"id": id_}, body=body)
        )
        return result

    async def delete_subscription(self, id_: str) -> None:
        """Delete a subscription."""
        await self._call(Call("DELETE", "/v1/subscriptions/{id}", "nothing", parts={"id": id_}))

    async def list_deliveries(self, id_: str, **query: Unpack[ListDeliveriesQuery]) -> schemas.DeliveryPage:
        """List deliveries."""
        result: schemas.DeliveryPage = await self._call(
            Call("GET", "/v1/subscriptions/{id}/deliveries", "json", parts={"id": id_}, query={**query})
        )
        return result

    def iter_list_deliveries(
        self, id_: str, **query: Unpack[ListDeliveriesQuery]
    ) -> AsyncIterator[schemas.DeliveryView]:
        """Read the rows of `list_deliveries`, page after page."""
        return self._each(
            Call("GET", "/v1/subscriptions/{id}/deliveries", "json", parts={"id": id_}, query={**query}), "deliveries"
        )

    async def export_matches(self, id_: str, **query: Unpack[ExportMatchesQuery]) -> str:
        """Export the matches of a subscription."""
        result: str = await self._call(
            Call("GET", "/v1/subscriptions/{id}/export", "text", parts={"id": id_}, query={**query})
        )
        return result

    async def get_feed(self, id_: str) -> schemas.FeedLinks:
        """Get the addresses of the feed."""
        result: schemas.FeedLinks = await self._call(
            Call("GET", "/v1/subscriptions/{id}/feed", "json", parts={"id": id_})
        )
        return result

    async def list_feedback(self, id_: str) -> schemas.FeedbackLog:
        """List feedback."""
        result: schemas.FeedbackLog = await self._call(
            Call("GET", "/v1/subscriptions/{id}/feedback", "json", parts={"id": id_})
        )
        return result

    async def give_feedback(self, id_: str, body: schemas.NewFeedback) -> schemas.Entry:
        """Give feedback."""
        result: schemas.Entry = await self._call(
            Call("POST", "/v1/subscriptions/{id}/feedback", "json", parts={"id": id_}, body=body, once=True)
        )
        return result

    async def undo_feedback(self, id_: str, entry_: str) -> schemas.Entry:
        """Undo feedback."""
        result: schemas.Entry = await self._call(
            Call(
                "POST",
                "/v1/subscriptions/{id}/feedback/{entry}/undo",
                "json",
                parts={"id": id_, "entry": entry_},
                once=True,
            )
        )
        return result

    async def pause_subscription(self, id_: str) -> schemas.Subscription:
        """Pause a subscription."""
        result: schemas.Subscription = await self._call(
            Call("POST", "/v1/subscriptions/{id}/pause", "json", parts={"id": id_}, once=True)
        )
        return result

    async def recover_subscription(self, id_: str, **query: Unpack[RecoverSubscriptionQuery]) -> schemas.Recovered:
        """Deliver again what failed."""
        result: schemas.Recovered = await self._call(
            Call("POST", "/v1/subscriptions/{id}/recover", "json", parts={"id": id_}, query={**query}, once=True)
        )
        return result

    async def resume_subscription(self, id_: str) -> schemas.Subscription:
        """Resume a subscription."""
        result: schemas.Subscription = await self._call(
            Call("POST", "/v1/subscriptions/{id}/resume", "json", parts={"id": id_}, once=True)
        )
        return result

    async def rotate_feed(self, id_: str) -> schemas.FeedLinks:
        """Rotate the addresses."""
        result: schemas.FeedLinks = await self._call(
            Call("POST", "/v1/subscriptions/{id}/rotate-feed", "json", parts={"id": id_}, once=True)
        )
        return result

    async def rotate_secret(self, id_: str) -> schemas.NewSecret:
        """Rotate a secret."""
        result: schemas.NewSecret = await self._call(
            Call("POST", "/v1/subscriptions/{id}/rotate-secret", "json", parts={"id": id_}, once=True)
        )
        return result

    async def test_subscription(self, id_: str) -> schemas.DeliveryView:
        """Send a sample alert."""
        result: schemas.DeliveryView = await self._call(
            Call("POST", "/v1/subscriptions/{id}/test", "json", parts={"id": id_}, once=True)
        )
        return result

    async def suggest(self, **query: Unpack[SuggestQuery]) -> schemas.SuggestionAnswer:
        """Complete a query."""
        result: schemas.SuggestionAnswer = await self._call(Call("GET", "/v1/suggest", "json", query={**query}))
        return result

    async def trending(self, **query: Unpack[TrendingQuery]) -> schemas.PaperList:
        """List trending papers."""
        result: schemas.PaperList = await self._call(Call("GET", "/v1/trending", "json", query={**query}))
        return result

    def iter_trending(self, **query: Unpack[TrendingQuery]) -> AsyncIterator[schemas.Listed]:
        """Read the rows of `trending`, page after page."""
        return self._each(Call("GET", "/v1/trending", "json", query={**query}), "results")
