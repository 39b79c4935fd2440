"""The event bus on Redis streams: at least once, and atomic from one stream to the next.

It may import `shared.papers`, settings, telemetry and what stands below them.
"""

from shared.bus.bus import Bus
from shared.bus.consumer import Consumer, Handler
from shared.bus.hop import Entry, Headers, Hop
from shared.bus.redis_client import open_redis

__all__ = ["Bus", "Consumer", "Entry", "Handler", "Headers", "Hop", "open_redis"]
