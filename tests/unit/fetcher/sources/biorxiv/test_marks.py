"""The marks of bioRxiv's database."""

import pytest

from services.fetcher.sources.biorxiv.marks import without_marks


@pytest.mark.parametrize(
    ("text", "plain"),
    (
        ("{beta}-cranes at [&ge;]98%, {+/-}3% [alpha] {micro}m {Delta}G", "β-cranes at ≥98%, ±3% α µm ΔG"),
        ("a set {A, B}, {x} and [CI] [and] [1]", "a set {A, B}, {x} and [CI] [and] [1]"),
        (
            'Cranes fold. O_FIG O_LINKSMALLFIG WIDTH=200 SRC="x.gif"> View (47K): M_FIG C_FIG They do.',
            "Cranes fold. They do.",
        ),
        ("Cranes fold. O_FIG O_LINKSMALLFIG never closed", "Cranes fold."),
        ("FoldingO_ST_ABSBackgroundC_ST_ABSCranes fold.", "Folding\nBackground: Cranes fold."),
        ("O_LIOne crane.\nC_LIO_LITwo cranes.\nC_LI", "One crane.\nTwo cranes."),
        ("AO_SCPLOWBSTRACTC_SCPLOWCranes fold.", "Cranes fold."),
        ("ABSTRACT\nCranes fold.", "Cranes fold."),
        ("Abstract cranes fold.", "Abstract cranes fold."),
        ("Cranes org.highwire.dtl.DTLVardef@130b9ee fold snake_case NO_LIMIT.", "Cranes fold snake_case NO_LIMIT."),
    ),
)
def test_marks_are_left_out_and_signs_are_characters(text: str, plain: str) -> None:
    assert without_marks(text) == plain
