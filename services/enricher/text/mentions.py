"""Datasets and tasks that a text names, by the lists of `vocabulary.toml`; nothing is guessed."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Final

_NO_WORD: Final = str.maketrans(dict.fromkeys(".,;:!?()[]{}<>\"'“”‘’/-+*=|\\^~&%$#@`_", " "))
_SURE: Final = 2
"""Times that an abstract has to name a task which its title does not: once may be an example or a contrast."""


class Names:
    """The names of one kind, found by their longest word and then looked at whole."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        """`names` are the canonical ones, each with its spellings."""
        self._by_word: dict[str, list[tuple[str, str, re.Pattern[str]]]] = defaultdict(list)
        for name, spellings in names.items():
            for spelling in spellings:
                word = max(spelling.translate(_NO_WORD).split(), key=len)
                # Not within another word, nor before a number that makes it another thing: KITTI-360, Tiny-ImageNet.
                whole = re.compile(rf"(?<![\w-]){re.escape(spelling)}(?![\w+]|-\d)")
                self._by_word[word].append((name, spelling, whole))
        self._words = frozenset(self._by_word)

    def count(self, text: str) -> dict[str, int]:
        """Count how often a text has each name, in order of their spelling."""
        found: dict[str, int] = defaultdict(int)
        for word in self._words.intersection(text.translate(_NO_WORD).split()):
            for name, spelling, whole in self._by_word[word]:
                if spelling in text and (times := len(whole.findall(text))):
                    found[name] += times
        return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[Names, Names]:
    lists = tomllib.loads(resources.files(__package__).joinpath("vocabulary.toml").read_text("utf-8"))
    return Names(lists["datasets"]), Names(lists["tasks"])


def datasets(title: str, abstract: str) -> tuple[str, ...]:
    """Give the datasets and benchmarks that a paper names."""
    return tuple(_vocabulary()[0].count(f"{title}\n{abstract}"))


def tasks(title: str, abstract: str) -> tuple[str, ...]:
    """Give the tasks a paper is about: those its title names, or its abstract twice; the narrower of two."""
    names = _vocabulary()[1]
    title, abstract = title.lower(), abstract.lower()
    told = names.count(title)
    counts = names.count(abstract)
    sure = {name for name in {*told, *counts} if name in told or counts[name] >= _SURE}
    return tuple(sorted(name for name in sure if not any(name != other and name in other for other in sure)))
