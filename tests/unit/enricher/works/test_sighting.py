"""How an item becomes a sighting, and which oddities it gets."""

from services.enricher.works.sighting import MAX_ABSTRACT, MAX_AUTHORS, prepare
from tests.support import item


def test_authors_in_one_string_with_affiliations_are_split() -> None:
    seen = prepare(item(authors=("Ada Origami (Institute of Folds, Paris), Bo Fold (Rome) &amp; Cy Crease",)))
    assert seen.authors == ("Ada Origami", "Bo Fold", "Cy Crease")
    assert seen.oddities == ("arxiv gives all authors in one string: read as 3 people",)
    assert seen.title_key == prepare(item(authors=("A. Origami", "B. Fold"))).title_key


def test_at_most_five_thousand_authors_are_kept() -> None:
    people = tuple(f"Ada Origami {number}" for number in range(MAX_AUTHORS + 1))
    assert prepare(item(authors=people[:-1])).oddities == ()
    seen = prepare(item(authors=people))
    assert len(seen.authors) == 5_000
    assert seen.oddities == ("arxiv names 5,001 authors: the first 5,000 are kept",)
    assert len(prepare(item(authors=(", ".join(people),))).authors) == 5_000


def test_an_abstract_may_have_one_word_and_is_cut_at_the_maximum() -> None:
    assert prepare(item(abstract="Cranes.")).abstract == "Cranes."
    assert prepare(item(abstract="Cranes.")).oddities == ()
    seen = prepare(item(abstract="We fold cranes. " * 12_500))
    assert len(seen.abstract) <= MAX_ABSTRACT
    assert seen.oddities == ("arxiv gives an abstract of 200,000 characters: cut to 20,000",)


def test_an_empty_item_becomes_a_usable_paper() -> None:
    seen = prepare(item(id=" ", title="$$", abstract="", authors=("", " ")))
    assert seen.authors == ()
    assert seen.public_ids[0].startswith("pw:")
    assert seen.title
