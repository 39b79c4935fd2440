"""The option that names a reader's own papers, and what is printed about it."""

from typing import Any

import pytest

from services.cli.commands.cited_papers import cites_fields, print_citations
from shared.errors import ConfigurationError

NEXT = "2026-03-02T08:00:00Z"


@pytest.mark.parametrize(
    ("named", "place"),
    (
        (["0000-0002-1825-0097"], {"type": "orcid", "id": "0000-0002-1825-0097"}),
        (["https://orcid.org/0000-0002-1825-0097"], {"type": "orcid", "id": "https://orcid.org/0000-0002-1825-0097"}),
        (["1741101"], {"type": "semantic-scholar", "author": "1741101"}),
        (
            ["https://www.semanticscholar.org/author/A-Name/1741101"],
            {"type": "semantic-scholar", "author": "https://www.semanticscholar.org/author/A-Name/1741101"},
        ),
        (["2603.00001", "doi:10.5555/boats"], {"type": "papers", "ids": ["2603.00001", "doi:10.5555/boats"]}),
    ),
)
def test_the_option_names_an_author_or_papers(named: list[str], place: dict[str, Any]) -> None:
    assert cites_fields(named) == {"cites": place}


def test_nothing_named_sets_nothing_and_two_authors_are_refused() -> None:
    assert cites_fields([]) == {}
    with pytest.raises(ConfigurationError, match="takes one author, or papers"):
        cites_fields(["0000-0002-1825-0097", "2603.00001"])


@pytest.mark.parametrize(
    ("read", "said"),
    (
        (None, "The first visit only remembers who cites them already"),
        (
            {"read_at": NEXT, "papers": 12, "citations": 3400, "awaited": 2, "error": None, "next_at": NEXT},
            f"yours: 12, cited 3,400 times. Found since the first visit and not in this index yet: 2. Asked at {NEXT}.",
        ),
        (
            {"read_at": None, "papers": 0, "citations": 0, "awaited": 0, "error": "It is down.", "next_at": NEXT},
            f"The last visit failed: It is down. Next visit: {NEXT}.",
        ),
    ),
)
def test_what_is_known_is_printed(read: dict[str, Any] | None, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_citations({"cites": {"type": "orcid", "id": "0000-0002-1825-0097"}, "citations": read})
    assert said in " ".join(capsys.readouterr().out.split())
    print_citations({"cites": None, "citations": None})
    assert capsys.readouterr().out == ""
