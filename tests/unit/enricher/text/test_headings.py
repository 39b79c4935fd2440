"""Headings of structured abstracts."""

import pytest

from services.enricher.text.clean import separate_headings


@pytest.mark.parametrize(
    ("glued", "separate"),
    (
        (
            "ObjectiveTo fold cranes. Study DesignCohort. MethodsFrom 2010 on.ResultsWe folded 3.",
            "Objective: To fold cranes. Study Design: Cohort. Methods: From 2010 on. Results: We folded 3.",
        ),
        (
            "BACKGROUNDCranes fold. Materials and MethodsPaper.",
            "BACKGROUND: Cranes fold. Materials and Methods: Paper.",
        ),
        ("PurposeThe crane folds.", "Purpose: The crane folds."),
        ("Methods2 of 3 cranes fold. ConclusionFold.", "Methods: 2 of 3 cranes fold. Conclusion: Fold."),
        ("ResultsNet folds cranes. We like it.", "ResultsNet folds cranes. We like it."),
        ("MethodsX is a journal. ResultsDB too.", "MethodsX is a journal. ResultsDB too."),
        ("Background: We fold. Results: 3.", "Background: We fold. Results: 3."),
        ("Our ResultsThe end of MethodsFrom.", "Our ResultsThe end of MethodsFrom."),
    ),
)
def test_a_heading_is_separated_from_its_text(glued: str, separate: str) -> None:
    assert separate_headings(glued) == separate
