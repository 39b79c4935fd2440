"""How works are kept in Redis: `alias:<id>` names a work, `work:<id>` holds what is known of it, compressed."""

import zlib

from services.enricher.work import Work


def alias_key(alias: str) -> str:
    """Name the Redis key of an alias."""
    return f"alias:{alias}"


def work_key(work_id: str) -> str:
    """Name the Redis key of a work."""
    return f"work:{work_id}"


def pack(work: Work) -> bytes:
    """Write a work; a typical one takes some 900 bytes."""
    return zlib.compress(work.model_dump_json(exclude_defaults=True).encode(), 3)


def unpack(data: bytes) -> Work:
    """Read what `pack` wrote."""
    return Work.model_validate_json(zlib.decompress(data))
