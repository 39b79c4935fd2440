"""Reading what is taken over: our export, BibTeX, OPML; what cannot be read is named."""

import pytest

from services.cli.transfer.formats import Feed, kind_of, read_bibtex, read_export, read_opml
from shared.errors import ConfigurationError

BIBTEX = r"""
@string{venue = "Proceedings"}
@article{cranes, title={{F}olding {\"U}ber-cranes}, doi={https://doi.org/10.1234/CRANES}, eprint={2601.00001v2},
  archiveprefix={arXiv}}
@misc{planes, title="Planes", url="https://arxiv.org/abs/2601.00002"}
@misc{planes, title="Swans", journal="arXiv preprint arXiv:2601.00003"}
@article{old, title={Old}, eprint={hep-th/9901001}, note={see doi:10.1234/old, and 12}}
@comment{nothing}
@misc{open, title={never closed
@misc{last, title={Plain}}
"""
OPML = b"""<?xml version="1.0"?>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Robots"><outline text="Cranes weekly" type="rss" xmlUrl=" https://example.org/cranes.xml "/></outline>
<outline title="Planes" text="ignored" xmlUrl="https://example.org/planes.xml"/>
<outline text="no feed"/><outline xmlUrl="https://example.org/bare.xml"/>
</body></opml>"""


def test_a_bibliography_is_read_into_ids_and_titles() -> None:
    references, refused = read_bibtex(BIBTEX.encode())
    assert [(one.title, one.ids) for one in references] == [
        ("Folding Über-cranes", ("arXiv:2601.00001", "doi:10.1234/cranes")),
        ("Planes", ("arXiv:2601.00002",)),
        ("Old", ("arXiv:hep-th/9901001", "doi:10.1234/old")),
        ("Plain", ()),
        ("Swans", ("arXiv:2601.00003",)),
    ]
    (one,) = refused
    assert one.where == "line 9"
    assert "cannot be read" in one.reason


def test_a_zotero_file_with_a_byte_order_mark_or_another_charset_is_read() -> None:
    references, refused = read_bibtex("\ufeff@misc{a, title={Cranes}}\n".encode() + b"@misc{b, title={Caf\xe9}}")
    assert [one.title for one in references] == ["Cranes", "Caf\ufffd"]
    assert refused == []


def test_the_feeds_of_every_folder_are_read() -> None:
    assert read_opml(OPML) == [
        Feed("Cranes weekly", "https://example.org/cranes.xml"),
        Feed("Planes", "https://example.org/planes.xml"),
        Feed("https://example.org/bare.xml", "https://example.org/bare.xml"),
    ]


def test_an_export_may_be_a_bare_list() -> None:
    assert read_export(b'{"subscriptions": [{"query": "cranes"}]}') == read_export(b'[{"query": "cranes"}]')


@pytest.mark.parametrize(
    ("raw", "kind"),
    (
        (b'\xef\xbb\xbf {"subscriptions": []}', "json"),
        (b"[]", "json"),
        (OPML, "opml"),
        (b"% comment\n@article{a}", "bibtex"),
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


def test_a_broken_list_of_feeds_is_refused_in_one_sentence() -> None:
    bomb = b'<!DOCTYPE opml [<!ENTITY a "' + b"x" * 1000 + b'"><!ENTITY b "' + b"&a;" * 5_000 + b'"><!ENTITY c "'
    bomb += b"&b;" * 5_000 + b'">]><opml><body><outline text="&c;"/></body></opml>'
    for raw in (b"<opml><body>", bomb):
        with pytest.raises(ConfigurationError, match="not valid OPML"):
            read_opml(raw)
