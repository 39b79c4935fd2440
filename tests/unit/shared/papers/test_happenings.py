"""What happened to a paper, in words."""

from typing import Any

import pytest

from shared.papers.happenings import happened, last_change, marked_title


def event(kind: str, day: int, version: str = "", *fields: str) -> dict[str, Any]:
    return {"kind": kind, "at": f"2026-03-{day:02d}T08:00:00Z", "version": version, "fields": list(fields)}


@pytest.mark.parametrize(
    ("one", "sentence"),
    (
        (event("revised", 3, "v2", "title", "abstract"), "Revised on 3 March 2026 (v2; title, abstract)."),
        (event("revised", 3, "2"), "Revised on 3 March 2026 (v2)."),
        (event("revised", 3, "a1" * 12), "Revised on 3 March 2026."),
        (event("published", 12, "Annals of  Folding"), "Published on 12 March 2026 (Annals of Folding)."),
        (event("code_added", 4, "https://github.com/a/b"), "Code added on 4 March 2026 (https://github.com/a/b)."),
        (event("withdrawn", 30), "Withdrawn on 30 March 2026."),
        (event("put_on_a_shelf", 1, "v9"), "Put on a shelf on 1 March 2026 (v9)."),  # a kind that nobody knows yet
    ),
)
def test_every_kind_of_change_is_a_sentence(one: dict[str, Any], sentence: str) -> None:
    assert happened({"life": [one]}) == [sentence]


def test_the_newest_comes_first_and_each_kind_once() -> None:
    life = [event("revised", 1, "v2"), event("withdrawn", 2), event("revised", 3, "v3"), event("restored", 4)]
    assert [each.split()[0] for each in happened({"life": life})] == ["Restored", "Revised", "Withdrawn"]
    assert "v3" in happened({"life": life})[1]
    found = last_change({"life": life})
    assert found
    assert found.day == 4
    assert last_change({"title": "Cranes"}) is None


def test_a_paper_that_was_withdrawn_when_it_was_seen_says_so() -> None:
    assert happened({"status": "withdrawn"}) == ["Withdrawn."]
    assert happened({"status": "active", "life": []}) == []
    assert happened({"status": "withdrawn", "life": [event("withdrawn", 2)]}) == ["Withdrawn on 2 March 2026."]


@pytest.mark.parametrize(
    ("title", "status", "shown"),
    (
        ("Cranes", "withdrawn", "Withdrawn: Cranes"),
        ("WITHDRAWN: Cranes", "withdrawn", "WITHDRAWN: Cranes"),
        ("[Retracted] Cranes", "withdrawn", "[Retracted] Cranes"),
        ("Cranes", "active", "Cranes"),
        ("Retraction of claws in cats", "active", "Retraction of claws in cats"),
    ),
)
def test_the_title_of_a_withdrawn_paper_says_so_once(title: str, status: str, shown: str) -> None:
    assert marked_title({"title": title, "status": status}) == shown
