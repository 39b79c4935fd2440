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
    """The API refused a request, or another server answered. The text says what was wrong and what to do."""

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
        ApiError: the API refused it, or the answer is not one of the API.

    """
    if response.has_redirect_location:
        said = f"The server redirects to {response.headers['Location']}: give the client the address of the instance."
        raise ApiError(response.status_code, {"detail": said})
    if not response.is_success:
        raise ApiError(response.status_code, _object(response) or {})
    if call.form == "nothing" and response.status_code == HTTPStatus.NO_CONTENT:
        return None
    answer = _object(response) if call.form == "json" else _text(response)
    if answer is None or call.form == "nothing":
        raise _foreign(response)
    return answer


def page_of(call: Call, response: httpx.Response, rows: str) -> tuple[list[Any], str | None]:
    """Return the rows of a page, and the cursor of the next one.

    Raises:
        ApiError: the API refused the request, or the answer is not one of the API.

    """
    answer = read(call, response)
    found, cursor = answer.get(rows), answer.get("next_cursor")
    if not isinstance(found, list) or not isinstance(cursor, str | None):
        raise _foreign(response)
    return found, cursor


def wait_of(response: httpx.Response, now: datetime) -> float | None:
    """Return the seconds after which to repeat a request, by Retry-After; None for an answer that is final."""
    after = response.headers.get("Retry-After", "")
    if response.status_code not in RETRIED or not after:
        return None
    if after.isdecimal():
        return float(after)
    try:
        moment = parsedate_to_datetime(after)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def _object(response: httpx.Response) -> dict[str, Any] | None:
    """Return the JSON object of an answer, or None for anything else."""
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _text(response: httpx.Response) -> str | None:
    """Return the text of an answer, or None for a page, which another server sends, as that of a sign-in.

    It is read as UTF-8, whatever its header says: an encoding may be one that unpacks.
    """
    page = response.headers.get("Content-Type", "").startswith("text/html")
    return None if page else response.content.decode("utf-8", "replace")


def _foreign(response: httpx.Response) -> ApiError:
    said = f"The answer of {response.url.host} is not one of Paperwire: check the address of the instance."
    return ApiError(response.status_code, {"detail": said})


def _in_path(value: str) -> str:
    """Write an id or a name in a path; a slash stays one unless a server would drop the segment."""
    return quote(value, safe=":/" if _LOST.isdisjoint(value.split("/")) else ":")


def _written(value: Any) -> Any:  # a value of a query or a list of them
    return str(value).lower() if isinstance(value, bool) else value
