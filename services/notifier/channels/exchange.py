"""One exchange with a service: what an attempt sends, and what came back."""

from dataclasses import dataclass, field
from typing import Any

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """The message of an attempt: the JSON `content`, the `id` of its delivery, and the moment in Unix seconds."""

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
    """The result of an attempt. `status` is the HTTP status, or None if no complete answer came.

    `error` says why no answer came, or why the one that came does not count. `gone`: the endpoint will never accept
    anything again. `moved` is the id that the endpoint has from now on.
    """

    latency_ms: float
    status: int | None = None
    error: str | None = None
    body: str = ""
    retry_after: str | None = None
    gone: bool = False
    moved: str | None = None
