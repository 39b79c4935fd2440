"""What the status shows about a poll, in one line. Pure."""

from typing import Final

from services.fetcher.sources.port import Poll
from shared.errors import PaperwireError

MAX_REASON: Final = 300


def reason(error: Exception) -> str:
    """Return in one line why a poll failed."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    text = "".join(c for c in " ".join(str(error).split()) if c.isprintable())[:MAX_REASON]
    return text if isinstance(error, PaperwireError) else f"{type(error).__name__}: {text}"[:MAX_REASON]


def detail(poll: Poll, fresh: int) -> str:
    """Return in one line what a poll brought."""
    refused = sum(not refusal.cleaned for refusal in poll.refusals)
    first = next((f": {r.where}: {r.reason}" for r in poll.refusals if not r.cleaned), "")
    words = f"{len(poll.items)} items, {fresh} new" if poll.items or not poll.detail else poll.detail
    return (f"{words}, {refused} refused{first}" if refused else words)[:MAX_REASON]
