"""Datasets and tasks that a text names, by the lists in `vocabulary.toml`."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Final

_PUNCTUATION: Final = str.maketrans(dict.fromkeys(".,;:!?()[]{}<>\"'“”‘’/-+*=|\\^~&%$#@`_", " "))
_MIN_MENTIONS: Final = 2
"""How often an abstract has to name a task that its title does not: one mention may be an example or a contrast."""


class Vocabulary:
    """The names of one kind: found by their longest word, then compared whole."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        """`names` maps each canonical name to its spellings."""
        self._by_word: dict[str, list[tuple[str, str, re.Pattern[str]]]] = defaultdict(list)
        for name, spellings in names.items():
            for spelling in spellings:
                word = max(spelling.translate(_PUNCTUATION).split(), key=len)
                # Not within another word, nor before a number that makes it another thing: KITTI-360, Tiny-ImageNet.
                whole = re.compile(rf"(?<![\w-]){re.escape(spelling)}(?![\w+]|-\d)")
                self._by_word[word].append((name, spelling, whole))
        self._words = frozenset(self._by_word)

    def count(self, text: str) -> dict[str, int]:
        """Count the mentions of each name in a text, in alphabetical order."""
        found: dict[str, int] = defaultdict(int)
        for word in self._words.intersection(text.translate(_PUNCTUATION).split()):
            for name, spelling, whole in self._by_word[word]:
                if spelling in text and (times := len(whole.findall(text))):
                    found[name] += times
        return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[Vocabulary, Vocabulary]:
    lists = tomllib.loads(resources.files(__package__).joinpath("vocabulary.toml").read_text("utf-8"))
    return Vocabulary(lists["datasets"]), Vocabulary(lists["tasks"])


def datasets(title: str, abstract: str) -> tuple[str, ...]:
    """Return the datasets and benchmarks that a paper names."""
    return tuple(_vocabulary()[0].count(f"{title}\n{abstract}"))


def tasks(title: str, abstract: str) -> tuple[str, ...]:
    """Return the tasks of a paper: those that its title names, or its abstract twice; of two, the narrower one."""
    names = _vocabulary()[1]
    title, abstract = title.lower(), abstract.lower()
    in_title, counts = names.count(title), names.count(abstract)
    found = {name for name in {*in_title, *counts} if name in in_title or counts[name] >= _MIN_MENTIONS}
    return tuple(sorted(name for name in found if not any(name != other and name in other for other in found)))
