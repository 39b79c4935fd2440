"""An export that is imported makes the same works again, in every field of a paper but those of an instance."""

import string
from datetime import date
from typing import Any, Final

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enricher.text.clean import clean_text, read_text
from services.enricher.text.extraction import Extracted, extract
from services.enricher.works.merging import merge
from services.enricher.works.sighting import prepare
from services.fetcher.sources.files.jsonl import parse_line
from shared.export.paper_files import import_record, whole
from shared.papers.bounds import MAX_COUNT
from shared.papers.paper import Appearance, Author, CodeLink, Links, Paper, Signals, SourceRef, Tldr
from shared.papers.partial_dates import precision
from tests.support import NOW
from tests.unit.shared.export.hard_cases import HARD_CASES

OF_AN_INSTANCE: Final = {
    "sources": "where and when this instance saw the work",
    "first_id": "the id that the work had first here",
    "life": "what happened to it since it was first seen here",
    "oddities": "what sources contradicted here",
    "trending": "a key that follows from the counters of all works here",
    "sample": "whether only the sample of this instance has it",
}
"""The fields that an import does not bring, and what they are."""
DERIVED: Final = frozenset((*Extracted._fields, "date_precision"))
"""The fields that follow from the title, the abstract and the date."""

WORDS: Final = (
    "We", "fold", "paper", "cranes", "naïve", "Łukasz", "折り紙", "Журавль", "x<y", "p=0.05,", "50%", "$5", "R&D",
    "C++", "<mask>", "“so”", "α-RuCl₃:", "(GAN)", "O’Crane", "a/b", "#1", "n=3;", "it's", "~7", "B_12", "{x}", "10^3",
)  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), max_size=12).map(lambda words: clean_text(f"We {' '.join(words)}", 500))
formulas = st.lists(st.sampled_from((*WORDS, "$x_i$", r"$\frac{1}{2} < \alpha$", r"\$3")), max_size=9).map(
    lambda words: read_text(f"We {' '.join(words)}", 500)
)
names = st.builds(
    "{} {}".format,
    st.sampled_from(("Ada", "J.-P.", "Łukasz", "Crane and", "{Fold}")),
    st.sampled_from(("Fold", "van der Falz", "O'Crane, Jr.")),
)
letters = st.text(alphabet=string.ascii_lowercase, min_size=1, max_size=9)
urls = st.builds("https://{}.example/{}".format, letters, letters)
cleaned = names.map(lambda name: clean_text(name, 200))
orcids = st.none() | st.sampled_from(("0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"))
counts = st.none() | st.integers(0, MAX_COUNT)
days = st.dates(date(1500, 1, 1), NOW.date()).map(date.isoformat)
moments = (
    days | days.map(lambda day: f"{day}T08:09:10Z") | days.map(lambda day: day[:7]) | days.map(lambda day: day[:4])
)
repositories = st.lists(
    st.builds(CodeLink, url=urls, stars=counts, archived=st.none() | st.booleans()),
    max_size=3,
    unique_by=lambda link: link.url,
)
VALUES: Final[dict[str, st.SearchStrategy[Any]]] = {
    "id": st.integers(10_000, 99_999).map("arXiv:2401.{}".format) | letters.map("doi:10.1234/{}".format),
    "title": texts,
    "abstract": st.just("") | texts,
    "title_tex": st.none(),  # and what belongs to a title with formulas
    "abstract_tex": st.none(),
    "authors": st.lists(st.builds(Author, name=cleaned, orcid=orcids), max_size=4, unique_by=lambda one: one.name).map(
        tuple
    ),
    "published": st.none() | moments,
    "date_basis": st.sampled_from(("stated", "announced")),
    "updated": st.none() | moments,
    "categories": st.lists(st.sampled_from(("cs.RO", "math.GT", "Paper folding")), unique=True).map(tuple),
    "status": st.sampled_from(("active", "withdrawn")),
    "identifiers": st.dictionaries(st.sampled_from(("pmid", "isbn", "acl")), letters, max_size=2),
    "links": st.builds(Links, abs=urls, pdf=urls, code=repositories.map(tuple), project=urls),
    "signals": st.builds(Signals, **dict.fromkeys(Signals.model_fields, counts)),
    "venue": st.none() | st.just("Journal of Folds 12 (2026) 3-14"),
    "appeared": st.none()
    | st.builds(Appearance, volume=letters, number=st.none() | letters, pages=letters, year=st.integers(1900, 2026)),
    "tldr": st.none() | st.builds(Tldr, text=texts, source=st.just("semantic-scholar")),
}
"""How to draw each field."""


@st.composite
def papers(draw: st.DrawFn) -> Paper:
    """Draw a paper as an enricher leaves it."""
    fields = {name: draw(values) for name, values in VALUES.items()}
    dated = fields["published"]
    fields |= {"date_basis": fields["date_basis"] if dated else None, "date_precision": dated and precision(dated)}
    for field in draw(st.sampled_from(((), ("title",), ("title", "abstract")))):
        fields[field], fields[f"{field}_tex"] = draw(formulas)
    paper = Paper(**fields | extract(fields["title"], fields["abstract"])._asdict())
    kind, _, name = paper.id.partition(":")
    links = paper.links.model_copy(update={"abs": f"https://arxiv.org/abs/{name}"}) if kind == "arXiv" else paper.links
    version = draw(st.none() | st.integers(1, 9))
    seen = (SourceRef(source="file", id=paper.id, version=version),)
    return paper.model_copy(
        update={"identifiers": paper.identifiers | {kind.lower(): name}, "links": links, "sources": seen}
    )


def imported(line: bytes) -> Paper:
    """Read a line as an import does, and begin a work with it."""
    item, notes = parse_line(line, 1, "file")
    assert item
    assert notes == []
    return merge(None, prepare(item), NOW).work.paper


def test_every_field_of_a_paper_is_drawn_derived_or_of_an_instance() -> None:
    """A new field has to be exported and imported: add it to VALUES, or say why an import cannot bring it."""
    assert sorted([*VALUES, *DERIVED, *OF_AN_INSTANCE]) == sorted(Paper.model_fields)


@given(papers())
def test_export_and_import_give_every_field_back(paper: Paper) -> None:
    (line,) = whole("jsonl", [paper.model_dump(mode="json")]).splitlines()
    again = imported(line)
    for field in (*VALUES, *DERIVED):
        assert getattr(again, field) == getattr(paper, field), field
    assert [(ref.id, ref.version) for ref in again.sources] == [(ref.id, ref.version) for ref in paper.sources]
    assert whole("jsonl", [again.model_dump(mode="json")]).splitlines() == [line]


@given(papers())
def test_a_paper_of_the_api_is_read_as_an_import_too(paper: Paper) -> None:
    again = imported(orjson.dumps(paper.model_dump(mode="json")))
    for field in (*VALUES, *DERIVED):
        assert getattr(again, field) == getattr(paper, field), field
    assert [ref.version for ref in again.sources] == [ref.version for ref in paper.sources]


@pytest.mark.parametrize("paper", HARD_CASES, ids=lambda paper: paper.id)
def test_a_line_makes_the_same_work_again(paper: Paper) -> None:
    work = imported(orjson.dumps(import_record(paper)))  # as an enricher has it
    again = imported(orjson.dumps(import_record(work)))
    assert again.model_dump(exclude={*OF_AN_INSTANCE}) == work.model_dump(exclude={*OF_AN_INSTANCE})
    assert work.id == paper.id
    assert import_record(again) == import_record(work)


@pytest.mark.parametrize("name", ("Crane and Sons", "Fold, Unfold & Co", "Ada Fold, Bo Crane"))
def test_a_sole_author_whose_name_reads_as_several_stays_one(name: str) -> None:
    paper = Paper(id="pw:a", title="Folding", authors=(Author(name=name),))
    assert imported(orjson.dumps(import_record(paper))).authors == paper.authors


NO_ORCID: Final = "authors: 1 ORCID iDs were not valid, or of a name that stands twice; left out"
MOST: Final = "of at most 2,000 characters"


@pytest.mark.parametrize(
    ("fields", "note"),
    (
        ({"signals": 3}, "signals: an object was expected; left out"),
        ({"signals": {"stars": "many"}}, "stars: a count was expected; left out"),
        ({"signals": {"unheard": 1}, "links": {"unheard": 2}}, None),
        ({"links": ["https://a.example"]}, "links: an object was expected; left out"),
        ({"links": {"abs": "javascript:1"}}, f"url: only http and https addresses {MOST} are kept; left out"),
        ({"code": [{"url": "javascript:1"}, 7, {}]}, f"code: 3 entries had no http or https address {MOST}; left out"),
        ({"datasets": "many"}, "datasets: a count was expected; left out"),
        ({"code": [{"url": "https://a.example", "stars": -1, "archived": "no"}]}, None),
        ({"tldr": "text"}, "tldr: an object with text and source was expected; left out"),
        ({"appeared": 7}, "appeared: an object was expected; left out"),
        ({"appeared": {"volume": [1], "year": "soon", "pages": True}}, None),
        ({"authors": [{"name": "Ada", "orcid": "0000-0002-1825-0098"}]}, NO_ORCID),
        ({"authors": [{"name": "Ada", "orcid": "0000-0002-1825-0097"}, {"name": "Ada"}]}, NO_ORCID),
        ({"authors": [{"name": "Ada", "orcid": 7}]}, NO_ORCID),
        ({"sources": [7, {"id": 7}, {"id": "pw:a", "version": "new"}]}, None),
    ),
)  # fmt: skip
def test_what_cannot_be_read_of_such_an_object_is_told_and_the_paper_is_kept(fields: Any, note: str | None) -> None:
    item, notes = parse_line(orjson.dumps({"id": "pw:a", "title": "Folding", **fields}), 1, "file")
    assert item
    assert [one.reason for one in notes] == ([note] if note else [])
