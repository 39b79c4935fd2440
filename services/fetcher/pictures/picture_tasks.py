"""What the process of pictures does: find the address of a picture in a page, or make a picture small."""

from typing import Final

import orjson

from services.fetcher.pictures.picture_links import first_figure, offered_picture
from services.fetcher.pictures.shrinking import shrink
from shared.errors import PermanentError

_FINDERS: Final = {"project": offered_picture, "arxiv": first_figure}


def answer(request: bytes) -> bytes:
    """Answer a request: a line of JSON says what to do with what follows it. An error begins with `-`."""
    line, _, body = request.partition(b"\n")
    task = orjson.loads(line)
    try:
        if task["do"] == "shrink":
            small = shrink(body)
            return orjson.dumps([small.width, small.height]) + b"\n" + small.body
        found = _FINDERS[task["do"]](body.decode("utf-8", "replace"), task["address"])
    except PermanentError as error:
        return b"-" + str(error).encode()
    return (found or "").encode("utf-8", "replace")
