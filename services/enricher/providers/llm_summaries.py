"""The summaries of the operator's language model: what is asked, and which answers are refused. Pure."""

import re
from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import RootModel, StringConstraints

from services.enricher.text.extraction import language
from services.enricher.works.work import Work
from shared.embedding.stopwords import STOPWORDS
from shared.llm.fencing import MAX_ABSTRACT, MAX_TITLE, Prompt, fenced
from shared.llm.llm_answers import SEEN
from shared.papers.paper import Paper, Tldr
from shared.papers.titles import EASTERN, fold
from shared.text.sentence_ends import sentences
from shared.text.spoken_languages import LANGUAGES, is_script_of

ID: Final = "llm"
MAX_SENTENCE: Final = 300
_ASKED_SENTENCE: Final = 250
"""Characters that are asked for: a model counts badly."""
_MIN_SENTENCE: Final = 20
MIN_ABSTRACT: Final = 200
"""Characters of an abstract that is worth a summary."""
_STEM: Final = 5
"""Letters that two words must share to count as one: diffusing, diffusion."""
_PAIR: Final = 2
"""Characters that count as a word where words are not apart."""
_LINK: Final = re.compile(
    r"https?:|www\.|(?<=\w)\.(?:com|org|net|io|ai|app|dev|edu|gov|info|me|xyz|ly|co|de|cn|ru)\b|@\w+\.|\b10\.\d{4,9}/",
    re.IGNORECASE,
)
_MARKUP: Final = re.compile(r"</?[a-z!]|\]\(|\*\*|__|`|^#|\\[a-z]+|[{}|\n\r]|&\w+;", re.IGNORECASE)
_EASTERN_SECOND: Final = re.compile(r"[。！？].")

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=_MIN_SENTENCE, max_length=MAX_SENTENCE), SEEN]


class Sentences(RootModel[dict[str, Line]]):
    """The answer: a sentence by the code of each language."""


def wanted_languages(paper: Paper, languages: Sequence[str]) -> tuple[str, ...]:
    """Return the languages to ask for: those of the settings, and first that of the paper.

    Only a sentence in the language of the paper can be compared with it.
    """
    own = paper.language if paper.language in LANGUAGES else "en"
    return tuple(dict.fromkeys((own, *languages)))


def is_summarized(work: Work, languages: Sequence[str]) -> bool:
    """Return whether a work has its summary by the model, of its present text, in the languages of the settings."""
    tldr = work.paper.tldr
    if tldr is None or tldr.model is None or tldr.of != work.fingerprint:
        return False
    return {tldr.language, *tldr.translations}.issuperset(languages)


def prompt(paper: Paper, codes: Sequence[str]) -> Prompt:
    """Return the prompt that asks for a sentence in each of some languages."""
    form = ", ".join(f'"{code}": "…"' for code in codes)
    names = ", ".join(f"{LANGUAGES[code].name} ({code})" for code in codes)
    task = (
        f"You summarize research papers. Write what the authors of the paper did or found in one sentence of at most "
        f"{_ASKED_SENTENCE} characters, in each of these languages: {names}. Say only what the title and the abstract "
        f"say. Write plain text without links, markup and formulas. The form of the answer: {{{form}}}"
    )
    return fenced(task, {"Title": (paper.title, MAX_TITLE), "Abstract": (paper.abstract, MAX_ABSTRACT)})


def summary(work: Work, answer: Sentences, languages: Sequence[str], model: str) -> Tldr | None:
    """Return the summary out of an answer, in the languages of the settings; None if a sentence is refused."""
    codes = wanted_languages(work.paper, languages)
    said = answer.root
    if any(code not in said or fault(said[code], code, codes[0], work.paper) for code in codes):
        return None
    texts = {code: said[code] for code in languages}
    first = languages[0]
    text = texts.pop(first)
    return Tldr(text=text, source=ID, model=model, language=first, translations=texts, of=work.fingerprint)


def fault(text: str, code: str, own: str, paper: Paper) -> str | None:
    """Return what is wrong with a sentence, or None; `own` is the language of the paper."""
    if _LINK.search(text) or _MARKUP.search(text):
        return "it has a link or markup"
    if len(sentences(text)) > 1 or _EASTERN_SECOND.search(text):
        return "it is more than one sentence"
    if not is_script_of(code, text):
        return f"it is not in the script of {LANGUAGES[code].name}"
    if language("", text) not in (None, code):
        return f"it is not in {LANGUAGES[code].name}"
    if code == own and _stems(text).isdisjoint(_stems(f"{paper.title} {paper.abstract}")):
        return "it is not about the paper"
    return None


def _stems(text: str) -> set[str]:
    """Return the beginnings of the words that have a content."""
    words = {word for word in fold(text).split() if word not in STOPWORDS and len(word) > 1}
    eastern = {word[at : at + _PAIR] for word in words if EASTERN.search(word) for at in range(len(word) - 1)}
    return eastern | {word[:_STEM] for word in words}
