"""Looks for the picture of one paper, at one origin after the other, with the manners of all requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.fetcher.http.polite import Polite
from services.fetcher.pictures.picture_process import PictureProcess
from services.fetcher.pictures.small_picture import SmallPicture
from shared.board.rows import Origin, PictureWish
from shared.errors import PermanentError, TransientError

_ACCEPT: Final = {"Accept": "image/webp,image/png,image/jpeg,image/gif"}


@dataclass(frozen=True, slots=True)
class Found:
    """A picture and where it is from."""

    origin: Origin
    picture: SmallPicture


@dataclass(frozen=True, slots=True)
class PictureSearch:
    """Looks at `origins` in their order; `arxiv_url` is where papers are shown as HTML."""

    polite: Polite
    process: PictureProcess
    origins: Sequence[Origin]
    arxiv_url: str

    async def search(self, wish: PictureWish) -> tuple[Found | None, list[str]]:
        """Return the picture of a paper, if there is one, and why each other place has none that can be used.

        Raises:
            TransientError: a place may have one later, and no other has one.

        """
        reasons: list[str] = []
        late: TransientError | None = None
        for origin in self.origins:
            try:
                if address := await self._address(origin, wish):
                    body = (await self.polite.get(address, headers=_ACCEPT)).body
                    return Found(origin, await self.process.shrink(body)), reasons
            except PermanentError as error:
                reasons.append(f"{origin}: {error}")
            except TransientError as error:
                late = late or TransientError(f"{origin}: {error}", retry_after=error.retry_after)
        if late:
            raise late
        return None, reasons

    async def _address(self, origin: Origin, wish: PictureWish) -> str | None:
        """Return the address of the picture at an origin."""
        pages = {"project": wish.project, "arxiv": wish.arxiv and f"{self.arxiv_url}/html/{wish.arxiv}"}
        if origin == "huggingface":
            return wish.thumbnail
        if not (page := pages[origin]):
            return None
        answer = await self.polite.get(page, headers={"Accept": "text/html"})
        if found := await self.process.find(origin, answer.body, answer.url):
            return found
        raise PermanentError("its page has no picture")
