"""The Qdrant collections and their client. It may import errors and settings."""

from shared.qdrant.client import Qdrant, lacks_vector, open_qdrant, outages, read_or
from shared.qdrant.collections import (
    ANALYSED,
    BM25,
    DENSE,
    ENDINGS,
    EXACTLY,
    INTEREST,
    TITLE,
    WORDS,
    check_papers,
    ensure_papers,
    ensure_subscriptions,
    mark_filled,
)
from shared.qdrant.located import PAPERS, SUBSCRIPTIONS

__all__ = [
    "ANALYSED",
    "BM25",
    "DENSE",
    "ENDINGS",
    "EXACTLY",
    "INTEREST",
    "PAPERS",
    "SUBSCRIPTIONS",
    "TITLE",
    "WORDS",
    "Qdrant",
    "check_papers",
    "ensure_papers",
    "ensure_subscriptions",
    "lacks_vector",
    "mark_filled",
    "open_qdrant",
    "outages",
    "read_or",
]
