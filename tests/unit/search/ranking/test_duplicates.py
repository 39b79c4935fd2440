from typing import Any

import numpy as np

from services.search.ranking.duplicates import CLOSE, grouped
from shared.embedding.vectors import sketch


def row(title: str, vector: Any = None, abstract: str = "A crane is folded. " * 9) -> dict[str, Any]:
    paper = {"title": title, "abstract": abstract}
    return {"paper": paper, **({} if vector is None else {"sketch": sketch(vector)})}


def titles(*rows: dict[str, Any]) -> list[list[str]]:
    return [[each["paper"]["title"] for each in group] for group in grouped(rows, lambda each: each)]


def test_titles_compare_without_case_accents_and_signs() -> None:
    assert titles(row("Folding: a survey"), row("Something else"), row("FOLDING – A Survéy")) == [
        ["Folding: a survey", "FOLDING – A Survéy"],
        ["Something else"],
    ]


def test_a_short_title_identifies_no_work() -> None:
    assert len(titles(row("Erratum"), row("Erratum"))) == 2
    assert len(titles(row(""), row(""))) == 2


def test_nearly_the_same_vector_is_the_same_work() -> None:
    vector = np.random.default_rng(1).standard_normal(384)
    near, far = vector.copy(), vector.copy()
    near[:CLOSE] *= -1
    far[: CLOSE + 1] *= -1
    assert len(titles(row("One title", vector), row("Another one", near))) == 1
    assert len(titles(row("One title", vector), row("Another one", far))) == 2
    assert len(titles(row("One title", vector), row("Another one"))) == 2
    assert len(titles(row("Cranes, part one", vector, ""), row("Cranes, part two", vector, ""))) == 2
