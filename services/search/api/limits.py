"""How much one client may ask: a token bucket for each address."""

from collections import OrderedDict
from collections.abc import Callable

REMEMBERED = 10_000
"""Addresses whose buckets are kept; the least recently seen is forgotten first."""


class TokenBuckets:
    """Full buckets hold a minute's requests, and fill evenly: a burst is fine, a steady flood is not."""

    def __init__(self, per_minute: int, clock: Callable[[], float]) -> None:
        """`clock` gives seconds; a limit of 0 lets everything through."""
        self._capacity = float(per_minute)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> float:
        """Take a token. Return 0, or the seconds until there is one."""
        if not self._capacity:
            return 0.0
        now = self._clock()
        tokens, seen = self._buckets.pop(client, (self._capacity, now))
        tokens = min(self._capacity, tokens + (now - seen) * self._capacity / 60)
        allowed = tokens >= 1
        self._buckets[client] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) * 60 / self._capacity
