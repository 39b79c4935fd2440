"""Splitting of authors, as different sources write them."""

import pytest

from services.enricher.text.clean import split_authors


@pytest.mark.parametrize(
    ("names", "found"),
    (
        (["Ada Origami", "Bo Fold"], ("Ada Origami", "Bo Fold")),
        (["Ada Origami, Bo Fold"], ("Ada Origami", "Bo Fold")),
        (["Ada Origami (Institute of Folds, Paris (France)), Bo Fold (Rome)"], ("Ada Origami", "Bo Fold")),
        (["Ada Origami (1), Bo Fold (2), Cy Crease (1 and 2)"], ("Ada Origami", "Bo Fold", "Cy Crease")),
        (["Origami, Ada; Fold, Bo"], ("Origami, Ada", "Fold, Bo")),
        (["Ada Origami, Bo Fold and Cy Crease"], ("Ada Origami", "Bo Fold", "Cy Crease")),
        (["Ada Origami, Bo Fold, and Cy Crease"], ("Ada Origami", "Bo Fold", "Cy Crease")),
        (["Ada Origami and Bo Fold"], ("Ada Origami", "Bo Fold")),
        (["Origami, Ada"], ("Origami, Ada",)),
        (["Origami, A. B."], ("Origami, A. B.",)),
        (["Ada Origami, Jr."], ("Ada Origami, Jr.",)),
        (["The Crane Collaboration"], ("The Crane Collaboration",)),
        (["Anders Sandholm"], ("Anders Sandholm",)),
        (["Origami, Ada", "Fold, Bo"], ("Origami, Ada", "Fold, Bo")),
        ([], ()),
    ),
)
def test_authors_are_split_into_people(names: list[str], found: tuple[str, ...]) -> None:
    assert split_authors(names) == found
