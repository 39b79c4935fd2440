"""Pages of OAI-PMH: tokens, errors, deleted records, and the format with versions."""

import os
from pathlib import Path

import pytest

from services.fetcher.sources.arxiv.oai_parse import read_page
from shared.errors import PermanentError
from shared.papers.events import Item

DATA = Path(os.environ.get("PAPERWIRE_DATA", Path(__file__).parents[6] / "shared" / "data"))
FEEDS = DATA / "feeds" / "oai-pmh"
HEAD = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
VERSION = '<version version="v{}"><date>{}</date><size>9kb</size></version>'
RAW = (
    "<id>{}</id><submitter>Ada Origami</submitter>"
    + VERSION.format(1, "Mon, 2 Mar 2026 05:06:07 GMT")
    + VERSION.format(2, "Wed, 4 Mar 2026 05:06:07 GMT")
    + "<title>Paper\n cranes</title><authors>Ada Origami (1) and Bo Fold ((1) Paper Institute)</authors>"
    "<categories>cs.RO cs.LG</categories><journal-ref>J. Fold. 12 (2026) 3-14</journal-ref>"
    "<doi>10.1000/x</doi><abstract>  Folded.\n</abstract>"
)


def raw(arxiv: str = "2603.00001") -> str:
    metadata = f'<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/">{RAW.format(arxiv)}</arXivRaw>'
    return f"<record><header><identifier>x</identifier></header><metadata>{metadata}</metadata></record>"


def answer(*parts: str) -> bytes:
    return f"{HEAD}<ListRecords>{''.join(parts)}</ListRecords></OAI-PMH>".encode()


def test_a_raw_record_has_its_versions() -> None:
    assert read_page(answer(raw())).items == [
        Item(
            source="arxiv",
            id="arXiv:2603.00001",
            title="Paper cranes",
            abstract="Folded.",
            authors=("Ada Origami", "Bo Fold"),
            categories=("cs.RO", "cs.LG"),
            published="2026-03-02T05:06:07Z",
            updated="2026-03-04T05:06:07Z",
            version=2,
            url="https://arxiv.org/abs/2603.00001",
            identifiers={"doi": "10.1000/x"},
            venue="J. Fold. 12 (2026) 3-14",
        )
    ]


def test_items_built_without_validation_are_valid() -> None:
    item = read_page(answer(raw())).items[0]
    assert Item.model_validate_json(item.model_dump_json()) == item
    assert item.model_fields_set == set(Item.model_fields)


@pytest.mark.parametrize("number", ("", "vx", "v99999", "v²"))
def test_an_invalid_version_is_left_out(number: str) -> None:
    assert read_page(answer(raw().replace('"v2"', f'"{number}"'))).items[0].version is None


def test_an_old_id_has_the_canonical_spelling() -> None:
    assert read_page(answer(raw("math.GT/0309136"))).items[0].id == "arXiv:math/0309136"


def test_deleted_records_are_named() -> None:
    header = '<header status="deleted"><identifier>oai:arXiv.org:{}</identifier></header>'
    page = read_page(answer(f"<record>{header.format('2603.00002')}</record>", raw()))
    assert page.deleted == ["arXiv:2603.00002"]
    assert len(page.items) == len(page.refusals) == 1


@pytest.mark.parametrize(
    ("token", "expected"), (("abc|1001", "abc|1001"), ("", None), (" \n", None), ("x" * 9_000, "x" * 4_000))
)
def test_the_resumption_token_is_read(token: str, expected: str | None) -> None:
    assert read_page(answer(raw(), f"<resumptionToken>{token}</resumptionToken>")).token == expected


@pytest.mark.skipif(not FEEDS.exists(), reason="no recorded answers: set PAPERWIRE_DATA")
def test_recorded_answers_are_parsed() -> None:
    for path in sorted((FEEDS / "arxiv-hepcrawl").glob("*.xml")):
        body = path.read_bytes()
        page = read_page(body)
        # Two of the files were edited by those who recorded them, and lack a namespace.
        assert len(page.refusals) == body.count(b"<metadata><arXiv xsi:"), path
        assert page.items or page.refusals
        assert page.error is None
        assert all(Item.model_validate_json(item.model_dump_json()) == item for item in page.items)
        assert all(item.authors and item.abstract and item.published for item in page.items)
    for name in ("badResumptionToken", "noRecordsMatch", "badArgument", "idDoesNotExist"):
        assert read_page((FEEDS / "generic-sickle" / f"{name}.xml").read_bytes()).error == name
    page = read_page((FEEDS / "generic-sickle" / "ListRecords.xml").read_bytes())
    assert (page.token, page.deleted) == ("ListRecords2.xml", ["oai:test.example.com:1585310"])
    with pytest.raises(PermanentError, match="not XML"):
        read_page((FEEDS / "generic-sickle" / "ListRecordsBroken.xml").read_bytes())
