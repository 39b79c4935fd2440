"""OAI-PMH records in arXiv's format, of our own making."""

import pytest

from services.fetcher.sources.arxiv.oai_parse import parse_oai
from shared.errors import PermanentError
from shared.papers.events import Item

HEAD = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
WHOLE = """<id>2401.00001</id><created>2024-01-02</created><updated>2024-02-03</updated>
  <authors><author><keyname>Origami</keyname><forenames>Ada</forenames></author>
  <author><keyname>Fold</keyname><forenames>Bo</forenames><suffix>Jr.</suffix></author></authors>
  <title>Paper
    cranes</title><categories>cs.RO cs.LG</categories><journal-ref>J. Fold. 12
  (2026) 3-14</journal-ref><doi>10.1000/x 10.1000/y</doi><abstract> Folded. </abstract>"""


def record(fields: str) -> str:
    metadata = f'<arXiv xmlns="http://arxiv.org/OAI/arXiv/">{fields}</arXiv>'
    return f"<record><header><identifier>x</identifier></header><metadata>{metadata}</metadata></record>"


def answer(*records: str) -> bytes:
    return f"{HEAD}<ListRecords>{''.join(records)}</ListRecords></OAI-PMH>".encode()


def test_a_complete_record_becomes_an_item() -> None:
    poll = parse_oai(answer(record(WHOLE)))
    assert poll.refusals == []
    assert poll.items == [
        Item(
            source="arxiv",
            id="arXiv:2401.00001",
            title="Paper cranes",
            abstract="Folded.",
            authors=("Ada Origami", "Bo Fold Jr."),
            categories=("cs.RO", "cs.LG"),
            published="2024-01-02",
            updated="2024-02-03",
            url="https://arxiv.org/abs/2401.00001",
            identifiers={"doi": "10.1000/x"},
            venue="J. Fold. 12 (2026) 3-14",
        )
    ]


@pytest.mark.parametrize("comment", ("This paper has been withdrawn", "withdrawn by arXiv admins"))
def test_a_withdrawal_is_read_from_the_comment(comment: str) -> None:
    assert parse_oai(answer(record(f"{WHOLE}<comments>{comment}</comments>"))).items[0].withdrawn


def test_records_without_metadata_or_title_are_refused_alone() -> None:
    deleted = '<record><header status="deleted"/></record>'
    poll = parse_oai(answer(deleted, record(WHOLE), record("<id>2401.00002</id>")))
    assert [item.id for item in poll.items] == ["arXiv:2401.00001"]
    assert [(r.where, r.reason) for r in poll.refusals] == [
        ("record 1", "no arXiv metadata"),
        ("record 3", "no arXiv metadata"),
    ]


@pytest.mark.parametrize("date", ("0000-00-00", "9999-12-31T23:00:00-14:00", "soon"))
def test_an_impossible_date_is_left_out(date: str) -> None:
    assert parse_oai(answer(record(WHOLE.replace("2024-01-02", date)))).items[0].published is None


@pytest.mark.parametrize(
    ("body", "reason"),
    (
        (
            f'{HEAD}<error code="noRecordsMatch">none</error></OAI-PMH>'.encode(),
            "the archive reports the error noRecordsMatch: none",
        ),
        (b"", "not XML"),
        (answer(record(WHOLE))[:-20], "not XML"),
        (b"<html><body>503<br></body></html>", "not XML"),
        (answer(record(WHOLE.replace("Paper", "\x00"))), "not XML"),
        (answer(record(WHOLE.replace("Paper", "&#xD800;"))), "not XML"),
    ),
)
def test_a_malformed_answer_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(PermanentError, match=reason):
        parse_oai(body)


def test_an_entity_bomb_does_not_go_off() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "boom" * 10}">' for n in range(9))
    body = f"<!DOCTYPE r [{levels}]>".encode() + answer(record(WHOLE.replace("Paper", "&e8;")))
    with pytest.raises(PermanentError, match="amplification"):
        parse_oai(body)
