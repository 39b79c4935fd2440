"""What publishers write before an abstract."""

import pytest

from services.fetcher.sources.feeds.boilerplate import Told, without_boilerplate


@pytest.mark.parametrize(
    ("text", "told"),
    (
        (
            '<p>Cranes, Published online: 12 May 2026; <a href="https://x.example">doi:10.1038/s1</a></p>We fold.',
            Told("We fold.", day="12 May 2026"),
        ),
        ("<p>Crane Physics, Published online: 12 May 2026; doi:10.1038/s1</p>", Told("", day="12 May 2026")),
        (
            "<p>Publication date: May 2027</p><p><b>Source:</b> Cranes, 12</p><p>Author(s): Ada Origami, Bo Fold</p>",
            Told("", "Ada Origami, Bo Fold", "May 2027"),
        ),
        (
            "<p>Publication date: 4 May 2026</p><p><b>Source:</b> Cranes</p><p>Author(s): </p>",
            Told("", day="4 May 2026"),
        ),
        ("<h3>Abstract</h3><p>We fold.</p>", Told("We fold.</p>")),
        ("Abstract: We fold.", Told("We fold.")),
        ("AbstractWe fold.", Told("We fold.")),
        ("Abstract\nWe fold.", Told("We fold.")),
    ),
)
def test_boilerplate_is_no_abstract(text: str, told: Told) -> None:
    assert without_boilerplate(text) == told


@pytest.mark.parametrize(
    "text",
    (
        "Abstract art is what we fold.",
        "Abstract interpretation of programs",
        "Abstracted cranes fold.",
        "We asked who was, Published online: never.",
        "<p>We fold.</p>",
        "",
    ),
)
def test_an_abstract_stays(text: str) -> None:
    assert without_boilerplate(text) == Told(text)
