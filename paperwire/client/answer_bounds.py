"""What an answer and a list may take at most, whatever a server sends. Pure: no I/O."""

from typing import Final

import httpx

from paperwire.client.calls import ApiError, Call

MAX_ANSWER: Final = 128 * 1024 * 1024
"""Bytes of one answer, unpacked: an export of 10,000 papers has a quarter of it."""
MAX_ANSWER_S: Final = 600.0
"""Seconds of one answer, from the request to its last byte."""
MAX_PAGES: Final = 100_000
"""Pages of one list."""
MAX_CURSOR: Final = 8_192
"""Characters of the cursor of a page, which is a part of the next address."""
PACKING: Final = "gzip"
"""What answers may be packed with: packed twice, a mebibyte may become a tebibyte before it can be counted."""
_PACKED: Final = ("Content-Encoding", "Content-Length", "Transfer-Encoding")


class Answer:
    """The answer to a request, while it arrives."""

    def __init__(self, response: httpx.Response, until: float) -> None:
        """`until` is the moment of the clock at which it has to be there.

        Raises:
            ApiError: the answer is packed in a way that was not asked for.

        """
        packing = response.headers.get("Content-Encoding", "").strip().lower()
        if packing not in ("", "identity", PACKING):
            said = f"The answer is packed with {packing[:80]!r}, which was not asked for: check the address."
            raise ApiError(response.status_code, {"detail": said})
        self._response = response
        self._until = until
        self._body = bytearray()

    def take(self, piece: bytes, now: float) -> None:
        """Add what arrived.

        Raises:
            ApiError: the answer is too large.
            httpx.ReadTimeout: it takes too long.

        """
        self._body += piece
        if len(self._body) > MAX_ANSWER:
            said = f"The answer is larger than {MAX_ANSWER >> 20} MiB: ask for less, or check the address."
            raise ApiError(self._response.status_code, {"detail": said})
        if now > self._until:
            said = f"The answer was not whole after {MAX_ANSWER_S:.0f} s."
            raise httpx.ReadTimeout(said, request=self._response.request)

    def whole(self) -> httpx.Response:
        """Return the answer with its body."""
        headers = [(name, value) for name, value in self._response.headers.multi_items() if not _packed(name)]
        status, request = self._response.status_code, self._response.request
        return httpx.Response(status, headers=headers, content=bytes(self._body), request=request)


class Pages:
    """The pages of a list: a server that repeats a cursor would have no last one."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._seen: set[str | None] = set()

    def at(self, cursor: str | None) -> Call:
        """Return the call of a page.

        Raises:
            ApiError: it was read already, its cursor is too long, or there are too many.

        """
        if len(cursor or "") > MAX_CURSOR:
            raise ApiError(200, {"detail": "The server sent a cursor that is too long. Check the address."})
        if cursor in self._seen or len(self._seen) >= MAX_PAGES:
            what = "repeats a page" if cursor in self._seen else f"has more than {MAX_PAGES} pages"
            raise ApiError(200, {"detail": f"The list has no end: the server {what}. Check the address."})
        self._seen.add(cursor)
        return self._call.page(cursor)


def _packed(name: str) -> bool:
    return name.title() in _PACKED
