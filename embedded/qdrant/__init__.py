"""The part of Qdrant's REST API that Paperwire uses, on Qdrant's own engine in process (``python -m embedded.qdrant``).

``server`` speaks HTTP, ``collections`` and ``points`` hold the handlers, ``storage`` owns the shards; ``schema``,
``vectors``, ``filters``, ``queries`` and ``updates`` translate JSON into the engine's terms, ``answers`` the other way.

The engine keeps the GIL through every call (measured: two threads answer no more queries than one), so calls are made
on the event loop itself, and whatever could take long is cut into pieces with the loop in between.
"""

from embedded.qdrant.launcher import EmbeddedQdrant

__all__ = ["EmbeddedQdrant"]
