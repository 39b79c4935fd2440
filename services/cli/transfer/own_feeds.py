"""Our own feeds as searches: what the address of a feed of Paperwire lists, as fields of a subscription. Pure."""

import re
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from services.search.query.parser import QueryError, parse
from services.search.query.subscribable import subscribable

Fields = dict[str, Any]
_FEED: Final = re.compile(r"/feeds/(?:(search)|(trending)|authors/(.+)|papers/(.+)/similar)\.(?:atom|json)$")
MAX_PARAMETERS: Final = 500
_ORDER: Final = frozenset({"sort", "mode", "limit", "cursor"})
"""Parameters that order or page a feed: they say nothing about its papers."""
_LISTS: Final = {"category": "categories", "author": "authors", "source": "sources"}
_AT: Final = "08:00"
_WEEKLY: Final = {"weekly": {"day": "monday", "at": _AT}}
_DIGESTS: Final[dict[str, Any]] = {"day": {"daily": _AT}, "week": _WEEKLY, "month": _WEEKLY}


class NoSubscriptionError(ValueError):
    """No subscription can have the papers of a feed. The text says why, in half a sentence."""


def subscription_of(url: str) -> Fields | None:
    """Return the fields of the subscription for a feed of ours; None for an address that is none.

    Raises:
        NoSubscriptionError: see there.

    """
    try:
        address = urlsplit(url)
        parameters = parse_qs(address.query, max_num_fields=MAX_PARAMETERS)
    except ValueError as error:
        message = "its address cannot be read"
        raise NoSubscriptionError(message) from error
    feed = _FEED.search(address.path)
    if feed is None:
        return None
    _, trending, author, paper = feed.groups()
    given = {name: values for name, values in parameters.items() if name not in _ORDER}
    window = given.pop("window", ["day"])[0]
    fields = _question(given.pop("q", [""])[0])
    for name, values in given.items():
        if name not in _LISTS:
            raise _lacks(name)
        fields[_LISTS[name]] = [*fields.get(_LISTS[name], ()), *values]
    if author:
        fields["authors"] = [unquote(author)]
    if paper:
        fields["like"] = [unquote(paper)]
    if trending:
        return fields | {"changes": ["trending"], "schedule": _DIGESTS.get(window, _WEEKLY)}
    if not fields:
        message = "it lists every paper, and a subscription needs a condition"
        raise NoSubscriptionError(message)
    return fields


def _question(text: str) -> Fields:
    """Return the words and filters of a query as fields."""
    try:
        found = subscribable(parse(text))
    except QueryError as error:
        raise NoSubscriptionError(str(error)) from error
    if found.left_out:
        raise _lacks(found.left_out[0])
    return dict(found.fields)


def _lacks(name: str) -> NoSubscriptionError:
    return NoSubscriptionError(f"a subscription has no filter “{name}”")
