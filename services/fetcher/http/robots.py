"""Asks each site by its robots.txt whether an address may be requested, and keeps the rules for a day."""

from typing import Final

from pydantic import TypeAdapter
from redis.asyncio import Redis
from yarl import URL

from services.fetcher.http.polite import Polite
from services.fetcher.http.robots_rules import Rule, is_permitted, read_rules
from shared.errors import PermanentError, TransientError
from shared.time_limit import in_thread

KEPT_S: Final = 86_400
_NO_FILE: Final = tuple(status for status in range(400, 500) if status not in (408, 425, 429))
"""Answers that mean that there are no rules (RFC 9309, 2.3.1.3)."""
_RULES: Final = TypeAdapter(list[Rule])


class Robots:
    """The rules of sites."""

    def __init__(self, polite: Polite, redis: "Redis[bytes]") -> None:
        """`polite` requests the files, without asking for permission."""
        self._polite = polite
        self._redis = redis

    async def check(self, address: str) -> None:
        """Check that an address may be requested.

        Raises:
            PermanentError: the site forbids it, or its rules cannot be read.
            TransientError: the site does not answer.

        """
        url = URL(address, encoded=True)
        if not is_permitted(await self._rules(str(url.origin())), url.raw_path_qs):
            message = f"the robots.txt of {url.host} does not permit it"
            raise PermanentError(message)

    async def _rules(self, site: str) -> list[Rule]:
        key = f"robots:{site}"
        if kept := await self._redis.get(key):
            return _RULES.validate_json(kept)
        try:
            answer = await self._polite.get(f"{site}/robots.txt", accept_errors=_NO_FILE)
        except TransientError as error:
            message = f"its robots.txt cannot be read: {error}"
            raise TransientError(message, retry_after=error.retry_after) from error
        rules = await in_thread(read_rules, answer.body) if answer.status == 200 else []  # noqa: PLR2004  # OK
        await self._redis.set(key, _RULES.dump_json(rules), ex=KEPT_S)
        return rules
