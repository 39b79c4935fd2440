"""The small size: a real Redis and Qdrant's own engine as child processes, in one data directory.

``EmbeddedRedis`` and ``EmbeddedQdrant`` start them; ``lock`` and ``read_instance`` say who holds a data directory.
"""
