"""The keys of the matches that Redis keeps for digests and feeds, and what a changed subscription does to them."""

from typing import Final

from redis.asyncio.client import Pipeline

DIGESTS_DUE: Final = "digests:due"
"""The subscriptions with matches that wait for a digest, by the Unix seconds at which to check them."""


def match_key(alert: str) -> str:
    """Return the key of a kept match. While it exists, the same event does not alert again."""
    return f"match:{alert}"


def gathered_key(subscription: str) -> str:
    """Return the key of the matches that wait for a digest, by rank."""
    return f"gathered:{subscription}"


def count_key(subscription: str) -> str:
    """Return the key of the number of matches since the last digest."""
    return f"gathered:{subscription}:count"


def since_key(subscription: str) -> str:
    """Return the key of the time, in Unix seconds, of the first match that waits for a digest."""
    return f"gathered:{subscription}:since"


def last_key(subscription: str) -> str:
    """Return the key of the due time of the last digest, in Unix seconds."""
    return f"gathered:{subscription}:last"


def feed_key(subscription: str) -> str:
    """Return the key of the list of the latest matches, newest first."""
    return f"matches:{subscription}"


def reschedule_digest(pipe: Pipeline, subscription: str) -> None:
    """Check at once when a digest is due, as its schedule may have changed; in a transaction."""
    pipe.zadd(DIGESTS_DUE, {subscription: 0}, xx=True)


def clear_gathered(pipe: Pipeline, subscription: str) -> None:
    """Delete the matches that wait for a digest, in a transaction."""
    pipe.delete(gathered_key(subscription), count_key(subscription), since_key(subscription))
    pipe.zrem(DIGESTS_DUE, subscription)
