"""One exchange with a service: what an attempt sends, and what came back."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

Content = dict[str, Any]
_REDIRECTS: Final = 300


@dataclass(frozen=True, slots=True)
class Message:
    """What an attempt sends: the JSON `content`, the `id` of its delivery, and the moment in Unix seconds."""

    content: Content
    id: str
    at: float


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request; `content` is its body as JSON."""

    url: str
    content: Content
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt. `status` is one of HTTP, or None when no complete answer came.

    `error` says why no answer came, or why the one that came does not count. `gone`: the endpoint will never accept
    anything again.
    """

    latency_ms: float
    status: int | None = None
    error: str | None = None
    body: str = ""
    retry_after: str | None = None
    gone: bool = False

    @property
    def verdict_status(self) -> int | None:
        """The status to judge by: a 2xx with an error is no success."""
        if self.gone:
            return HTTPStatus.GONE
        return None if self.error and self.status is not None and self.status < _REDIRECTS else self.status
