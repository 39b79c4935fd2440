"""The tools that belong to an API key: subscriptions, why an alert was sent, and the reading list."""

from typing import Annotated, Any, Literal

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from services.cli.agents.paper_tools import Authors, Brief, Calls, Categories, Id, brief
from shared.papers.paper import Model
from shared.papers.paths import paper_path

SubscriptionId = Annotated[str, Field(min_length=36, max_length=36, description="the id of a subscription")]
_ROWS = 100
"""Rows of a list that an agent gets."""


class Subscribed(Model):
    """A subscription in a list."""

    id: str
    name: str
    query: str | None = None
    status: str
    channel: str


class Subscriptions(Model):
    """The subscriptions of the API key, oldest first."""

    subscriptions: list[Subscribed]


class Kept(Model):
    """A paper of the reading list; `paper` is null if the index no longer has it."""

    id: str
    title: str
    saved: bool
    read: bool
    tags: list[str]
    note: str
    paper: Brief | None


class ReadingList(Model):
    """Papers of the reading list, the last first."""

    papers: list[Kept]


class OwnTools:
    """The tools. The docstring of each is the description that agents read."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def subscribe(  # the arguments that agents see
        self,
        query: Annotated[str, Field(min_length=1, max_length=20_000, description="the interest in plain words")],
        webhook: Annotated[str | None, Field(description="a URL that receives a signed POST for each match")] = None,
        email: Annotated[str | None, Field(description="an address that receives a mail for each match")] = None,
        category: Categories = None,
        author: Authors = None,
        name: str | None = None,
    ) -> dict[str, Any]:
        """Subscribe to new papers that match: give either a webhook or an e-mail address. Ask the user first."""
        if bool(webhook) == bool(email):
            raise ToolError("Give either a webhook or an e-mail address.")
        channel = {"type": "webhook", "url": webhook} if webhook else {"type": "email", "address": email}
        given = {"name": name, "categories": category, "authors": author}
        body = {"query": query, "channel": channel} | {field: value for field, value in given.items() if value}
        answer: dict[str, Any] = await self._calls.own("/v1/subscriptions", "POST", body)
        return answer

    async def subscriptions(self) -> Subscriptions:
        """List the subscriptions of the user."""
        answer = await self._calls.own("/v1/subscriptions", limit=_ROWS)
        rows = [
            Subscribed(
                id=row["id"],
                name=row["name"],
                query=row.get("query"),
                status=row["state"]["status"],
                channel=row["channel"]["type"],
            )
            for row in answer["subscriptions"]
        ]
        return Subscriptions(subscriptions=rows)

    async def explain(self, subscription: SubscriptionId, paper: Id) -> dict[str, Any]:
        """Explain why a subscription sends an alert for a paper, or does not."""
        answer: dict[str, Any] = await self._calls.own("/v1/explain", subscription=subscription, paper=paper)
        return answer

    async def save(
        self,
        paper: Id,
        tags: Annotated[list[str] | None, Field(max_length=20, description="tags that replace those it has")] = None,
        note: Annotated[str | None, Field(max_length=2_000)] = None,
        read: Annotated[bool | None, Field(description="whether the user has read it")] = None,
    ) -> dict[str, Any]:
        """Save a paper to the reading list of the user, with tags and a note."""
        given = {"tags": tags, "note": note, "read": read}
        body = {"saved": True} | {field: value for field, value in given.items() if value is not None}
        answer: dict[str, Any] = await self._calls.own(f"/v1/reading-list{paper_path(paper)}", "PATCH", body)
        return answer

    async def reading_list(
        self,
        state: Literal["saved", "unread", "read", "hidden", "liked", "disliked"] = "saved",
        tag: Annotated[str | None, Field(max_length=50)] = None,
    ) -> ReadingList:
        """List the papers that the user saved, read, hid or liked, the last first."""
        answer = await self._calls.own("/v1/reading-list", state=state, tag=tag, limit=_ROWS)
        rows = [
            Kept(
                id=row["id"],
                title=row["title"],
                saved=row["saved_at"] is not None,
                read=row["read_at"] is not None,
                tags=row["tags"],
                note=row["note"],
                paper=brief(row) if row["paper"] else None,
            )
            for row in answer["papers"]
        ]
        return ReadingList(papers=rows)
