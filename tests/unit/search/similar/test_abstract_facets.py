"""What the sentences of an abstract speak of. The abstracts are written for these tests."""

import pytest

from services.search.similar.abstract_facets import MAX_CHARACTERS, Facet, facets, passage, spoken_of

P, M, R = Facet.PROBLEM, Facet.METHOD, Facet.RESULT
ABSTRACTS: tuple[tuple[tuple[str, Facet | None], ...], ...] = (
    (
        ("Paper cranes are folded by hand in many schools.", P),
        ("However, robots still struggle to crease thin sheets.", P),
        ("We propose CraneNet, a policy that plans each crease from a single photograph.", M),
        ("It consists of two modules that are trained jointly using simulated sheets.", M),
        ("Experiments show that CraneNet folds 92% of the cranes, twice as many as the best baseline.", R),
        ("Our code is available at https://example.org/cranes.", None),
    ),
    (
        ("The mass of faint dwarf galaxies remains poorly known.", P),
        ("In this paper, we measure the velocities of 312 stars with a new spectrograph.", M),
        ("We find that the dispersion is 4.1 km/s, lower than previous estimates.", R),
        ("These results suggest that tides removed most of the halo.", R),
    ),
    (
        ("We study the colouring of graphs without long holes.", M),
        ("We prove that four colours suffice.", R),
        ("The proof consists of a discharging argument.", M),
    ),
    (
        ("Background: Sleep is often short in hospitals.", P),
        ("Noise is one reason.", P),
        ("Methods: Patients wore earplugs for three nights.", M),
        ("Nurses counted the alarms.", M),
        ("Results: They slept 40 minutes longer.", R),
        ("Conclusions: Earplugs help.", R),
    ),
    (
        ("Existing parsers fail to read broken feeds.", P),
        ("To address this, our approach repairs the markup before parsing.", M),
        ("It achieves higher recall than five other parsers.", R),
    ),
)


@pytest.mark.parametrize("rows", ABSTRACTS)
def test_each_sentence_speaks_of_its_facet(rows: tuple[tuple[str, Facet | None], ...]) -> None:
    assert facets(" ".join(text for text, _ in rows)) == list(rows)


def test_a_passage_has_the_sentences_of_its_facet_in_their_order() -> None:
    abstract = " ".join(text for text, _ in ABSTRACTS[1])
    assert passage(abstract, R) == " ".join(text for text, facet in ABSTRACTS[1] if facet is R)
    assert spoken_of(abstract) == [P, M, R]


def test_an_abstract_without_a_facet_has_an_empty_passage() -> None:
    assert passage("We propose a new folding method.", P) == ""
    assert spoken_of("We propose a new folding method.") == [M]
    assert spoken_of("") == []


def test_a_label_alone_is_of_no_facet_but_rules_what_follows() -> None:
    assert facets("Results. Earplugs are worn.") == [("Results.", None), ("Earplugs are worn.", R)]


def test_only_the_beginning_of_a_very_long_text_is_read() -> None:
    assert sum(len(text) + 1 for text, _ in facets("We fold a crane. " * 2_000)) <= MAX_CHARACTERS + 1
