"""The tools that read papers: search, paper, similar, trending, and why a search finds a paper."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Final, Literal

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BeforeValidator, Field

from shared.errors import PaperwireError
from shared.papers.paper import Model
from shared.papers.paths import paper_path

MAX_AUTHORS: Final = 10
"""Authors shown of each paper in a list."""
Ask = Callable[..., Awaitable[Any]]
"""Sends a request to the API: path, method, and the keywords `parameters`, `body`, `key`. Raises PaperwireError."""
Limit = Annotated[int, Field(ge=1, le=50, description="how many papers")]
Id = Annotated[str, Field(min_length=1, max_length=300, description="an arXiv id, a DOI, or the id of a result")]
_AS_LIST: Final = BeforeValidator(lambda value: [value] if isinstance(value, str) else value)
"""Agents often give one text where a list is taken."""
Categories = Annotated[list[str] | None, _AS_LIST, Field(max_length=20, description="any of these, such as cs.CL")]
Authors = Annotated[list[str] | None, _AS_LIST, Field(max_length=20, description="any of these, such as Jane Doe")]
Since = Annotated[date | None, Field(description="published on this day or later, such as 2024-01-31")]
Until = Annotated[date | None, Field(description="published on this day or earlier")]


class Brief(Model):
    """A paper in a list: what an agent needs to choose."""

    id: str
    title: str
    authors: list[str]
    published: str | None
    categories: list[str]
    gist: str
    url: str | None
    score: float | None = None


class Papers(Model):
    """Papers, best first; `notes` say what of the query was read otherwise than it may have been meant."""

    papers: list[Brief]
    notes: tuple[str, ...] = ()


def brief(row: Mapping[str, Any]) -> Brief:
    """Return the brief of a search result."""
    paper = row["paper"]
    marked = next((mark["text"] for mark in row.get("highlights", ()) if mark["field"] == "abstract"), None)
    return Brief(
        id=paper["id"],
        title=paper["title"],
        authors=[author["name"] for author in paper["authors"][:MAX_AUTHORS]],
        published=paper.get("published"),
        categories=list(paper["categories"]),
        gist=marked or paper.get("gist") or paper["abstract"][:300],
        url=paper["links"].get("abs"),
        score=row.get("score"),
    )


class Calls:
    """Sends requests to the API for the tools, with the API key `key` where one is needed."""

    def __init__(self, ask: Ask, key: str | None) -> None:
        self._ask = ask
        self._key = key

    async def read(self, path: str, **parameters: object) -> Any:  # noqa: ANN401  # JSON
        """Return the answer to a GET; None is no parameter, and a list is one that is repeated."""
        return await self._send(path, "GET", parameters=pairs(parameters))

    async def own(self, path: str, method: str = "GET", body: Any = None, **parameters: object) -> Any:  # noqa: ANN401  # JSON
        """Return the answer to a request with the API key."""
        if self._key is None:
            raise ToolError("This tool needs an API key: start `paperwire mcp` with --key or PAPERWIRE_API_KEY.")
        return await self._send(path, method, body=body, key=self._key, parameters=pairs(parameters))

    async def papers(self, path: str, **parameters: object) -> Papers:
        """Return a list of papers."""
        answer = await self.read(path, **parameters)
        return Papers(papers=[brief(row) for row in answer["results"]], notes=tuple(answer.get("notes", ())))

    async def _send(self, path: str, method: str, **options: Any) -> Any:  # noqa: ANN401  # JSON
        try:
            return await self._ask(path, method, **options)
        except PaperwireError as error:
            raise ToolError(str(error)) from error


def pairs(parameters: Mapping[str, object]) -> list[tuple[str, str]]:
    """Write parameters for an address."""
    rows: list[tuple[str, str]] = []
    for name, value in parameters.items():
        values: Sequence[object] = value if isinstance(value, list) else [value]
        rows += [(name, str(one).lower() if isinstance(one, bool) else str(one)) for one in values if one is not None]
    return rows


class PaperTools:
    """The tools. The docstring of each is the description that agents read."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def search(  # noqa: PLR0913, PLR0917  # the arguments that agents see
        self,
        query: Annotated[
            str, Field(max_length=1000, description='words, a "phrase", author:name, cat:cs.CL, -word; may be empty')
        ] = "",
        category: Categories = None,
        author: Authors = None,
        since: Since = None,
        until: Until = None,
        has_code: Annotated[bool | None, Field(description="whether a code repository is known")] = None,
        limit: Limit = 10,
        mode: Literal["hybrid", "semantic", "lexical"] = "hybrid",
        sort: Literal["relevance", "newest", "trending"] = "relevance",
    ) -> Papers:
        """Find research papers by meaning and words; without a query, list those that pass the filters."""
        filters = {"category": category, "author": author, "from": since, "to": until, "has_code": has_code}
        return await self._calls.papers("/v1/search", q=query, limit=limit, mode=mode, sort=sort, **filters)

    async def paper(self, id: Id) -> dict[str, Any]:  # noqa: A002  # the name that agents see
        """Read everything that is known about one paper: abstract, links, signals, versions."""
        answer: dict[str, Any] = await self._calls.read("/v1" + paper_path(id))
        return answer

    async def similar(  # noqa: PLR0913, PLR0917  # as above
        self,
        id: Id,  # noqa: A002  # as above
        category: Categories = None,
        author: Authors = None,
        since: Since = None,
        until: Until = None,
        limit: Limit = 10,
        by: Annotated[
            Literal["problem", "method", "result"] | None,
            Field(description="compare only what the abstract says of it"),
        ] = None,
    ) -> Papers:
        """Find the papers most like one, or like one in its problem, its method or its result."""
        filters = {"category": category, "author": author, "from": since, "to": until}
        return await self._calls.papers(f"/v1{paper_path(id)}/similar", limit=limit, by=by, **filters)

    async def trending(
        self,
        window: Literal["day", "week", "month"] = "week",
        category: Categories = None,
        limit: Limit = 10,
    ) -> Papers:
        """List the most discussed papers."""
        return await self._calls.papers("/v1/trending", window=window, limit=limit, category=category)

    async def explain_search(
        self, query: Annotated[str, Field(min_length=1, max_length=1000)], paper: Id
    ) -> dict[str, Any]:
        """Explain why a search with a query finds a paper, or does not."""
        answer: dict[str, Any] = await self._calls.read("/v1/explain", q=query, paper=paper)
        return answer
