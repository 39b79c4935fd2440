"""Files of papers, whatever their format."""

import gzip
import json
from pathlib import Path

import pytest

from services.fetcher.sources.feeds.parse import parse_feed
from services.fetcher.sources.files import reader as files
from services.fetcher.sources.files.jsonl import MAX_LINE
from services.fetcher.sources.files.reader import read_papers
from shared.errors import PermanentError

RSS = b"<rss version='2.0'><channel><item><title>Cranes</title><guid>urn:x:1</guid></item></channel></rss>"


def written(tmp_path: Path, body: bytes, name: str = "papers.jsonl") -> Path:
    path = tmp_path / name
    path.write_bytes(body)
    return path


def read(path: Path) -> tuple[list[str], list[tuple[str, str]]]:
    rows = list(read_papers(path, "file", parse_feed))
    return [item.title for item, _ in rows if item], [(n.where, n.reason) for _, notes in rows for n in notes]


def line(title: str) -> bytes:
    return json.dumps({"title": title}).encode()


def test_lines_are_numbered_as_an_editor_does(tmp_path: Path) -> None:
    body = b"\n \n" + line("One") + b"\n\n{\n" + line("Two") + b"\r\n" + line("Three")
    titles, notes = read(written(tmp_path, body))
    assert titles == ["One", "Two", "Three"]
    assert [where for where, _ in notes] == ["line 5"]


def test_the_first_line_may_be_the_bad_one(tmp_path: Path) -> None:
    titles, notes = read(written(tmp_path, b"\n\nnot json\n" + line("One")))
    assert titles == ["One"]
    assert [where for where, _ in notes] == ["line 3"]


def test_a_very_long_line_is_skipped_without_being_kept(tmp_path: Path) -> None:
    endless = b'{"title": "' + b"x" * (2 * MAX_LINE + 17) + b'"}'
    titles, notes = read(written(tmp_path, line("One") + b"\n" + endless + b"\n" + line("Two") + b"\n" + endless))
    assert titles == ["One", "Two"]
    assert [where for where, _ in notes] == ["line 2", "line 4"]
    assert all("longer than" in reason for _, reason in notes)


@pytest.mark.parametrize("mark", (b"", b"\xef\xbb\xbf", b"\n  ", b"\xef\xbb\xbf\r\n"))
def test_a_byte_order_mark_or_leading_blanks_are_skipped(tmp_path: Path, mark: bytes) -> None:
    assert read(written(tmp_path, mark + line("One") + b"\n" + line("Two"))) == (["One", "Two"], [])
    assert read(written(tmp_path, mark + RSS)) == (["Cranes"], [])


def test_gzip_is_recognized_under_any_name(tmp_path: Path) -> None:
    assert read(written(tmp_path, gzip.compress(line("One")), "papers.data")) == (["One"], [])
    assert read(written(tmp_path, gzip.compress(RSS), "feed.xml")) == (["Cranes"], [])


@pytest.mark.parametrize("body", (b"", b"\n\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)))
def test_an_empty_file_has_no_items(tmp_path: Path, body: bytes) -> None:
    assert read(written(tmp_path, body)) == ([], [])


@pytest.mark.parametrize(
    ("body", "reason"),
    (
        (gzip.compress(line("One"), mtime=0)[:-6], "cannot be read"),
        (b"\x1f\x8bnot gzip at all", "cannot be read"),
        (b"<html><body>Just a moment</body></html>", "not a feed"),
        (b"<OAI-PMH", "not XML"),
    ),
)
def test_an_unreadable_file_is_refused_with_the_reason(tmp_path: Path, body: bytes, reason: str) -> None:
    with pytest.raises(PermanentError, match=reason):
        read(written(tmp_path, body))


def test_a_missing_or_protected_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="No such file"):
        read(tmp_path / "missing.jsonl")
    with pytest.raises(PermanentError, match=r"[Dd]irectory"):
        read(tmp_path)


def test_a_gzip_bomb_of_xml_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_XML", 100_000)
    with pytest.raises(PermanentError, match="larger than 100,000 bytes"):
        read(written(tmp_path, gzip.compress(b"<rss>\n" + b" " * 10_000_000)))
