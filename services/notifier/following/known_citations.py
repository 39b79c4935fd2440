"""What is known of who cites the papers of an owner, and what is new in what a provider says. Pure.

The papers that cite one of them when it is first asked about are only remembered; later ones are found.
"""

import base64
import hashlib
from collections.abc import Sequence
from typing import Final

import orjson
from pydantic import Field

from services.notifier.following.port import Item
from shared.papers.paper import Model

MAX_PAPERS: Final = 100
"""Papers of an owner that are asked about: the newest."""
MAX_CITING: Final = 200
"""Citing papers that are read of one paper: the newest."""
MAX_SEEN: Final = 600
"""Marks of citing papers that are remembered of one paper: one or two for each."""
MAX_FOUND: Final = 500
"""Citing papers that were found since the first visit and are kept: the latest."""
MAX_CITED: Final = 5
"""Papers that a citing paper is said to cite."""
_MARK: Final = 6
"""Bytes that stand for a citing paper."""


class CitedPaper(Model):
    """A paper of an owner, by its key at the provider, and how many papers cite it."""

    key: str
    title: str
    count: int


class SeenCitations(Model):
    """The number of citations of a paper at the last visit, and marks of the citing papers, the newest first."""

    count: int
    marks: tuple[str, ...] = ()


class Found(Model):
    """A paper that was found to cite papers of an owner, with their titles; `indexed` once its alert was planned."""

    item: Item
    cited: tuple[str, ...]
    indexed: bool = False


class KnownCitations(Model):
    """All that is known: by the keys of the owner's papers, and what was found since, the latest last."""

    seen: dict[str, SeenCitations] = Field(default_factory=dict)
    found: tuple[Found, ...] = ()

    def among(self, papers: Sequence[CitedPaper]) -> "KnownCitations":
        """Return what is known of these papers, and of as many others that a provider may list again."""
        keys = dict.fromkeys([*(paper.key for paper in papers), *self.seen])
        kept = [key for key in keys if key in self.seen][: 2 * MAX_PAPERS]
        return self.model_copy(update={"seen": {key: self.seen[key] for key in kept}})

    def asks(self, paper: CitedPaper) -> bool:
        """Return whether the papers that cite this one have to be read: their number is another one than before."""
        return paper.key not in self.seen or self.seen[paper.key].count != paper.count

    def with_citing(self, paper: CitedPaper, citing: Sequence[Item]) -> "KnownCitations":
        """Return what is known once these papers, the newest first, are known to cite one of the owner's.

        Nothing is learned from a list without papers of one that is cited: it is asked for again.
        """
        if paper.count and not citing:
            return self
        before = self.seen.get(paper.key)
        marks = [one for item in citing for one in marks_of(item)]
        seen = SeenCitations(
            count=paper.count, marks=tuple(dict.fromkeys([*marks, *(before.marks if before else ())]))[:MAX_SEEN]
        )
        found = {one.item.key: one for one in self.found}
        for item in reversed(_later(citing, before) if before else []):
            earlier = found.get(item.key, Found(item=item, cited=()))
            titles = tuple(dict.fromkeys([*earlier.cited, paper.title]))[:MAX_CITED]
            found[item.key] = earlier.model_copy(update={"cited": titles})
        latest = tuple(found.values())[-MAX_FOUND:]
        return self.model_copy(update={"seen": {**self.seen, paper.key: seen}, "found": latest})

    @property
    def awaited(self) -> tuple[Found, ...]:
        """What was found and is not in the index yet, as far as is known."""
        return tuple(one for one in self.found if not one.indexed)

    def titles(self) -> dict[str, bytes]:
        """Return the titles that the found papers cite, as a JSON array, by every id of theirs."""
        return {id_: orjson.dumps(one.cited) for one in self.found for id_ in one.item.ids}


def _later(citing: Sequence[Item], before: SeenCitations) -> list[Item]:
    """Return those of citing papers that were not known before.

    If the list did not hold all before, what stands behind the last known one only moved up.
    """
    known = frozenset(before.marks)
    places = [place for place, item in enumerate(citing) if not known.isdisjoint(marks_of(item))]
    end = places[-1] if places and before.count > MAX_CITING else len(citing)
    return [item for place, item in enumerate(citing[:end]) if place not in places]


def marks_of(item: Item) -> list[str]:
    """Return what stands for a citing paper: its key and its first id, as a provider may change either of them."""
    names = (item.key, *item.ids[:1])
    return [base64.b64encode(hashlib.sha256(name.encode()).digest()[:_MARK]).decode() for name in names]
