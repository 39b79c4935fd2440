"""The embedded Redis: finds a server, runs it in a data directory, and checks its append-only file.

It imports the modules of `embedded` beside it, and knows nothing of Qdrant.
"""

from embedded.redis.append_only_file import problem_of, repair
from embedded.redis.binary import find_binary
from embedded.redis.redis_process import EmbeddedRedis

__all__ = ["EmbeddedRedis", "find_binary", "problem_of", "repair"]
