"""One request of the API and what its answer means. Pure: no I/O."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, Literal
from urllib.parse import quote

import httpx

Form = Literal["json", "text", "nothing"]
RETRIED: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_LOST: Final = frozenset({"", ".", ".."})


class ApiError(Exception):
    """The API refused a request. The text is the `detail` of its problem: what was wrong and what to do."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        """Take the status and the problem details (RFC 9457) of an answer."""
        super().__init__(str(problem.get("detail") or f"The server answers {status}."))
        self.status = status
        self.problem = dict(problem)


@dataclass(frozen=True, slots=True)
class Call:
    """A request: `path` is a template such as `/v1/papers/{id}`, `query` may have names that end with `_`."""

    method: str
    path: str
    form: Form = "json"
    parts: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    once: bool = False
    """Whether the operation takes an `Idempotency-Key`, so that a repeated request is carried out once."""

    def request(self, client: httpx.Client | httpx.AsyncClient) -> httpx.Request:
        """Build the request; one that is to be carried out once gets a key of its own."""
        path = self.path.format_map({name: _in_path(value) for name, value in self.parts.items()})
        query = {name.rstrip("_"): _written(value) for name, value in self.query.items() if value is not None}
        headers = {"Idempotency-Key": str(uuid.uuid4())} if self.once else {}
        return client.build_request(self.method, path, params=query or None, json=self.body, headers=headers)

    def page(self, cursor: str | None) -> "Call":
        """Return the call of the page with a cursor."""
        query = {**self.query, "cursor": cursor} if cursor else self.query
        return Call(self.method, self.path, self.form, self.parts, query)


def read(call: Call, response: httpx.Response) -> Any:  # what the operation returns
    """Return the answer to a call.

    Raises:
        ApiError: the API refused it.

    """
    if not response.is_success:
        try:
            problem = response.json()
        except ValueError:
            problem = {}
        raise ApiError(response.status_code, problem if isinstance(problem, dict) else {})
    if call.form == "nothing":
        return None
    return response.json() if call.form == "json" else response.text


def wait_of(response: httpx.Response, now: datetime) -> float | None:
    """Return the seconds after which to repeat a request, by Retry-After; None for an answer that is final."""
    after = response.headers.get("Retry-After", "")
    if response.status_code not in RETRIED or not after:
        return None
    if after.isdecimal():
        return float(after)
    try:
        moment = parsedate_to_datetime(after)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def _in_path(value: str) -> str:
    """Write an id or a name in a path; a slash stays one unless a server would drop the segment."""
    return quote(value, safe=":/" if _LOST.isdisjoint(value.split("/")) else ":")


def _written(value: Any) -> Any:  # a value of a query or a list of them
    return str(value).lower() if isinstance(value, bool) else value
