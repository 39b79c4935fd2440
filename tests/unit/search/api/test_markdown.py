"""Papers as Markdown: what strangers wrote stays text."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from services.search.api.markdown import guide, page
from services.search.api.parameters import SearchParameters

SITE = "http://x.example"
ODD = ("# Heading", "[a](javascript:alert(1))", "<script>", "- item", "`code`", "![i](http://e.example)", "1. one\n---")
HOSTILE = st.text(max_size=40) | st.sampled_from(ODD)


def tokens(text: str) -> list[Token]:
    found = []
    for token in MarkdownIt().parse(text):
        found += [token, *(token.children or ())]
    return found


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_untrusted_text_stays_text(title: str, abstract: str, name: str, url: str) -> None:
    """INVARIANT: nothing in a paper becomes a heading, a list, a picture, a script or a link of its own."""
    paper: dict[str, Any] = {
        "id": "arXiv:2401.00001",
        "title": title,
        "abstract": abstract,
        "title_tex": f"${title}$ {title}",
        "abstract_tex": f"{abstract} $x$ ${abstract}$",
        "authors": [{"name": name}],
        "categories": [name],
        "identifiers": {"arxiv": "2401.00001"},
        "links": {"abs": url, "code": [{"url": url}]},
    }
    found = tokens(page(paper, [], SITE))
    assert sum(token.type == "heading_open" for token in found) <= 2
    assert not {"html_block", "html_inline", "image", "code_inline", "fence", "ordered_list_open"} & {
        token.type for token in found
    }
    assert all(
        str(token.attrGet("href")).startswith(("http://", "https://")) for token in found if token.type == "link_open"
    )


def test_a_paper_is_written_as_markdown() -> None:
    paper = {
        "id": "arXiv:hep-th/9901001",
        "title": "Naming *is* hard",
        "abstract": "Ids have\nslashes.",
        "authors": [{"name": "José García"}],
        "categories": ["hep-th"],
        "published": "1999-01-01",
        "status": "withdrawn",
        "links": {"abs": "https://arxiv.org/abs/hep-th/9901001", "code": [{"url": "https://github.com/a/b"}]},
        "signals": {"upvotes": 3, "citations": None},
    }
    text = page(paper, [{"id": "arXiv:2401.00002", "title": "Another"}], SITE)
    assert text.startswith("# Naming \\*is\\* hard\n\n**This paper was withdrawn.**\n\n- Authors: José García\n")
    assert "- Code: [https://github.com/a/b](<https://github.com/a/b>)" in text
    assert "- Signals: upvotes 3\n" in text
    assert "## Abstract\n\nIds have slashes.\n" in text
    assert "- [Another](<http://x.example/papers/arXiv:2401.00002>)" in text


def test_a_sample_paper_is_said_to_be_one() -> None:
    said = "This is a sample paper, which came with Paperwire."
    paper = {"id": "pw:a", "title": "Cranes", "abstract": "They fold."}
    assert page(paper | {"sample": True}, [], SITE).startswith(f"# Cranes\n\n{said}\n")
    assert said not in page(paper, [], SITE)


def test_formulas_are_latex_between_dollars() -> None:
    paper = {
        "id": "pw:a",
        "title": "y² for $3",
        "title_tex": r"$y^2$ for \$3",
        "abstract": "a_b",
        "abstract_tex": "$a_b$",
    }
    assert page(paper, [], SITE) == "# $y^2$ for \\$3\n\n\n\n## Abstract\n\n$a_b$\n"


def test_the_guide_links_to_this_instance() -> None:
    links = [token.attrGet("href") for token in tokens(guide(SITE)) if token.type == "link_open"]
    assert len(links) >= 5
    assert all(str(link).startswith(SITE) for link in links)


def test_the_guide_lists_every_parameter_of_a_search() -> None:
    missing = [name for name in SearchParameters.model_fields if f"`{name}`" not in guide(SITE)]
    assert missing == ["limit", "cursor"], "only what concerns the pages of an answer is left out"


def test_a_tldr_is_shown_with_its_source() -> None:
    tldr = {"text": "A *robot* folds.", "source": "semantic-scholar"}
    text = page({"id": "arXiv:2401.00001", "title": "Cranes", "tldr": tldr}, [], SITE)
    assert "- TLDR by Semantic Scholar: A \\*robot\\* folds." in text
