"""How works are kept in Redis: `work:<id>` holds what is known of one, compressed; `alias:<id>` names it by another id.

A work's own id needs no alias. An id that a work had before it was joined to another is an alias of that one.
"""

import zlib
from collections.abc import Iterable

from services.enricher.works.dictionary import DICTIONARIES
from services.enricher.works.known_works import MAX_HOPS, Known
from services.enricher.works.work import Work
from shared.bus import Hop

_LEVEL = 6
_NEWEST = max(DICTIONARIES)
_DICTIONARY = DICTIONARIES[_NEWEST]


def alias_key(alias: str) -> str:
    """Name the Redis key of an alias."""
    return f"alias:{alias}"


def work_key(work_id: str) -> str:
    """Name the Redis key of a work."""
    return f"work:{work_id}"


def pack(work: Work) -> bytes:
    """Write a work: the number of the dictionary, and JSON deflated with it. A typical one takes some 750 bytes."""
    packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=_DICTIONARY)
    text = work.model_dump_json(exclude_defaults=True).encode()
    return bytes([_NEWEST]) + packing.compress(text) + packing.flush()


def unpack(data: bytes) -> Work:
    """Read what `pack` wrote."""
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS, zdict=DICTIONARIES[data[0]])
    return Work.model_validate_json(unpacking.decompress(data[1:]))


async def read_known(hop: Hop, names: Iterable[str]) -> Known:
    """Read, and watch, the works that some ids and aliases name; past ids are followed to where the work is now."""
    works: dict[str, Work] = {}
    aliases: dict[str, str] = {}
    asked: set[str] = set()
    wanted = set(names)
    for _ in range(MAX_HOPS):
        fresh = sorted(wanted - asked)
        if not fresh:
            break
        asked.update(fresh)
        ids = [name for name in fresh if not name.startswith("title:")]
        values = await hop.read([*map(work_key, ids), *map(alias_key, fresh)])
        works |= {name: unpack(value) for name, value in zip(ids, values, strict=False) if value}
        found = {name: value.decode() for name, value in zip(fresh, values[len(ids) :], strict=True) if value}
        aliases |= found
        wanted = {name for alias, name in found.items() if alias not in works}
    return Known(works, aliases)


def write_known(hop: Hop, known: Known) -> None:
    """Write what a step has made of the works that it knew."""
    for work_id, work in known.written.items():
        hop.write.set(work_key(work_id), pack(work))
    if known.removed:
        hop.write.delete(*map(work_key, sorted(known.removed)))
    if known.claimed:
        hop.write.mset({alias_key(alias): work_id for alias, work_id in known.claimed.items()})
