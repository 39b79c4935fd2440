"""Tells the items of a feed apart: a shared guid or link does not make two papers one. Pure."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from services.fetcher.sources.fields import own_id, title_id
from services.fetcher.sources.port import Refusal
from shared.papers.events import Item
from shared.papers.names import is_archive_id

Shape = tuple[str, str | None, int | None]


def distinct(items: Sequence[Item]) -> tuple[list[Item], list[Refusal]]:
    """Return the items without repetitions, and a note on each item that is left out.

    Items of one id that differ in title or link get ids of their own: the link, if it is theirs alone, or the title.
    An archive's id stays: several items of it are versions of one paper.
    """
    groups: defaultdict[str, dict[Shape, Item]] = defaultdict(dict)
    notes = []
    for item in items:
        shape = (item.title, item.url, item.version)
        if groups[item.id].setdefault(shape, item) is not item:
            notes.append(Refusal(f"“{item.title}”", "listed again without a difference; taken once", cleaned=True))
    kept = {
        id(item): each for group in groups.values() for item, each in zip(group.values(), _named(group), strict=True)
    }
    return [kept[id(item)] for item in items if id(item) in kept], notes


def _named(group: dict[Shape, Item]) -> list[Item]:
    """Return the items of one id, each with its own."""
    items = list(group.values())
    if len(items) == 1 or is_archive_id(items[0].id):
        return items
    links = Counter(item.url for item in items)
    return [item.model_copy(update={"id": _own(item, alone=links[item.url] == 1)}) for item in items]


def _own(item: Item, *, alone: bool) -> str:
    link = own_id(item.url, item.source) if item.url and alone else item.id
    return title_id(item.title, item.source) if link == item.id else link
