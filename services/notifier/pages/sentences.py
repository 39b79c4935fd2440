"""Subscriptions and feedback in words, for pages."""

from typing import Final

from services.notifier.matching.conditions import listed
from services.notifier.subscribing.relevance import Entry, Kind
from services.notifier.subscription.model import Subscription
from services.notifier.subscription.sensitivity import Volume

_SAID: Final = {Kind.MORE: "More like", Kind.LESS: "Not", Kind.MUTE: "Muted"}
_SENTENCE: Final = 300
"""Characters of a query that are shown."""


def said(entry: Entry) -> str:
    """Put feedback in words."""
    return f"{_SAID[entry.kind]}: “{entry.title}”" + (" (undone)" if entry.undone else "")


def wants(one: Subscription) -> list[str]:
    """Put a subscription in words."""
    state = f"It is {one.state.status.value}" + (f": {one.state.reason}" if one.state.reason else ".")
    lists = {"phrases": (*one.must, *one.any), "categories": one.categories, "authors": one.authors}
    lists |= {"sources": one.sources, "watched papers": one.papers, "muted authors": one.mute_authors}
    lines = [state, *([f"About: {one.query[:_SENTENCE]}"] if one.query else [])]
    lines += [f"{name.capitalize()}: {listed(values)}" for name, values in lists.items() if values]
    if one.like or one.unlike:
        lines.append(f"It likes {len(one.like)} papers and dislikes {len(one.unlike)}.")
    if isinstance(one.sensitivity, Volume):
        lines.append(f"About {one.sensitivity.per_week:g} a week.")
    return lines
