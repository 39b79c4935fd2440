"""Examples of the operations of the notifier, by their names in the OpenAPI document."""

from typing import Any, Final

from shared.export.example_files import example_files
from shared.export.paper_example import PAPER
from shared.http.examples import Example

_ID: Final = "0f8fad5b-d9cb-469f-a165-70867728950e"
_DELIVERY: Final = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
_ENTRY: Final = "5f3a9c1e7b2d4a60"
_AT: Final = "2026-01-02T08:00:00Z"
_SECRET: Final = "whsec_c2VjcmV0IG9mIHRoZSBleGFtcGxl"  # noqa: S105  # nobody's
_BY_ID: Final = {"id": _ID}
_PAPER: Final = PAPER["id"]
_STATE: Final = {"status": "active", "reason": None, "since": _AT}
_CHANNEL: Final = {"type": "webhook", "url": "https://hooks.example.org/papers"}
_NEW: Final[dict[str, Any]] = {
    "query": "code generation by reinforcement learning",
    "categories": ["cs.LG", "cs.CL"],
    "channel": _CHANNEL,
    "schedule": "instant",
}
_SUBSCRIPTION: Final = {
    **_NEW,
    "id": _ID,
    "name": "code generation by reinforcement learning",
    "changes": ["new"],
    "sensitivity": 0.45,
    "threshold": 0.45,
    "state": _STATE,
    "created_at": _AT,
    "updated_at": _AT,
    "tuning": None,
}
_CITES: Final = {
    **_SUBSCRIPTION,
    "id": "7d444840-9dc0-41d1-b245-5ffdce74fad2",
    "name": "Cites ORCID record 0000-0002-1825-0097",
    "query": None,
    "categories": [],
    "cites": {"type": "orcid", "id": "0000-0002-1825-0097"},
    "citations": {
        "read_at": _AT,
        "papers": 12,
        "citations": 340,
        "awaited": 2,
        "error": None,
        "next_at": "2026-01-03T08:00:00Z",
    },
    "threshold": 0.0,
}
_SENT: Final = {
    "id": _DELIVERY,
    "subscription": _ID,
    "owner": "a1b2c3d4",
    "paper": _PAPER,
    "change": "new",
    "created_at": _AT,
    "state": "delivered",
    "attempts": 1,
    "next_attempt_at": None,
    "log": [{"at": _AT, "status": 204, "latency_ms": 41.2, "error": None, "answer": ""}],
}
_FEEDBACK: Final = {"id": _ENTRY, "kind": "more", "about": _PAPER, "title": PAPER["title"], "at": _AT}
FEEDS: Final = {
    "atom": f"https://papers.example.org/feeds/private/{'x' * 52}.atom",
    "json_feed": f"https://papers.example.org/feeds/private/{'x' * 52}.json",
}
_SEEN: Final = {key: PAPER[key] for key in ("id", "title", "published", "categories")}
_PREVIEW: Final = {
    "days": 14.0,
    "papers": 9_800,
    "enough": True,
    "threshold": 0.45,
    "count": 6,
    "per_week": 3.0,
    "capped": False,
    "alerts": [{"at": _AT, "change": "new", "score": 0.58, "paper": _SEEN}],
    "thresholds": [{"threshold": 0.4, "count": 19, "per_week": 9.5}, {"threshold": 0.5, "count": 2, "per_week": 1.0}],
}
_EXPLAINED: Final = {
    "subscription": {"id": _ID, "title": _SUBSCRIPTION["name"]},
    "paper": {"id": _PAPER, "title": PAPER["title"]},
    "verdict": "It matches: every condition holds, and its score of 0.58 reaches the threshold of 0.45.",
    "matches": True,
    "score": 0.58,
    "threshold": 0.45,
    "checks": [{"name": "categories", "passes": True, "detail": "the paper is in cs.LG"}],
    "nearest_liked": None,
    "delivered": [{"delivery": _DELIVERY, "change": "new", "at": _AT, "state": "delivered"}],
}
_OPERATIONAL: Final = {"url": "https://hooks.example.org/paperwire", "state": _STATE, "secret": None}

EXAMPLES: Final[dict[str, Example]] = {
    "create_subscription": Example({**_SUBSCRIPTION, "secret": _SECRET}, body=_NEW),
    "list_subscriptions": Example({"subscriptions": [_SUBSCRIPTION, _CITES], "next_cursor": None}, {"limit": 20}),
    "get_subscription": Example(_SUBSCRIPTION, _BY_ID),
    "change_subscription": Example(
        {**_SUBSCRIPTION, "schedule": {"daily": "08:00", "timezone": "Europe/Paris"}},
        _BY_ID,
        {"schedule": {"daily": "08:00", "timezone": "Europe/Paris"}},
    ),
    "delete_subscription": Example(parameters=_BY_ID),
    "test_subscription": Example({**_SENT, "test": True}, _BY_ID),
    "pause_subscription": Example({**_SUBSCRIPTION, "state": {**_STATE, "status": "paused"}}, _BY_ID),
    "resume_subscription": Example(_SUBSCRIPTION, _BY_ID),
    "rotate_secret": Example({"secret": _SECRET, "previous_valid_seconds": 86_400}, _BY_ID),
    "list_deliveries": Example({"deliveries": [_SENT], "next_cursor": None}, {**_BY_ID, "limit": 20}),
    "redeliver": Example({**_SENT, "state": "pending", "log": []}, {"id": _DELIVERY}),
    "recover_subscription": Example({"recovered": 4, "since": _AT}, {**_BY_ID, "since": _AT}),
    "put_operational_webhook": Example({**_OPERATIONAL, "secret": _SECRET}, body={"url": _OPERATIONAL["url"]}),
    "get_operational_webhook": Example(_OPERATIONAL),
    "delete_operational_webhook": Example(),
    "get_feed": Example(FEEDS, _BY_ID),
    "rotate_feed": Example(FEEDS, _BY_ID),
    "export_matches": Example(parameters={**_BY_ID, "format": "bibtex"}, files=example_files()),
    "list_feedback": Example({"feedback": [_FEEDBACK]}, _BY_ID),
    "give_feedback": Example(_FEEDBACK, _BY_ID, {"kind": "more", "paper": _PAPER}),
    "undo_feedback": Example({**_FEEDBACK, "undone": True}, {**_BY_ID, "entry": _ENTRY}),
    "preview_subscription": Example(_PREVIEW, body={"query": _NEW["query"], "days": 14, "limit": 5}),
    "explain_subscription": Example(_EXPLAINED, {"subscription": _ID, "paper": _PAPER}),
}
