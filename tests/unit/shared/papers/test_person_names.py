"""Which spellings mean one person, and which do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.papers.name_parts import MAX_SPELLINGS, clean, family, plain
from shared.papers.person_names import MAX_KEYS, is_among, known_keys, same_person, wanted_keys

# An author as a paper names them: how people type the name.
SPELLINGS = {
    # Titles.
    "Prof. Dr. Ute Roeder": "Ute Roeder; U. Roeder; Roeder, Ute; Dr. Ute Roeder",
    "Sir Jack Crane": "Jack Crane; J Crane",
    "Ute Roeder": "Dr. Ute Roeder; Professor Ute Roeder",
    # Particles.
    "Pieter van der Veen": (
        "Pieter van der Veen; P. van der Veen; van der Veen; Veen; van der Veen, Pieter; Veen, P. van der; Veen, P.; "
        "Van Der Veen P; PIETER VAN DER VEEN; Vanderveen; van der Veen Pieter"
    ),
    "Charlotte-Anne de La Roche Noire": "de La Roche Noire; C.-A. de la Roche Noire; La Roche Noire; Roche Noire, C.",
    "Santiago Ensayo y Prueba": "Ensayo y Prueba; S. Ensayo y Prueba; Ensayo y Prueba, S.",
    "Musa ibn Yusuf al-Misali": "al-Misali; Misali; Musa al-Misali; al Misali, M.",
    "Van Thu": "V. Thu; Thu; Thu, Van",
    # Compounds and hyphens.
    "Claire Moulin-Carré": (
        "Moulin-Carré; Claire Moulin Carre; C. Moulin-Carré; Moulin Carré, C.; Moulincarre; Moulin-Carré C; "
        "C. Moulin‐Carré; Moulin Carre"
    ),
    "Gonzalo Ortega Ejemplo": (
        "Ortega Ejemplo; G. Ortega Ejemplo; Ortega Ejemplo, Gonzalo; Ortega-Ejemplo, G.; Ejemplo; Ortega, G.; "
        "Gonzalo Ejemplo; G. O. Ejemplo; Ortega Ejemplo G"
    ),
    "Xunta Ensaio, Brais": "Brais Xunta Ensaio; Xunta Ensaio; B. Xunta Ensaio; B. Xunta",
    "Samir El-Sabr": "El-Sabr; El Sabr; Elsabr; S. El-Sabr; Sabr; el-Sabr, S.",
    "Luc-Henri Boisvert": (
        "L.-H. Boisvert; L. H. Boisvert; LH Boisvert; L.H. Boisvert; Luc Henri Boisvert; Boisvert, L.-H.; Boisvert LH; "
        "L. Boisvert; Boisvert; Luchenri Boisvert"
    ),
    "Xiu-Lan Shi": "Xiulan Shi; X.-L. Shi; Shi Xiulan; XL Shi; Xiu Lan Shi; Shi, X. L.",
    # Apostrophes.
    "Nora O'Keane": "O'Keane; O’Keane; OKeane; okeane; Nora O Keane; N. O'Keane; O'Keane, Nora; O`Keane N; O´Keane",
    "Renée d’Orval": "d'Orval; R. d'Orval; Dorval; Renee D’Orval",
    # Accents, strokes and letters of two.
    "Łucja Próbka": "Lucja Probka; L. Próbka; Ł. Probka; próbka; PRÓBKA Łucja",
    "Bjørn Ödegård": "Bjorn Odegard; Bjoern Oedegaard; B. Ödegård; Odegard; Bjørn Odegard",
    "Konrad Grauß": "Konrad Grauss; GRAUSS; K. Grauß",
    "Müller-Prüfling, K.-H.": "Mueller-Pruefling; Muller-Prufling; Karl-Heinz Müller-Prüfling; K. H. Müller-Prüfling",
    "Đura Þorn": "Dura Thorn; D. Þorn",
    "Илья Образцов": "Образцов, И.; И. Образцов; ОБРАЗЦОВ",
    # Initials on either side.
    "Harriet Lou Winters": (
        "H. L. Winters; H.L. Winters; HL Winters; Winters HL; Winters, H. L.; Harriet Winters; H. Winters; "
        "Harriet L. Winters; winters hl; hl winters; Winters Harriet Lou"
    ),
    "H. Winters": "Harriet Winters; Winters, Harriet; H. L. Winters",
    "L.-H. Boisvert": "Luc-Henri Boisvert; Luc Henri Boisvert; L. Boisvert",
    "Winters, H., Jr.": "H. Winters; Harriet Winters; Winters Jr., H.; Winters, H.",
    "Ph. Essai": "Philippe Essai; P. Essai",
    # Suffixes, order, one name only.
    "Otto van Dam III": "van Dam; O. van Dam; van Dam, Otto, III",
    "Lin Shu": "Shu Lin; Shu, Lin; L. Shu; SHU Lin; Lin SHU; Shu L",
    "Sappho": "sappho",
    "D. E. Prober {}": "Dora E. Prober; Prober, D. E.; D. Prober",
    # Other scripts.
    "林小例": "林小例; 林 小例; 小例 林",
    "金 例": "金例",
    "김예시": "김 예시",
    # Groups.
    "World Probe Organization": "the World Probe Organization; world probe organisation",
    "the NIMBUS Collaboration": "NIMBUS Collaboration; The NIMBUS collaboration; NIMBUS",
    "Nimbus Team, Sky Inc.": "Nimbus Team; the Nimbus team; Nimbus Team, Sky Inc.",
    "Sample Team, Example": "Sample Team, Example",
    "Parker's Imaging Initiative": "Parker’s Imaging Initiative; the Parkers Imaging Initiative",
    "Ministry of Tests and Trials": "the Ministry of Tests and Trials",
}
STRANGERS = (
    ("Jane Doe", "John Doe"),
    ("Jane Doe", "M. Doe"),
    ("Jane Q. Doe", "Jane R. Doe"),
    ("J. R. R. Doe", "J. R. S. Doe"),
    ("Mary Jane Doe", "Jane Doe"),
    ("Jane Quinn Doe", "Jane Quinn"),
    ("Luc-Henri Boisvert", "Luc-Hugo Boisvert"),
    ("Xiu-Lan Shi", "Xiu-Li Shi"),
    ("Lin Shu", "Lan Shu"),
    ("Lin Shu", "Shu Li"),
    ("Pieter van der Veen", "Anna van der Veen"),
    ("P. van der Veen", "P. van den Veen"),
    ("Gonzalo Ortega Ejemplo", "Rosa Ortega Ejemplo"),
    ("Nora O'Keane", "Nora Keane"),
    ("Ada Bauer", "Ada Baur"),
    ("Claire Moulin-Carré", "Claire Moulinet"),
    ("NIMBUS Collaboration", "CIRRUS Collaboration"),
    ("林小例", "林大例"),
)


@pytest.mark.parametrize(
    ("author", "typed"), [(author, one) for author, typed in SPELLINGS.items() for one in typed.split("; ")]
)
def test_every_spelling_finds_the_author(author: str, typed: str) -> None:
    assert is_among(typed, known_keys(author))
    assert is_among(author, known_keys(author))


@pytest.mark.parametrize(("one", "other"), STRANGERS)
def test_other_people_are_told_apart(one: str, other: str) -> None:
    assert not same_person(one, other)


def test_names_compare_in_either_direction() -> None:
    assert same_person("Pieter van der Veen", "P. Veen")
    assert same_person("P. Veen", "Pieter van der Veen")


@pytest.mark.parametrize("name", ("", " ", "…", "-, -", "'", "{}", "."))
def test_a_name_without_letters_is_nobody(name: str) -> None:
    assert not is_among(name, known_keys(name))
    assert not same_person(name, name)


@given(st.text(max_size=400))
def test_any_text_has_a_bounded_number_of_keys(name: str) -> None:
    known, wanted = known_keys(name), wanted_keys(name)
    assert max(len(known), len(wanted)) <= MAX_KEYS
    assert bool(known) == bool(wanted)
    assert "" not in {*known, *wanted}


@given(st.sampled_from(sorted(SPELLINGS)), st.sampled_from(("upper", "lower", "title")))
def test_a_key_is_read_as_the_name_that_it_is_of(name: str, case: str) -> None:
    assert is_among(known_keys(name)[0], known_keys(getattr(name, case)()))


@pytest.mark.parametrize("name", ("Jane Roeder", "Jane Q. Roeder", "Ludwig O. Roeder", "Anna Vandervelde"))
def test_a_plain_name_has_the_keys_that_the_grammar_gives_it(name: str) -> None:
    assert plain(name)
    assert known_keys(name) == known_keys(f"{name} {{}}")


@pytest.mark.parametrize("name", ("Saint Roeder", "Jane Team", "Jane Q. R. Roeder", "JANE Roeder", "Jane von Roeder"))
def test_other_names_need_the_grammar(name: str) -> None:
    assert plain(name) is None


@pytest.mark.parametrize("name", ("ü-" * 150, "ü " * 150, "O " * 150, "van " * 75))
def test_a_hostile_name_has_few_spellings(name: str) -> None:
    assert len(family(clean(name).split()).full) <= MAX_SPELLINGS
