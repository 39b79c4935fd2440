"""The card of a paper in a list."""

from typing import Any

from services.search.web.render import _ENVIRONMENT, LANGUAGES, SIGNED_OUT
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


def test_the_summary_of_the_operators_model_comes_before_the_authors_sentence_in_the_language_of_the_reader() -> None:
    texts = {"de": "Ein Kranich faltet sich <b>."}
    tldr = Tldr(text="A crane folds.", source="llm", model="qwen3:8b", language="en", translations=texts)
    by = '<span class="soft">TLDR by qwen3:8b (language model)</span></p>'
    assert f'<p class="gist" dir="auto"><span lang="en">A crane folds.</span> {by}' in card(gist="They fly.", tldr=tldr)
    token = LANGUAGES.set(("fr", "de"))
    try:
        shown = card(gist="They fly.", tldr=tldr)
    finally:
        LANGUAGES.reset(token)
    assert f'<span lang="de">Ein Kranich faltet sich &lt;b&gt;.</span> {by}' in shown
