"""How works are stored in Redis: `work:<id>` is the compressed record, and `alias:<id>` the id of a work by another id.

A work's own id needs no alias. The id of a work that was joined to another becomes an alias of that one.
"""

import zlib
from collections.abc import Iterable
from importlib import resources
from typing import Final

from services.enricher.works.known_works import MAX_HOPS, KnownWorks
from services.enricher.works.work import Work
from shared.bus import Hop

_LEVEL: Final = 6


def _dictionary(number: int) -> bytes:
    """Read a preset dictionary; its header ends at the first empty line."""
    text = resources.files(__package__).joinpath(f"record_dictionary_{number}.txt").read_text("utf-8")
    return text.partition("\n\n")[2].removesuffix("\n").replace("\n", " ").encode()


DICTIONARIES: Final = {1: _dictionary(1)}
"""The preset dictionaries by the number that a record begins with; the highest is used for writing."""
_NEWEST: Final = max(DICTIONARIES)


def alias_key(alias: str) -> str:
    """Return the Redis key of an alias."""
    return f"alias:{alias}"


def work_key(work_id: str) -> str:
    """Return the Redis key of a work."""
    return f"work:{work_id}"


def pack(work: Work) -> bytes:
    """Encode a work: the number of the dictionary, and JSON deflated with it. A typical record has 750 bytes."""
    packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=DICTIONARIES[_NEWEST])
    text = work.model_dump_json(exclude_defaults=True).encode()
    return bytes([_NEWEST]) + packing.compress(text) + packing.flush()


def unpack(data: bytes) -> Work:
    """Decode what `pack` encoded."""
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS, zdict=DICTIONARIES[data[0]])
    return Work.model_validate_json(unpacking.decompress(data[1:]))


async def read_known(hop: Hop, names: Iterable[str]) -> KnownWorks:
    """Read and watch the works that ids and aliases name; past ids are followed to the current work."""
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
    return KnownWorks(works, aliases)


def write_known(hop: Hop, known: KnownWorks) -> None:
    """Write what has changed among the known works."""
    for work_id, work in known.written.items():
        hop.write.set(work_key(work_id), pack(work))
    if known.removed:
        hop.write.delete(*map(work_key, sorted(known.removed)))
    if known.claimed:
        hop.write.mset({alias_key(alias): work_id for alias, work_id in known.claimed.items()})
