"""Reading long XML: whole or in a stream, the same comes out, and memory is bounded."""

import tracemalloc

import pytest

from services.fetcher.sources.arxiv import xml_records as arxiv_xml
from services.fetcher.sources.arxiv.xml_records import WHOLE, XmlError, read_records


def read(body: bytes) -> tuple[str, list[str | None]]:
    texts: list[str | None] = []
    root = read_records(body, "r", lambda record: texts.append(record.findtext("t")))
    return root.tag, texts


def document(count: int) -> bytes:
    return f"<all>{''.join(f'<r><t>{number}</t></r>' for number in range(count))}<rest>x</rest></all>".encode()


def test_both_parsers_return_the_same_records(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(document(100))
    assert whole == ("all", [str(number) for number in range(100)])
    monkeypatch.setattr(arxiv_xml, "WHOLE", 50)
    assert read(document(100)) == whole


@pytest.mark.parametrize("most", (0, WHOLE))
@pytest.mark.parametrize("body", (b"", b"<all><r>", b"<all>\x00</all>", b"<all>&nothing;</all>", b"a page"))
def test_malformed_xml_is_an_error(monkeypatch: pytest.MonkeyPatch, body: bytes, most: int) -> None:
    monkeypatch.setattr(arxiv_xml, "WHOLE", most)
    with pytest.raises(XmlError):
        read(body)


@pytest.mark.parametrize("count", (WHOLE, 3_000_000))
def test_no_document_takes_much_more_memory_than_itself(count: int) -> None:
    body = b"<all>" + b'<a b=""/>' * count + b"</all>"
    tracemalloc.start()
    try:
        with pytest.raises(XmlError, match="elements between two records"):
            read(body)
        assert tracemalloc.get_traced_memory()[1] < 64e6
    finally:
        tracemalloc.stop()
