"""The event bus on Redis streams: at least once, and atomic from one stream to the next.

It may import `shared.papers`, settings, telemetry and what stands below them.
"""

from shared.bus.bus import Bus, open_redis
from shared.bus.consumer import Consumer, Handler
from shared.bus.hop import Entry, Headers, Hop

__all__ = ["Bus", "Consumer", "Entry", "Handler", "Headers", "Hop", "open_redis"]
