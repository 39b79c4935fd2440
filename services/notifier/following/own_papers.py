"""Papers that their owner lists by id, as a place of papers. Pure."""

from typing import ClassVar, Final

from services.notifier.fields.likes_from import OwnPapers
from services.notifier.following.port import Item, Listing

ID: Final = "papers"


class GivenPapers:
    """Returns the papers that are named."""

    interval: ClassVar[float | None] = None

    async def read(self, place: OwnPapers, _: str, kept: Listing) -> Listing:
        """Return the named papers."""
        return kept.model_copy(update={"items": tuple(Item(key=id_, ids=(id_,)) for id_ in place.ids)})
