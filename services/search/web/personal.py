"""What a page has for its reader: who is signed in, their marks, and the address to come back to."""

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from services.search.api.reader import Reader
from shared.http.site import path_to


async def personal(reader: Reader, request: web.Request, *lists: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the variables of a page that shows some lists of papers: `reader`, `marks` and `back`."""
    signed_in = await reader.sign_ins.of(request)
    papers = (row["paper"] for rows in lists for row in rows) if signed_in else ()
    return {
        "reader": signed_in,
        "marks": await reader.sign_ins.marks(signed_in, papers),
        "back": path_to(request.rel_url.raw_path_qs),
    }
