"""Records of works."""

import hashlib
import zlib

from services.enricher.works.merging import merge
from services.enricher.works.records import DICTIONARIES, pack, unpack
from services.enricher.works.sighting import prepare
from tests.support import NOW, item


def test_a_record_names_its_dictionary_and_is_smaller_by_it() -> None:
    text = "In this paper, we present a novel method for folding cranes. Experiments show that it is fast. " * 3
    work = merge(None, prepare(item(abstract=text)), NOW).work
    record = pack(work)
    assert record[0] == max(DICTIONARIES)
    assert unpack(record) == work
    plain = zlib.compress(work.model_dump_json(exclude_defaults=True).encode(), 9)
    assert len(record) < 0.7 * len(plain)


def test_a_dictionary_never_changes() -> None:
    """Stored records cannot be read with another one: add a dictionary instead of changing this one."""
    assert hashlib.blake2b(DICTIONARIES[1], digest_size=8).hexdigest() == "0fd70604c72dbc43"


def test_a_record_of_any_characters_is_read_back_unchanged() -> None:
    work = merge(None, prepare(item(abstract="中文 ∑ 🙂 \\alpha " * 2_000, authors=("Ø Ångström",) * 5_000)), NOW).work
    assert unpack(pack(work)) == work
