"""Documents in UTF-16."""

from pathlib import Path

import pytest

from services.fetcher.sources.feeds.parse import parse_feed
from services.fetcher.sources.files.reader import read_papers
from services.fetcher.sources.xml_text import as_utf8
from shared.errors import PermanentError

FEED = '<?xml version="1.0" encoding="utf-16"?><rss><channel><item><title>Grúa — 折り紙</title></item></channel></rss>'


@pytest.mark.parametrize("encoding", ("utf-16", "utf-16-le", "utf-16-be"))
def test_utf_16_becomes_utf_8_and_declares_it(encoding: str) -> None:
    assert as_utf8(FEED.encode(encoding)) == FEED.replace("utf-16", "utf-8").encode()
    assert as_utf8(FEED.encode()) == FEED.encode()


@pytest.mark.parametrize("text", (FEED, '{"title": "Grúa — 折り紙"}\n'))
def test_a_file_in_utf_16_is_read(text: str, tmp_path: Path) -> None:
    file = tmp_path / "papers"
    file.write_bytes(text.encode("utf-16"))
    rows = list(read_papers(file, "file", parse_feed))
    assert [item.title for item, _ in rows if item] == ["Grúa — 折り紙"]
    assert [notes for _, notes in rows if notes] == []


@pytest.mark.parametrize("name", ("UTF-0", "x-cranes", "idna", "utf-32"))
def test_oai_in_an_unknown_encoding_is_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    file = tmp_path / "papers.xml"
    file.write_bytes(f'<?xml version="1.0" encoding="{name}"?><OAI-PMH><ListRecords/></OAI-PMH>'.encode())
    with pytest.raises(PermanentError, match=r"^not"):
        list(read_papers(file, "file", parse_feed))
