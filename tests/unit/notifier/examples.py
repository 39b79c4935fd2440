"""Subscriptions and papers to test with."""

from datetime import UTC, datetime
from typing import Any

from services.notifier.subscription.model import State, Subscription
from shared.papers.paper import Author, Change, ChangeKind, Paper, Signals, SourceRef

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
NEW = Change(kind=ChangeKind.NEW)


def subscription(**fields: Any) -> Subscription:  # any field
    base: dict[str, Any] = {
        "id": "5d1f0f6e-7a3c-4c0e-9d8a-000000000001",
        "name": "cranes",
        "categories": ["cs.RO"],
        "channel": {"type": "webhook", "url": "https://example.org/hook"},
        "state": State(since=NOW),
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Subscription.model_validate(base | fields)


def paper(**fields: Any) -> Paper:  # any field
    base: dict[str, Any] = {
        "id": "arXiv:2603.00001",
        "title": "Folding Paper Cranes",
        "abstract": "A robot-arm folds cranes, naïvely.",
        "authors": (Author(name="Ada Q. Origami"), Author(name="Bo Fold")),
        "categories": ("cs.RO", "cs.AI"),
        "identifiers": {"arxiv": "2603.00001", "doi": "10.1234/cranes"},
        "sources": (SourceRef(source="arxiv", id="2603.00001"),),
        "signals": Signals(upvotes=3),
    }
    return Paper.model_validate(base | fields)
