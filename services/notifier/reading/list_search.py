"""The search within a reading list: rows whose title, note and tags contain all words. Pure."""

from collections.abc import Iterable

from shared.readers.reading_list import ListRow


def matching(rows: Iterable[ListRow], text: str) -> list[ListRow]:
    """Return the rows that contain every word of a text, in any case."""
    words = text.casefold().split()
    return [row for row in rows if _contains(row, words)]


def _contains(row: ListRow, words: Iterable[str]) -> bool:
    whole = " ".join((row.title, row.note, row.id, *row.tags)).casefold()
    return all(word in whole for word in words)
