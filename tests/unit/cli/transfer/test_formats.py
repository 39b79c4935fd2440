"""Recognizing the files that subscriptions are imported from, and reading our own export."""

import pytest

from services.cli.transfer.formats import MAX_FILE, decoded, kind_of, read_export
from shared.errors import ConfigurationError

OPML = b'<opml version="2.0"><body/></opml>'


def test_an_export_may_be_a_bare_list() -> None:
    assert read_export(b'{"subscriptions": [{"query": "cranes"}]}') == read_export(b'[{"query": "cranes"}]')


@pytest.mark.parametrize(
    ("raw", "kind"),
    (
        (b'\xef\xbb\xbf {"subscriptions": []}', "json"),
        (b"[]", "json"),
        (OPML, "opml"),
        (b"% comment\n@article{a}", "bibtex"),
        (f"<?xml version='1.0'?><!-- {'license ' * 2_000}--><OPML>".encode("utf-16"), "opml"),
    ),
)
def test_the_format_of_a_file_is_recognized(raw: bytes, kind: str) -> None:
    assert kind_of(raw) == kind


@pytest.mark.parametrize("raw", (b"", b"cranes", b"<html></html>"))
def test_an_unknown_format_is_refused(raw: bytes) -> None:
    with pytest.raises(ConfigurationError, match="neither"):
        kind_of(raw)


@pytest.mark.parametrize("raw", (b"{", b'{"papers": []}', b"[1]"))
def test_a_broken_export_is_refused_in_one_sentence(raw: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"\.$"):
        read_export(raw)


@pytest.mark.parametrize("encoding", ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"))
def test_a_file_is_read_in_the_encodings_that_programs_write(encoding: str) -> None:
    assert decoded("@misc{a, title={Café}}".encode(encoding)) == "@misc{a, title={Café}}"


def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(ConfigurationError, match="larger than 50 MB"):
        kind_of(b"@" * (MAX_FILE + 1))
