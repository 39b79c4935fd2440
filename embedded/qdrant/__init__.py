"""The part of Qdrant's REST API that Paperwire uses, on Qdrant's own engine in process (``python -m embedded.qdrant``).

``http`` serves it, ``queries`` resolves points that a query names by id, ``storage`` owns the shards, and
``translation`` turns JSON into the engine's terms.

The engine keeps the GIL through every call (measured: two threads answer no more queries than one), so calls are made
on the event loop itself, and whatever could take long is cut into pieces with the loop in between.
"""

from embedded.qdrant.launcher import EmbeddedQdrant

__all__ = ["EmbeddedQdrant"]
