"""The parts of names, as sources write them."""

import pytest

from shared.export.written_names import Name, name_of


@pytest.mark.parametrize(
    ("text", "name"),
    (
        ("Jane Q. Doe", Name("Doe", "Jane Q.")),
        ("Doe, Jane Q.", Name("Doe", "Jane Q.")),
        ("Doe JQ", Name("Doe", "JQ")),
        ("Doe J Q", Name("Doe", "J Q")),
        ("Jane Doe (CERN)", Name("Doe", "Jane")),
        ("J. Doe", Name("Doe", "J.")),
        ("Doe, Jr., Jane", Name("Doe", "Jane", "Jr.")),
        ("Doe, J., Jr.", Name("Doe", "J.", "Jr.")),
        ("John Doe III", Name("Doe", "John", "III")),
        ("John Doe, Jr.", Name("Doe", "John", "Jr.")),
        ("Ludwig van der Fold", Name("Fold", "Ludwig", particle="van der")),
        ("van der Fold, Ludwig", Name("Fold", "Ludwig", particle="van der")),
        ("Fold, Ludwig van der", Name("Fold", "Ludwig", particle="van der")),
        ("Van der Fold, Ludwig", Name("Van der Fold", "Ludwig")),
        ("Luc de La Grue Papier", Name("La Grue Papier", "Luc", particle="de")),
        ("Jan van der Fold Jr.", Name("Fold", "Jan", "Jr.", "van der")),
        ("Gabriel García Ejemplo", Name("García Ejemplo", "Gabriel")),
        ("García Ejemplo, Gabriel", Name("García Ejemplo", "Gabriel")),
        ("Sinéad O’Crane", Name("O’Crane", "Sinéad")),
        ("H.-P. Müller-Papier", Name("Müller-Papier", "H.-P.")),
        ("bell hooks", Name("hooks", "bell")),
        ("李 华", Name("李", "华")),
        ("王小明", Name("王小明")),
        ("van Falz", Name("van Falz")),
        ("Plato", Name("Plato")),
        ("A\nB", Name("B", "A")),
        ("The ATLAS Collaboration", Name("The ATLAS Collaboration")),
        ("World Paper Organization", Name("World Paper Organization")),
        ("Department of Cranes and Boats", Name("Department of Cranes and Boats")),
        ("Crane Team, Paperworks", Name("Crane Team, Paperworks")),
        ("Crane & Sons", Name("Crane & Sons")),
        ("Paper Research", Name("Paper Research")),
        ("a, b, c, d", Name("a, b, c, d")),
        (", Jane", Name(", Jane")),
        ("Doe,", Name("Doe")),
        ("", Name("")),
    ),
)
def test_a_name_is_split_into_its_parts(text: str, name: Name) -> None:
    assert name_of(text) == name
