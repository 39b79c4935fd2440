"""What the enricher stores in Redis: works by id and alias, and the samples that works are compared with.

`work:<id>` is the compressed record, whose first byte says how to read it, and `alias:<id>` the id of a work by another
id. A work's own id needs no alias. The id of a work that was joined to another becomes an alias of that one. The board
has a list of all revisions. `removed:<id>` is the record of a work that left. `trend:<field>` holds the latest paces of
each group of works, four bytes each.
"""

import zlib
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from importlib import resources
from typing import Final

from pydantic import ValidationError
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.enricher.works.intake import MAX_HOPS, KnownWorks
from services.enricher.works.trending import FIELDS, Baseline, Group, Norm, SignalUpdate, bar, compute_norm
from services.enricher.works.work import Work
from shared.board.picture_wishes import drop_pictures, drop_wishes, want
from shared.board.table import write_revisions
from shared.bus import Hop, scripts
from shared.errors import PermanentError, TransientError
from shared.time_limit import in_thread

_LEVEL: Final = 6
REMOVED_S: Final = 30 * 86_400
"""Seconds for which a work that left is remembered: no entry of a stream is handled later."""
MAX_SAMPLES: Final = 512
"""The samples that a group keeps, of which a field has at most 88: enough for a median within a tenth of a standard
deviation."""
FRESH_S: Final = 60.0
"""Seconds for which a process uses a baseline that it has read."""
_STRENGTH: Final = "strength"
_APPEND: Final = scripts.source(__package__ or "", "append_samples")


def _dictionary(number: int) -> bytes:
    """Read a preset dictionary; its header ends at the first empty line."""
    text = resources.files(__package__).joinpath(f"record_dictionary_{number}.txt").read_text("utf-8")
    return text.partition("\n\n")[2].removesuffix("\n").replace("\n", " ").encode()


DICTIONARIES: Final = {1: _dictionary(1)}
"""The preset dictionaries by the number that a record begins with; the highest is used for writing."""
_NEWEST: Final = max(DICTIONARIES)
_ZLIB: Final = 0x78
"""The first byte of records from before dictionaries, which are zlib streams."""
_SOURCE: Final = b'"text_source":'
_OLD_SOURCE: Final = b'"told_by":'
"""How records from before the first release call it."""


def alias_key(alias: str) -> str:
    """Return the Redis key of an alias."""
    return f"alias:{alias}"


def work_key(work_id: str) -> str:
    """Return the Redis key of a work."""
    return f"work:{work_id}"


def removed_key(work_id: str) -> str:
    """Return the Redis key of a work that left."""
    return f"removed:{work_id}"


def pack(work: Work) -> bytes:
    """Encode a work: the number of the dictionary, and JSON deflated with it. A typical record has 750 bytes."""
    packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=DICTIONARIES[_NEWEST])
    text = work.model_dump_json(exclude_defaults=True).encode()
    return bytes([_NEWEST]) + packing.compress(text) + packing.flush()


def unpack(key: str, data: bytes) -> Work:
    """Decode what `pack` encoded, in this version or an earlier one. `key` is where the record was, for the error.

    Raises:
        TransientError: a later version wrote it; a process of that version can read it.
        PermanentError: it is damaged.

    """
    if not data or data[0] not in (*DICTIONARIES, _ZLIB):
        found = f"version {data[0]}" if data else "no version"
        message = f"the record {key} has {found}, which this Paperwire cannot read: upgrade it, or restore a backup"
        raise TransientError(message)
    try:
        return Work.model_validate_json(_inflated(data))
    except (zlib.error, ValidationError) as error:
        message = f"The record {key} is damaged: restore a backup, or delete that key in Redis and import the paper."
        raise PermanentError(message) from error


def _inflated(data: bytes) -> bytes:
    if data[0] == _ZLIB:
        text = zlib.decompress(data)
    else:
        text = zlib.decompressobj(-zlib.MAX_WBITS, zdict=DICTIONARIES[data[0]]).decompress(data[1:])
    if _SOURCE in text:
        return text
    before, _, after = text.rpartition(_OLD_SOURCE)
    return before + _SOURCE + after


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
        works |= {name: unpack(work_key(name), value) for name, value in zip(ids, values, strict=False) if value}
        found = {name: value.decode() for name, value in zip(fresh, values[len(ids) :], strict=True) if value}
        aliases |= found
        wanted = {name for alias, name in found.items() if alias not in works}
    return KnownWorks(works, aliases)


def write_known(hop: Hop, known: KnownWorks) -> None:
    """Write the changed works, and which pictures of them are wanted."""
    for work_id, work in known.written.items():
        hop.write.set(work_key(work_id), pack(work))
    revisions = {work_id: work.revision for work_id, work in known.written.items()}
    write_revisions(hop.write, revisions, known.removed)
    if known.removed:
        hop.write.delete(*map(work_key, sorted(known.removed)))
    if known.released:
        hop.write.delete(*map(alias_key, sorted(known.released)))
    if known.claimed:
        hop.write.mset({alias_key(alias): work_id for alias, work_id in known.claimed.items()})
    if gone := known.unwished:
        drop_pictures(hop.write, gone)
        drop_wishes(hop.write, gone)
    if wishes := known.wishes:
        want(hop.write, wishes)


def note_removed(hop: Hop, work: Work) -> None:
    """Keep the record of a work that left for a while: an entry of before may write its point again, which is seen."""
    hop.write.set(removed_key(work.paper.id), pack(work), ex=REMOVED_S)


async def read_removed(hop: Hop, work_ids: Sequence[str]) -> dict[str, Work]:
    """Return those of some works that left."""
    values = await hop.read([removed_key(name) for name in work_ids])
    rows = zip(work_ids, values, strict=True)
    return {name: unpack(removed_key(name), value) for name, value in rows if value}


class Samples:
    """Reads and adds samples; each field of research has one hash, `trend:<field>`."""

    def __init__(self, redis: "Redis[bytes]", clock: Callable[[], datetime]) -> None:
        """The caller closes `redis`; `clock` returns the time in UTC."""
        self._redis = redis
        self._clock = clock
        self._read = Baseline()
        self._read_at = 0.0

    async def baseline(self) -> Baseline:
        """Return what works are compared with, at most a minute old."""
        now = self._clock().timestamp()
        if not 0 <= now - self._read_at < FRESH_S:
            async with self._redis.pipeline(transaction=False) as pipe:
                for field in FIELDS:
                    pipe.hgetall(f"trend:{field}")
                rows = await pipe.execute()
            self._read = await in_thread(_baseline, dict(zip(FIELDS, rows, strict=True)))
            self._read_at = now
        return self._read

    @staticmethod
    def add(pipe: "Pipeline[bytes]", updates: Iterable[SignalUpdate]) -> None:
        """Add the samples of works whose signals were updated, as part of a transaction."""
        rows: dict[str, dict[str, array[float]]] = {}
        for each in updates:
            for (field, octave, signal), pace in each.paces.items():
                rows.setdefault(field, {}).setdefault(f"{octave}:{signal}", array("f")).append(pace)
            if each.paces and each.strength:
                rows.setdefault(each.strength[0], {}).setdefault(_STRENGTH, array("f")).append(each.strength[1])
        for field, groups in rows.items():
            arguments: list[str | bytes | int] = []
            for group, values in groups.items():
                arguments += [group, values.tobytes(), 4 * MAX_SAMPLES]
            pipe.eval(_APPEND, 1, f"trend:{field}", *arguments)


def _baseline(rows: Mapping[str, Mapping[bytes, bytes]]) -> Baseline:
    norms: dict[Group, Norm] = {}
    bars: dict[str, float] = {}
    for field, row in rows.items():
        for name, data in row.items():
            values = array("f")
            values.frombytes(data)
            octave, _, signal = name.decode().partition(":")
            if signal:
                norms[Group(field, int(octave), signal)] = compute_norm(values)
            else:
                bars[field] = bar(values)
    return Baseline(norms, bars)
