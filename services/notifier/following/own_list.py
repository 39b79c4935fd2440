"""The reading list of a subscription's owner as a place of liked papers: what was saved or liked, and not hidden."""

from typing import ClassVar, Final

from services.notifier.fields.likes_from import ReadingListPapers
from services.notifier.following.port import Item, Listing, newest
from shared.moments import from_unix, iso
from shared.readers.reading_store import ReadingLists

ID: Final = "reading-list"
_MARKED: Final = ("is:saved", "is:liked")
_UNWANTED: Final = ("is:disliked", "is:hidden")


class OwnList:
    """Reads lists in Redis, which costs nobody anything: they are read every minute."""

    interval: ClassVar[float | None] = 60.0

    def __init__(self, lists: ReadingLists) -> None:
        self._lists = lists

    async def read(self, _: ReadingListPapers, owner: str, kept: Listing) -> Listing:
        """Return the papers that the owner saved or liked, those that were marked last first."""
        unwanted = {id_ for label in _UNWANTED for id_ in await self._lists.scores(owner, label)}
        marked: dict[str, float] = {}
        for label in _MARKED:
            for id_, at in (await self._lists.scores(owner, label)).items():
                marked[id_] = max(at, marked.get(id_, 0.0))
        items = (
            Item(key=id_, ids=(id_,), added=iso(from_unix(at))) for id_, at in marked.items() if id_ not in unwanted
        )
        return kept.model_copy(update={"items": newest(items)})
