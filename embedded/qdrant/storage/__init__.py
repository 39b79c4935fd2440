"""The collections on disk, each a shard of the engine. It imports `translation`."""
