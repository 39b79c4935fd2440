"""Lists of authors in one text: who are the people and groups, in each form that sources and files have."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.papers.author_lists import split_authors
from shared.papers.bounds import MAX_AUTHOR_LINE


@pytest.mark.parametrize(
    "name",
    (
        "Ada Origami",
        "A. B. Origami",
        "Plato",
        "王小明",
        "Origami, Ada",
        "Origami, Ada Bea",
        "Origami, A. B.",
        "Li, Wei",
        "Ng, A.",
        "Kim, Min-Jun",
        "Müller-Faltblatt, H.-P.",
        "O'Crane, Sinéad",
        "van der Fold, Jan",
        "van der Fold, Jan Willem",
        "Von der Falte, Ute",
        "de La Grue Papier, Luc",
        "García Ejemplo, Gabriel",
        "García Martínez, Gabriel José",
        "Ramón y Grulla, S.",
        "Petrov, Yu.",
        "Origami, Jr., Ada",
        "Origami, A., III",
        "The Crane Collaboration",
        "Department of Cranes and Boats",
        "Ministry of Paper and Folded Goods",
        "National Academies of Paper, Folding, and Cranes",
        "World Paper Organization",
        "Crane Team, Paperworks",
        "Anders And",
        "Sandy Anderson",
    ),
)
def test_one_person_or_group_is_one(name: str) -> None:
    assert split_authors(name) == (name,)


ADA_BO = ("Ada Origami", "Bo Fold")
ADA_BO_CY = ("Ada Origami", "Bo Fold", "Cy Crease")
INVERTED = ("Origami, Ada", "Fold, Bo")
INITIALS = ("Origami, A.", "Fold, B. C.", "Crease, D.-E.")


@pytest.mark.parametrize(
    ("text", "people"),
    (
        ("Ada Origami and Bo Fold", ADA_BO),
        ("Ada Origami & Bo Fold", ADA_BO),
        ("Ada Origami; Bo Fold", ADA_BO),
        ("Ada Origami, Bo Fold", ADA_BO),
        ("Ada Origami | Bo Fold", ADA_BO),
        ("Ada Origami und Bo Fold", ADA_BO),
        ("Ada Origami et Bo Fold", ADA_BO),
        ("By Ada Origami and Bo Fold", ADA_BO),
        ("Authors: Ada Origami, Bo Fold.", ("Ada Origami", "Bo Fold.")),
        ("Ada Origami*, Bo Fold†", ADA_BO),
        ("Ada Origami¹ and Bo Fold¹²", ADA_BO),
        ("Ada Origami (Paper Institute, Kyoto (Japan)), Bo Fold (Rome)", ADA_BO),
        ("Ada Origami (1), Bo Fold (1 and 2)", ADA_BO),
        ("Ada Origami,\n  Bo Fold", ADA_BO),
        ("Ada Origami, Bo Fold, Cy Crease", ADA_BO_CY),
        ("Ada Origami, Bo Fold and Cy Crease", ADA_BO_CY),
        ("Ada Origami, Bo Fold, and Cy Crease", ADA_BO_CY),
        ("Ada Origami, Bo Fold, & Cy Crease", ADA_BO_CY),
        ("Ada Origami and Bo Fold and Cy Crease", ADA_BO_CY),
        ("Origami, Ada and Fold, Bo", INVERTED),
        ("Origami, Ada; Fold, Bo", INVERTED),
        ("Origami, Ada; and Fold, Bo", INVERTED),
        ("Origami, Ada, and Fold, Bo", INVERTED),
        ("Origami, Ada, Fold, Bo", INVERTED),
        ("ORIGAMI, ADA AND FOLD, BO", ("ORIGAMI, ADA", "FOLD, BO")),
        ("Origami, A., Fold, B. C., Crease, D.-E.", INITIALS),
        ("Origami, A., Fold, B. C., and Crease, D.-E.", INITIALS),
        ("Origami, A., Fold, B. C., & Crease, D.-E.", INITIALS),
        ("Origami, A., Fold, B. C. and Crease, D.-E.", INITIALS),
        ("Origami, A.; Fold, B. C.; Crease, D.-E.", INITIALS),
        ("Origami, A., & Fold, B.", ("Origami, A.", "Fold, B.")),
        ("Origami, A B, Fold, CD", ("Origami, A B", "Fold, CD")),
        ("Origami A, Fold BC, Crease DE", ("Origami A", "Fold BC", "Crease DE")),
        ("A. Origami, B. Fold", ("A. Origami", "B. Fold")),
        ("Yu. Petrov, Ch. Ivanov", ("Yu. Petrov", "Ch. Ivanov")),
        ("Petrov, Yu., Ivanov, Ch.", ("Petrov, Yu.", "Ivanov, Ch.")),
        ("van der Fold, J., de la Grulla, M.", ("van der Fold, J.", "de la Grulla, M.")),
        ("Ludwig van Falz, Jan van der Fold", ("Ludwig van Falz", "Jan van der Fold")),
        ("García Ejemplo, G., Ortega Muestra, B.", ("García Ejemplo, G.", "Ortega Muestra, B.")),
        ("García Ejemplo, Gabriel and Ortega, Luis José", ("García Ejemplo, Gabriel", "Ortega, Luis José")),
        ("Ejemplo, Gabriel Luis; Fold, Bo", ("Ejemplo, Gabriel Luis", "Fold, Bo")),
        ("Origami, A., Bo Fold", ("Origami, A.", "Bo Fold")),
        ("Origami, Ada and Bo Fold", ("Origami, Ada", "Bo Fold")),
        ("Origami, Fold and Crease", ("Origami", "Fold", "Crease")),
        ("Origami, Fold, & Crease", ("Origami", "Fold", "Crease")),
        ("Wang, Li, Zhang, Chen and Liu", ("Wang", "Li", "Zhang", "Chen", "Liu")),
        ("Yimin Du, Guolin Tang", ("Yimin Du", "Guolin Tang")),
        ("Sara Moore, John P. Papier", ("Sara Moore", "John P. Papier")),
        ("Zhang Wei, Li Na", ("Zhang Wei", "Li Na")),
        ("王小明, 李四", ("王小明", "李四")),
        ("王小明、李四；折纸", ("王小明", "李四", "折纸")),
        ("Ada Origami, Jr., Bo Fold III", ("Ada Origami Jr.", "Bo Fold III")),
        ("Origami, A., Jr., Fold, B.", ("Origami, A., Jr.", "Fold, B.")),
        ("Ada Origami, PhD, Bo Fold, MD", ("Ada Origami PhD", "Bo Fold MD")),
    ),
)  # fmt: skip
def test_a_list_is_split_into_its_people(text: str, people: tuple[str, ...]) -> None:
    assert split_authors(text) == people


@pytest.mark.parametrize(
    ("text", "people"),
    (
        ("Ada Origami, Bo Fold, et al.", ADA_BO),
        ("Ada Origami and Bo Fold et al", ADA_BO),
        ("Origami, Ada and Fold, Bo and others", INVERTED),
        ("Origami, A., et al.", ("Origami, A.",)),
        ("Ada Origami et alii", ("Ada Origami",)),
        ("Ada Origami, Bo Fold, …", ADA_BO),
        ("Ada Origami & colleagues", ("Ada Origami",)),
        ("et al.", ()),
        ("and others", ()),
        (" , ;", ()),
        (":", ()),
        ("", ()),
    ),
)
def test_what_says_that_there_are_others_is_no_author(text: str, people: tuple[str, ...]) -> None:
    assert split_authors(text) == people


@pytest.mark.parametrize(
    ("text", "people"),
    (
        ("{World Paper Organization} and Doe, Jane", ("World Paper Organization", "Doe, Jane")),
        ("{Crane and Sons, Inc.} and Doe, J. and {Fold; Unfold}", ("Crane and Sons, Inc.", "Doe, J.", "Fold; Unfold")),
        ("Doe, J., {The Crane Crew}, Roe, R.", ("Doe, J.", "The Crane Crew", "Roe, R.")),
        ("World Paper Organization and Jane Doe", ("World Paper Organization", "Jane Doe")),
        ("The Crane Collaboration and the Boat Collaboration", ("The Crane Collaboration", "the Boat Collaboration")),
        ("The Crane Collaboration: A. Origami, B. Fold", ("The Crane Collaboration", "A. Origami", "B. Fold")),
        ("The Crane Collaboration, Jane Doe", ("The Crane Collaboration", "Jane Doe")),
        ("Jane Doe, The Crane Collaboration", ("Jane Doe", "The Crane Collaboration")),
        ("Centers for Folds and Cranes and Jane Doe", ("Centers for Folds and Cranes", "Jane Doe")),
        ("Department of Cranes and Boats; Doe, Jane", ("Department of Cranes and Boats", "Doe, Jane")),
        ("Doe, Jane: a life", ("Doe, Jane: a life",)),
    ),
)  # fmt: skip
def test_groups_stay_whole(text: str, people: tuple[str, ...]) -> None:
    assert split_authors(text) == people


def test_where_given_names_come_first_each_comma_stands_between_names() -> None:
    for text in ("Plato, Ada Origami", "Origami, Plato", "Ada Origami, Plato and Bo Fold"):
        assert split_authors(text, given_first=True) == tuple(text.replace(" and ", ", ").split(", "))
    assert split_authors("Plato, Jr., Homer (Chios)", given_first=True) == ("Plato, Jr.", "Homer")


GIVEN = ("Ada", "Bo", "Cy", "Jean-Luc", "Łukasz", "Min-Jun", "Sinéad", "Wei", "Xenia")
FAMILY = ("Origami", "Fold", "Crease", "O'Crane", "van der Falte", "Müller-Papier", "de la Grulla", "Li", "Ng")


@pytest.mark.parametrize("form", ("{f}, {g}", "{f}, {i}", "{g} {f}", "{i} {f}"))
@pytest.mark.parametrize(
    ("between", "last"), ((" and ", " and "), ("; ", "; "), ("; ", "; and "), (", ", ", and "), (", ", " & "))
)
def test_lists_of_any_length_in_any_style_are_read(form: str, between: str, last: str) -> None:
    """INVARIANT: people written in one style, with one separator, come back as they were written."""
    draw = random.Random(11)
    for _ in range(300):
        people = [
            form.format(f=draw.choice(FAMILY), g=(given := draw.choice(GIVEN)), i=f"{given[0]}. {draw.choice('ABC')}.")
            for _ in range(draw.randrange(3, 9))
        ]
        if (form, between) == ("{f}, {g}", ", "):  # hardly anybody writes it: Origami, Ada, Fold, Bo
            continue
        assert split_authors(between.join(people[:-1]) + last + people[-1]) == tuple(people)


@given(st.text(alphabet=st.sampled_from("AbZé王 ,;&{}():.-'and"), max_size=60))
def test_every_text_is_read_and_each_name_has_a_letter(text: str) -> None:
    people = split_authors(text)
    assert all(any(map(str.isalnum, name)) and name == name.strip() for name in people)


@pytest.mark.parametrize(
    "piece",
    ("(", "{", ",", " ", "a, ", "J., ", ".", "and ", "Team of a, ", "; ", "et al ", "Jr., ", "a: ", "a b, c d and "),
)
def test_hostile_texts_are_read_in_time(piece: str) -> None:
    before = time.process_time()
    split_authors(piece * MAX_AUTHOR_LINE)
    assert time.process_time() - before < 3
