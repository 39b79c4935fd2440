"""Whether an import stands still, and why: nobody reads one of the streams that its papers pass."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

from shared.bus.readers import abandoned, noted
from shared.errors import PaperwireError
from shared.papers.streams import ENRICHED, FETCHED

PATH: Final = ((FETCHED.name, "enricher"), (ENRICHED.name, "indexer"))
"""The streams that a paper passes until it is searchable, and the groups that read them."""


class StandstillError(PaperwireError):
    """An import makes no progress, as nobody works on its papers."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an import waits, in seconds.

    `quiet`: without progress until it looks for the reason; `silence`: without a sign of a consumer until that counts
    as gone; `absence`: without any consumer until the import ends, as a service may be starting again.
    """

    quiet: float = 3.0
    silence: float = 30.0
    absence: float = 15.0


class Standstill:
    """Looks at the progress of an import again and again. `now` is in seconds of a clock that nobody sets."""

    def __init__(self, redis: Any, patience: Patience) -> None:  # noqa: ANN401  # a Redis client
        """The caller closes `redis`."""
        self._redis = redis
        self._patience = patience
        self._progress: Hashable = None
        self._since = 0.0
        self._next_look = 0.0
        self._absent_since: float | None = None

    async def look(self, progress: Hashable, now: float) -> str | None:
        """Take the progress so far, and return why it does not change, where that is known.

        Raises:
            StandstillError: nobody has worked on the papers for long.

        """
        if progress != self._progress:
            self._progress, self._since, self._absent_since = progress, now, None
        if now < max(self._since + self._patience.quiet, self._next_look):
            return None
        self._next_look = now + self._patience.quiet / 3
        reasons = [await self._reason(stream, group) for stream, group in PATH]
        gone = next((reason for reason, absent in reasons if absent), None)
        self._absent_since = None if gone is None else self._absent_since or now
        if gone and self._absent_since and now - self._absent_since >= self._patience.absence:
            message = (
                f"The import stands still: {gone}. Its papers are in the stream and go on when that is mended, "
                "so do not import them again."
            )
            raise StandstillError(message)
        return gone or next((reason for reason, _ in reasons if reason), None)

    async def _reason(self, stream: str, group: str) -> tuple[str | None, bool]:
        """Return why a group does not go on, and whether it has no living consumer."""
        trouble = await noted(self._redis, stream, group)
        absent = await abandoned(self._redis, stream, group, self._patience.silence)
        return trouble or (f"no {group} reads {stream}: start one" if absent else None), absent
