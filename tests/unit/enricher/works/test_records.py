"""Records of works."""

import hashlib
import json
import zlib
from collections.abc import Callable

import pytest

from services.enricher.works.merging import merge
from services.enricher.works.records import DICTIONARIES, pack, unpack
from services.enricher.works.sighting import prepare
from shared.errors import PermanentError, TransientError
from tests.support import NOW, item


def test_a_record_names_its_dictionary_and_is_smaller_by_it() -> None:
    text = "In this paper, we present a novel method for folding cranes. Experiments show that it is fast. " * 3
    work = merge(None, prepare(item(abstract=text)), NOW).work
    record = pack(work)
    assert record[0] == max(DICTIONARIES)
    assert unpack("", record) == work
    plain = zlib.compress(work.model_dump_json(exclude_defaults=True).encode(), 9)
    assert len(record) < 0.7 * len(plain)


def test_a_dictionary_never_changes() -> None:
    """Stored records cannot be read with another one: add a dictionary instead of changing this one."""
    assert hashlib.blake2b(DICTIONARIES[1], digest_size=8).hexdigest() == "0fd70604c72dbc43"


def test_a_record_of_any_characters_is_read_back_unchanged() -> None:
    work = merge(None, prepare(item(abstract="中文 ∑ 🙂 \\alpha " * 2_000, authors=("Ø Ångström",) * 5_000)), NOW).work
    assert unpack("", pack(work)) == work


OLD = {
    "paper": {"id": "arXiv:2401.00001", "title": "On cranes", "identifiers": {"arxiv": "2401.00001"}},
    "aliases": ["arXiv:2401.00001", "title:on cranes"],
    "told_by": "arxiv",
    "revision": 3,
}
"""A record of the days before the first release."""


def deflated(text: bytes) -> bytes:
    packing = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=DICTIONARIES[1])
    return packing.compress(text) + packing.flush()


@pytest.mark.parametrize("pack_old", [zlib.compress, lambda text: b"\x01" + deflated(text)], ids=["zlib", "dictionary"])
def test_a_record_from_before_the_first_release_is_read(pack_old: Callable[[bytes], bytes]) -> None:
    work = unpack("work:arXiv:2401.00001", pack_old(json.dumps(OLD, separators=(",", ":")).encode()))
    assert (work.paper.title, work.text_source, work.trust, work.revision) == ("On cranes", "arxiv", 0, 3)
    assert unpack("", pack(work)) == work


def test_a_title_that_looks_like_a_field_stays_as_it_is() -> None:
    work = merge(None, prepare(item(title='"told_by":"arxiv", a title')), NOW).work
    assert unpack("", pack(work)) == work


def test_a_record_of_a_later_version_waits_for_a_program_that_reads_it() -> None:
    """INVARIANT: no paper becomes a dead letter while two versions run side by side."""
    with pytest.raises(TransientError, match=r"work:a has version 2, .* upgrade it, or restore a backup"):
        unpack("work:a", b"\x02new")


@pytest.mark.parametrize(
    "data", [b"\x01", b"\x01garbage", b"\x78", b"\x01" + deflated(b"{}"), b"\x01" + deflated(b"\xff")]
)
def test_a_damaged_record_is_named(data: bytes) -> None:
    with pytest.raises(PermanentError, match="The record work:a is damaged"):
        unpack("work:a", data)
