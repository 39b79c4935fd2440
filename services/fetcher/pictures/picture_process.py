"""The process that reads pages and pictures of strangers, with limits of time and memory. It loads the decoders."""

from typing import Final

import orjson

from services.fetcher.pictures.small_picture import SmallPicture
from shared.errors import PermanentError, TransientError
from shared.worker.protocol import CallFailedError, Limits, Reason
from shared.worker.worker import Worker

LIMITS: Final = Limits(seconds=30.0, processor=15.0, memory=1024 * 1024 * 1024, calls=500, niceness=10)
"""The largest picture that is read takes half a second of the processor and 400 MB."""


class PictureProcess:
    """Calls the process, which starts when it is needed first."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        """`limits` are those of one page or picture."""
        self._worker = Worker("services.fetcher.pictures.picture_tasks:answer", limits)

    async def shrink(self, body: bytes) -> SmallPicture:
        """Make a picture small.

        Raises:
            PermanentError: as `shrinking.shrink` does, and for what exceeds a limit.
            TransientError: somebody ended the process.

        """
        size, _, small = (await self._call({"do": "shrink"}, body)).partition(b"\n")
        return SmallPicture(small, *orjson.loads(size))

    async def find(self, kind: str, body: bytes, address: str) -> str | None:
        """Return the address of the picture of a page of a kind, if it has one; raises as `shrink` does."""
        return (await self._call({"do": kind, "address": address}, body)).decode() or None

    async def _call(self, task: dict[str, str], body: bytes) -> bytes:
        try:
            result = await self._worker.call(orjson.dumps(task) + b"\n" + body)
        except CallFailedError as error:
            if error.reason is Reason.ENDED:
                raise TransientError(f"the process of pictures {error}") from error
            raise PermanentError(f"the picture or its page {error}") from error
        if result.startswith(b"-"):
            raise PermanentError(result[1:].decode())
        return result

    async def close(self) -> None:
        """End the process."""
        await self._worker.close()
