"""Bibliographies in BibTeX: each entry is read or named, whatever stands around it."""

import time

import pytest

from services.cli.transfer.bibliography import Reference, read_bibtex

FILE = r"""
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


def only(text: str) -> Reference:
    """Return the last entry of a text without refusals."""
    references, refused = read_bibtex(text.encode())
    assert refused == []
    return references[-1]


def test_a_bibliography_is_read_into_ids_and_titles() -> None:
    references, refused = read_bibtex(FILE.encode())
    assert [(one.where, one.title, one.ids) for one in references] == [
        ("line 3 (cranes)", "Folding Über-cranes", ("arXiv:2601.00001", "doi:10.1234/cranes")),
        ("line 5 (planes)", "Planes", ("arXiv:2601.00002",)),
        ("line 6 (planes)", "Swans", ("arXiv:2601.00003",)),
        ("line 7 (old)", "Old", ("arXiv:hep-th/9901001", "doi:10.1234/old")),
        ("line 10 (last)", "Plain", ()),
    ]
    (one,) = refused
    assert one.where == "line 9"
    assert one.reason.startswith("cannot be read: Unexpected block start")


@pytest.mark.parametrize(
    ("text", "title"),
    (
        ('@string{f = "Folds"} @misc{a, title = f}', "Folds"),
        ('@STRING{F = "Folds"} @misc{a, title = "On " # f # { again}}', "On Folds again"),
        ('@string{f = "Fold"} @string{g = f # "ing"} @misc{a, title = g # " cranes"}', "Folding cranes"),
        ("@string(f = {Folds}) @misc(a, title = f # f)", "FoldsFolds"),
        ('@misc{a, title = {A # in braces} # " and # in quotes"}', "A # in braces and # in quotes"),
        ("@misc{a, title = {Folds}, month = 10 # {~} # jan}", "Folds"),
        ("@misc{a, title = 1984}", "1984"),
        ("@misc{a, title = unknown}", "unknown"),
        (r"@misc{a, title = {\'{E}tude of \v{C}ech and {\L}uk, {\ss} \& {\AA}}}", "Étude of Čech and Łuk, ß & Å"),
        (r'@misc{a, title = "The {\"O}rigami"}', "The Örigami"),
        ("@misc{a, title = {Folds}, title = {Again}}", "Folds"),
        ("@misc{a, title = {}, title = {Again}}", "Again"),
        ("@misc{a, TITLE = {Loud}}", "Loud"),
        ("@misc{a, title = {No comma} year = {2020}}", "No comma"),
        ("@misc{, title = {No key}}", "No key"),
        ("@misc{a key, title = {Key with a space}}", "Key with a space"),
        ("@misc{a, title = {Write to ada@example.org}}", "Write to ada@example.org"),
        ('@preamble{"\\newcommand{\\x}{y}" # "z"} @misc{a, title = {After}}', "After"),
        ("@comment{@misc{no, title={No}}} free text @ home @misc{a, title = {After}}", "After"),
        ("@misc{a,\n  title = {Two\n   lines}\n}", "Two lines"),
    ),
)
def test_a_title_is_read_in_each_way_of_writing_it(text: str, title: str) -> None:
    assert only(text).title == title


@pytest.mark.parametrize(
    ("fields", "ids"),
    (
        (r"doi = {10.1234/a\_b}", ("doi:10.1234/a_b",)),
        (r"url = {\url{https://doi.org/10.1234/a}}", ("doi:10.1234/a",)),
        ("eprint = {2601.00001}, archiveprefix = {arXiv}", ("arXiv:2601.00001",)),
        ("eprint = {12345678}, eprinttype = {pubmed}", ()),
        ("note = {arXiv:2601.00001 [cs.RO]}, howpublished = {doi 10.1234/no}", ("arXiv:2601.00001", "doi:10.1234/no")),
    ),
)
def test_ids_are_read_from_the_fields_that_hold_them(fields: str, ids: tuple[str, ...]) -> None:
    assert only(f"@misc{{a, {fields}}}").ids == ids


def test_an_entry_takes_from_its_crossref_only_what_makes_it_that_work() -> None:
    book = "@proceedings{BOOK, title={The book}, doi={10.1234/book}}"
    references, refused = read_bibtex(
        f"@inproceedings{{a, title={{A}}, crossref={{book}}}} @misc{{b, crossref={{Book}}}} {book}"
        " @misc{c, title={C}, crossref={missing}} @misc{d, crossref={d}}".encode()
    )
    assert [(one.title, one.ids) for one in references] == [
        ("A", ()), ("The book", ("doi:10.1234/book",)), ("The book", ("doi:10.1234/book",)), ("C", ()), ("", ()),
    ]  # fmt: skip
    assert refused == []


@pytest.mark.parametrize("encoding", ("utf-8-sig", "utf-16", "utf-16-be", "latin-1"))
def test_a_bibliography_is_read_in_the_encodings_that_programs_write(encoding: str) -> None:
    (one,), refused = read_bibtex("@misc{a, title={Café}}".encode(encoding))
    assert (one.title, refused) == ("Café", [])


@pytest.mark.parametrize(
    "broken",
    ("@misc{no, title={open", "@misc{no title={x}}", "@misc no, title={x}}", "@misc{no, title}"),
)
def test_an_entry_that_cannot_be_read_is_named_and_the_others_are_read(broken: str) -> None:
    references, refused = read_bibtex(f"@misc{{a, title={{A}}}}\n{broken}\n@misc{{b, title={{B}}}}\n".encode())
    assert [one.title for one in references] == ["A", "B"]
    assert [one.where for one in refused] == ["line 2"]
    assert len(refused[0].reason) > len("cannot be read: ")


@pytest.mark.parametrize(
    "hostile",
    (
        "@a{" * 20_000,
        "@article{k, title={" + "{" * 100_000 + "}" * 100_000 + "}}",
        '@string{s0 = "xx"}'
        + "".join(f"@string{{s{n + 1} = s{n} # s{n}}}" for n in range(64))
        + "@misc{k, title = s64}",
        "@misc{k, title = " + "# " * 100_000 + "}",
        "@misc{k, title={a}}\n" * 5_000,
    ),
)
def test_hostile_bibliographies_are_read_in_time(hostile: str) -> None:
    before = time.process_time()
    references, _ = read_bibtex(hostile.encode())
    assert all(len(one.title) <= 4_000 for one in references)
    assert time.process_time() - before < 10


@pytest.mark.parametrize(
    "spelling",
    (
        r"10.1234/b_<1>2",
        r"10.1234/b\_{\textless}1{\textgreater}2",
        r"10.1234/b{\_}\textless1\textgreater2",
        r"10.1234/b{\_}$<$1$>$2",
    ),
)
def test_a_doi_is_read_as_reference_managers_escape_it(spelling: str) -> None:
    assert only(f"@misc{{a, title = {{Folds}}, doi = {{{spelling}}}}}").ids == ("doi:10.1234/b_<1>2",)
