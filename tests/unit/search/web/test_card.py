"""The card of a paper in a list."""

from typing import Any

from services.search.web.render import _ENVIRONMENT, SIGNED_OUT
from shared.papers.paper import Paper, Tldr


def card(**fields: Any) -> str:
    paper = Paper(id="arXiv:2401.00001", title="Cranes", abstract="Cranes fold. They fly.", **fields)
    module: Any = _ENVIRONMENT.get_template("papers.html").make_module(dict(SIGNED_OUT))
    return str(module.card({"paper": paper.model_dump(mode="json"), "duplicates": []}))


def test_the_authors_own_sentence_comes_first_then_the_tldr_then_the_first_sentence() -> None:
    tldr = Tldr(text="A <crane> folds.", source="semantic-scholar")
    shown = '<p class="gist" dir="auto">'
    assert f"{shown}Cranes fold.</p>" in card()
    assert f"{shown}They fly.</p>" in card(gist="They fly.", tldr=tldr)
    assert f'{shown}A &lt;crane&gt; folds. <span class="soft">TLDR by Semantic Scholar</span></p>' in card(tldr=tldr)
