"""Lanes: the deliveries of one owner to one endpoint, which do not delay those of other lanes."""

import hashlib

from services.notifier.channels.definition import ChannelSettings, Limits
from services.notifier.channels.registry import definition_of


def limits_of(channel: ChannelSettings) -> Limits:
    """Return what limits the lane of a channel."""
    return definition_of(channel).limits(channel)


def lane_of(owner: str, channel: ChannelSettings) -> str:
    """Return the lane of an owner's endpoint: the owner's part, a dot, the endpoint's part.

    The deliveries of a channel that goes through one server share the owner's part, whoever they are for.
    """
    definition = definition_of(channel)
    endpoint = definition.endpoint(channel)
    if definition.one_server:
        return f"{_digest(definition.id)}.{_digest(owner, *endpoint)}"
    return f"{_digest(owner)}.{_digest(definition.id, *endpoint)}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
