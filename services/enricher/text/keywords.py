"""Keywords of a paper: the terms of research that it names, and phrases of its title. Pure.

A term is known: it is one of 6,500 phrases that scientists write (`terms.txt`, which says how they were found). Its
weight is ln(N/df) · (1 + ln tf), as in tf-idf, and twice that in the title. A phrase of the title that is no known term
stands for what is new: a name, or words of a field that the terms do not cover. In other languages than English there
are only these.
"""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Final

from shared.embedding.stopwords import STOPWORDS

PAPERS: Final = 64_191
"""How many papers the terms were counted in."""
LONGEST: Final = 3
"""Words of a term or a phrase."""
TITLE_WEIGHT: Final = 2.0
NEW_WEIGHT: Final = 7.0
"""The weight of a phrase of the title that is no known term: that of a term in one paper of a thousand."""
SINGLE_WEIGHT: Final = 5.0
"""The weight of a single word of the title."""
_MIN_SINGLE: Final = 5
_WORDS: Final = tomllib.loads(resources.files(__package__).joinpath("keyword_words.toml").read_text("utf-8"))
_ENDS: Final = STOPWORDS | frozenset(_WORDS["general"])
_HEADS: Final = frozenset(_WORDS["heads"])
_ADDRESS: Final = re.compile(r"(?:https?://|www\.|git(?:hub|lab)\.com/)\S+")
_TOKEN: Final = re.compile(r"[^\W\d_][\w+]*+(?:[-–‑][\w+]++)*+|[^\w\s]|\d[\w.]*+")
_INDEX: Final = re.compile("[\u00b2\u00b3\u00b9\u2070-\u209c]")
"""What makes a word a piece of a formula."""
_MARK: Final = re.compile(r'[.,;:!?()\[\]{}"“”/|…]')
"""What separates the words of an abstract, where to tell letters from signs would take twice the time."""
Run = Sequence[str]
"""Neighbouring words without a stopword or a mark between them."""


@lru_cache(maxsize=1)
def terms() -> dict[str, int]:
    """Return the known terms in lower case, and the number of papers that have each, of `PAPERS`."""
    lines = resources.files(__package__).joinpath("terms.txt").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {term: int(count) for count, term in rows}


@lru_cache(maxsize=1)
def _beginnings() -> dict[str, frozenset[str]]:
    """Return the second words of the terms by their first ones."""
    found: dict[str, set[str]] = {}
    for term in terms():
        first, second, *_ = term.split(" ")
        found.setdefault(first, set()).add(second)
    return {first: frozenset(seconds) for first, seconds in found.items()}


@lru_cache(maxsize=1)
def _usual() -> frozenset[str]:
    """Return the words of the known terms: each alone says little."""
    return frozenset(word for term in terms() for word in term.split(" "))


def keywords(title: str, abstract: str, max_count: int = 8) -> tuple[str, ...]:
    """Return at most `max_count` keywords, best first, as the paper writes them; none is part of another."""
    weights = _known(title, abstract)
    for phrase, weight in _new(title, abstract):
        weights.setdefault(phrase, weight)
    chosen: list[str] = []
    for phrase in sorted(weights, key=lambda one: (-weights[one], one)):
        folded = phrase.lower()
        if not any(folded in other.lower() or other.lower() in folded for other in chosen):
            chosen.append(phrase)
        if len(chosen) == max_count:
            break
    return tuple(chosen)


def _known(title: str, abstract: str) -> dict[str, float]:
    """Return the known terms of a text and their weights; a plural counts as its singular."""
    counts: Counter[str] = Counter()
    written: dict[str, tuple[str, str]] = {}
    in_title: set[str] = set()
    for text in (abstract, title):
        for term, run in _occurrences(text):
            key = " ".join(map(_singular, term.split(" ")))
            counts[key] += 1
            written.setdefault(key, (term, _written(run)))
            if text is title:
                in_title.add(key)
    known = terms()
    weights: dict[str, float] = {}
    for key, count in counts.items():
        term, phrase = written[key]
        weights[phrase] = math.log(PAPERS / known[term]) * (1 + math.log(count))
        if key in in_title:
            weights[phrase] *= TITLE_WEIGHT
    return weights


def _occurrences(text: str) -> Iterator[tuple[str, Run]]:
    """Yield the longest known term that begins at each word, and its words as they are written."""
    known, beginnings = terms(), _beginnings()
    tokens = _MARK.sub(" . ", _without_addresses(text)).split()
    folded = " ".join(tokens).lower().split(" ")
    for place, (word, following) in enumerate(pairwise(folded)):
        if word in beginnings and following in beginnings[word]:
            for length in range(LONGEST, 1, -1):  # a mark or a stopword is in no term
                term = " ".join(folded[place : place + length])
                if term in known:
                    yield term, tokens[place : place + length]
                    break


def _new(title: str, abstract: str) -> Iterator[tuple[str, float]]:
    """Yield the phrases of a title, and their weights; a single word counts only if it is unusual."""
    text = abstract.lower()
    for run in _runs(title, _ENDS):
        last = run[-1].lower()
        if len(run) > LONGEST or last in _HEADS or run[0].lower().endswith("ing"):
            continue
        phrase = _written(run)
        repeated = math.log(1 + text.count(phrase.lower()))
        if len(run) > 1:
            yield phrase, NEW_WEIGHT * (1 + repeated)
        elif last not in _usual() and (len(last) >= _MIN_SINGLE or not last.isascii()) and (repeated or not abstract):
            yield phrase, SINGLE_WEIGHT * (1 + repeated)


def _runs(text: str, ends: frozenset[str]) -> Iterator[Run]:
    run: list[str] = []
    for token in [*_TOKEN.findall(_without_addresses(text)), "."]:
        if token[0].isalpha() and len(token) > 1 and token.lower() not in ends and not _INDEX.search(token):
            run.append(token)
        elif run:
            yield run
            run = []


def _without_addresses(text: str) -> str:
    return _ADDRESS.sub(".", text) if "://" in text or "www." in text or ".com/" in text else text


def _written(run: Run) -> str:
    """Return a phrase in lower case but for acronyms and names with capitals inside."""
    return " ".join("-".join(_case(part) for part in word.split("-")) for word in run)


def _case(part: str) -> str:
    return part if sum(map(str.isupper, part)) > 1 else part.lower()


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
