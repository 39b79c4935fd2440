"""The event bus on Redis streams: at least once everywhere, and atomic from one stream to the next."""

from shared.bus.bus import Bus, open_redis
from shared.bus.consumer import Consumer, Handler
from shared.bus.entry import Entry, Headers
from shared.bus.hop import Hop

__all__ = ["Bus", "Consumer", "Entry", "Handler", "Headers", "Hop", "open_redis"]
