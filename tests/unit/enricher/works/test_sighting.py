"""How an item becomes a sighting, and which oddities it gets."""

import time

import pytest
from pydantic import ValidationError

from services.enricher.text.extraction import extract
from services.enricher.works.sighting import MAX_ABSTRACT, prepare
from shared.papers.bounds import MAX_AUTHORS
from shared.papers.events import PaperFetched
from shared.papers.paper import CodeLink, Signals
from tests.support import NOW, item


def test_authors_in_one_string_with_affiliations_are_split() -> None:
    seen = prepare(item(authors=("Ada Origami (Institute of Folds, Paris), Bo Fold (Rome) &amp; Cy Crease",)))
    assert seen.authors == ("Ada Origami", "Bo Fold", "Cy Crease")
    assert seen.oddities == ("arxiv gives all authors in one string: read as 3 people",)
    assert seen.title_key == prepare(item(authors=("A. Origami", "B. Fold"))).title_key


def test_a_name_has_letters_and_no_latex() -> None:
    seen = prepare(item(authors=("Ada~Origami", ":", "", "†", "Bo  Fold", "折紙")))
    assert seen.authors == ("Ada Origami", "Bo Fold", "折紙")


def test_at_most_five_thousand_authors_are_kept() -> None:
    people = tuple(f"Ada Origami {number}" for number in range(MAX_AUTHORS + 1))
    assert prepare(item(authors=people[:-1])).oddities == ()
    seen = prepare(item(authors=people))
    assert len(seen.authors) == 5_000
    assert seen.oddities == ("arxiv: authors: the first 5,000 of 5,001 are kept",)
    assert len(prepare(item(authors=(", ".join(people),))).authors) == 5_000


def test_an_abstract_may_have_one_word_and_is_cut_at_the_maximum() -> None:
    assert prepare(item(abstract="Cranes.")).abstract == "Cranes."
    assert prepare(item(abstract="Cranes.")).oddities == ()
    seen = prepare(item(abstract="We fold cranes. " * 3_000))
    assert len(seen.abstract) <= MAX_ABSTRACT
    assert seen.oddities == ("arxiv: abstract: the first 20,000 characters are kept",)


def test_an_empty_item_becomes_a_usable_paper() -> None:
    seen = prepare(item(id=" ", title="$$", abstract="", authors=("", " ")))
    assert seen.authors == ()
    assert seen.public_ids[0].startswith("pw:")
    assert seen.title


def test_fields_of_an_event_are_bounded_before_they_are_read_and_the_cuts_are_noted() -> None:
    links = tuple(CodeLink(url=f"https://x.example/{number}") for number in range(101))
    seen = prepare(
        item(
            source="s" * 65,
            title="x" * 1_000_000,
            authors=("Ada", "b" * 301),
            categories=("c" * 201,),
            url="https://x.example/" + "u" * 2_000,
            code=links,
            identifiers={"isbn": "9" * 513},
            venue="v" * 501,
            version=10**30,
            signals=Signals(stars=2**60, upvotes=3),
        )
    )
    assert (len(seen.item.title), len(seen.item.authors[1]), len(seen.item.categories[0])) == (2_000, 300, 200)
    assert (seen.item.url, seen.item.version, seen.item.signals) == (None, None, Signals(upvotes=3))
    assert (len(seen.item.code), seen.identifiers.get("isbn"), len(seen.item.venue or "")) == (100, None, 500)
    assert len(seen.oddities) == 10
    assert f"{'s' * 64}: title: cut to 2,000 characters" in seen.oddities


def test_an_event_with_a_long_id_is_no_event() -> None:
    event = PaperFetched(item=item(), fetched_at=NOW).model_dump(mode="json")
    event["item"]["id"] = "x" * 513
    with pytest.raises(ValidationError, match="the id has 513 characters; 512 is the most"):
        PaperFetched.model_validate(event)


HOSTILE = {
    "marks": "a" + "\u0301\u0316" * 40_000,
    "references": "&#" + "1" * 5_000 + "; a < b",
    "parentheses": "https://x.example/" + ")" * 40_000,
    "repositories": "github.com/" * 5_000,
    "abbreviations": "e.g. " * 10_000,
    "sentences": "We fold. " * 5_000,
    "blanks": " \n" * 25_000,
    "dots": "." * 50_000,
    "hyphens": "a-" * 25_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_text_takes_long(kind: str) -> None:
    text = HOSTILE[kind]
    started = time.thread_time()
    seen = prepare(item(title=text, abstract=text, authors=(text,), venue=text, identifiers={"doi": f"10.1/{text}"}))
    extract(seen.title, seen.abstract)
    assert time.thread_time() - started < 1
