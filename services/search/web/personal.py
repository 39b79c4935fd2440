"""What a page has for its reader: who is signed in, their marks, and the address to come back to."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from aiohttp import web

from services.search.api.reader import Reader
from services.search.api.sign_ins import Own, SignedIn
from services.search.web.urls import address
from shared.http.site import path_to

Json = dict[str, Any]
Shown = Literal["show"]
"""The value of the parameter `hidden` of pages that also shows what their reader hid."""
MOST_SKIPPED: Final = 20
"""Pages that are left out at once because their reader hid all that is on them."""


@dataclass(frozen=True, slots=True)
class Personal:
    """A page of a reader, or of nobody. The papers of its lists come without those that the reader hid."""

    reader: SignedIn | None
    own: Own
    back: str
    hidden: int
    unhide: str

    @property
    def variables(self) -> Mapping[str, Any]:
        """The variables of the template."""
        return {
            "reader": self.reader,
            "marks": self.own.marks,
            "back": self.back,
            "hidden_count": self.hidden,
            "unhide": self.unhide,
        }


async def personal(
    reader: Reader, request: web.Request, *lists: list[Json], signed_in: SignedIn | None = None, all_: bool = False
) -> Personal:
    """Return what a page that shows some lists of papers has for its reader, and take what they hid out of the lists.

    `all_` leaves the lists whole, as does the parameter `hidden`; `signed_in` is the reader, where they are known.
    """
    signed_in = signed_in or await reader.sign_ins.of(request)
    own = await reader.sign_ins.show(signed_in, (row["paper"] for rows in lists for row in rows))
    hidden = 0
    if signed_in and not all_ and "hidden" not in request.query:
        hidden = sum(_without_hidden(rows, own) for rows in lists)
    unhide = address(request.path, [*request.query.items(), ("hidden", "show")])
    return Personal(signed_in, own, path_to(request.rel_url.raw_path_qs), hidden, unhide)


async def first_shown(
    reader: Reader,
    request: web.Request,
    answer: Json,
    following: Callable[[str], Awaitable[Json]],
    *lists: list[Json],
    signed_in: SignedIn | None = None,
    all_: bool = False,
) -> Personal:
    """Return `personal` of a page of results; while its reader hid them all, the next page takes its place.

    `answer` has `results` and `next_cursor`; `following` reads the page of a cursor.
    """
    mine = await personal(reader, request, answer["results"], *lists, signed_in=signed_in, all_=all_)
    for _ in range(MOST_SKIPPED):
        if answer["results"] or not mine.hidden or not answer["next_cursor"]:
            break
        answer |= await following(answer["next_cursor"])
        after = await personal(reader, request, answer["results"], signed_in=mine.reader, all_=all_)
        mine = replace(after, hidden=mine.hidden + after.hidden)
    return mine


def _without_hidden(rows: list[Json], own: Own) -> int:
    """Take the hidden papers out of a list, and return how many there were."""
    before = len(rows)
    rows[:] = [row for row in rows if not own.marks[row["paper"]["id"]].hidden]
    return before - len(rows)
