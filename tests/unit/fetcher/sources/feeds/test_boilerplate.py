"""What publishers write around titles and abstracts."""

import pytest

from services.fetcher.sources.feeds.boilerplate import RULES, Told, plain_title, without_boilerplate
from tests.architecture.regexes import Regex
from tests.architecture.test_regexes import confirmed


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
        (
            "<p>Author(s): Ada Origami and Bo Fold</p><p>We fold.</p><br/>[PRX 1] Published Tue May 12, 2026",
            Told("<p>We fold.</p>", "Ada Origami and Bo Fold"),
        ),
        ("Cranes, Volume 3, Issue 2, Page 1-9, May 2026. <br/>We fold.", Told("We fold.", day="May 2026")),
        ("<em>Cranes</em>, Volume 3, Issue 2, Page 1-9, May 2026. ", Told("", day="May 2026")),
        ("Volume 3, Issue 2, April-June 2026, Page 1-9<br/>. ", Told("")),
        ("Journal of Cranes, EarlyView.", Told("")),
        ("Crane Review, Ahead of Print. <br/>We fold.", Told("We fold.")),
        ("<p>by Ada Origami, Bo Fold</p>\nWe fold.", Told("\nWe fold.", "Ada Origami, Bo Fold")),
        (
            (
                "<p><b>Cranes, Vol. 2, Pages 7: On Folds</b></p><p>Cranes <a href='x'>doi: 10.3390/cranes2</a></p>"
                "<p>Authors: Ada Origami Bo Fold</p><p>We fold.</p>"
            ),
            Told("<p>We fold.</p>"),
        ),
        (
            (
                "<div><i>Cranes</i>, 2026, Advance Article<br/><b>DOI</b>: 10.1039/D6CR1A, X</div><div>Ada Origami"
                "<br/>We fold.<br/>The content of this RSS Feed (c) The Royal Society of Chemistry</div>"
            ),
            Told("We fold.", "Ada Origami"),
        ),
        ("<p><img src='x'/></p><div><cite>Cranes</cite></div><div>DOI: 10.1021/c1</div>", Told("")),
        ("Ada Origami, Bo Fold; 27(1):1-50, 2026.", Told("", "Ada Origami, Bo Fold")),
        (
            (
                "<p>J Cranes. 2026 May. doi: 10.99999/c1. Epub.</p><p><b>ABSTRACT</b></p><p>We fold.</p>"
                "<p>PMID:<a href='x'>1</a> | DOI:<a href='x'>10.99999/c1</a></p>"
            ),
            Told("We fold.</p>"),
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
        "by folding paper we get cranes",
        "Volume 3 of a crane, folded twice. <br/>We fold.",
        "<p>We fold.</p><p>Published data are at doi: 10.99999/c1, and we unfold them.</p>",
        "We fold. [Phys. Rev. X 1, 01] says otherwise.",
        "",
    ),
)
def test_an_abstract_stays(text: str) -> None:
    assert without_boilerplate(text) == Told(text)


@pytest.mark.parametrize(
    ("title", "plain"),
    (
        ("[ASAP] Folding Cranes", ("Folding Cranes", "")),
        ("Cranes, Vol. 24, Pages 10: On Folds: A Study", ("On Folds: A Study", "")),
        ("The Price of Cranes -- by Ada Origami, Bo Fold", ("The Price of Cranes", "Ada Origami, Bo Fold")),
        ("Folding Cranes. (arXiv:2301.00001v2 [cs.LG] UPDATED)", ("Folding Cranes", "")),
        ("Folding Cranes (in two volumes)", ("Folding Cranes (in two volumes)", "")),
        ("Cranes -- folded by hand", ("Cranes -- folded by hand", "")),
    ),
)
def test_titles_are_without_what_publishers_add(title: str, plain: tuple[str, str]) -> None:
    assert plain_title(title) == plain


def test_patterns_of_boilerplate_take_linear_time() -> None:
    patterns = [rule.pattern for rules in RULES.values() for rule in rules]
    slow = {each.pattern: confirmed(Regex("boilerplate", each, frozenset({"fullmatch"}))) for each in patterns}
    assert {pattern: text for pattern, text in slow.items() if text} == {}
