"""The pages behind signed links. GET changes nothing, because mail scanners open links; POST acts."""

from collections.abc import Callable, Mapping
from typing import Protocol

from aiohttp import web

from services.notifier.pages.page import Notice, Page, answered, read_form
from services.notifier.secrets.revoked_links import RevokedLinks
from services.notifier.secrets.signed_links import PATH, Action, Claim, LinkError, verify


class LinkAction(Protocol):
    """The action of a link. Both methods raise `LinkError` or `PermanentError` with a sentence for the reader."""

    async def ask(self, claim: Claim) -> Notice:
        """Show the effect of the action; this changes nothing."""
        ...

    async def act(self, claim: Claim, form: Mapping[str, str]) -> Notice:
        """Perform the action, and show its result."""
        ...


class LinkPages:
    """Answers signed links. `clock` returns Unix seconds."""

    def __init__(
        self, key: bytes, actions: Mapping[Action, LinkAction], clock: Callable[[], float], revoked: RevokedLinks
    ) -> None:
        self._revoked = revoked
        self._key = key
        self._actions = actions
        self._clock = clock

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes."""
        path = PATH + "{token}"
        return [web.get(path, answered(self.ask)), web.post(path, answered(self.act))]

    async def ask(self, request: web.Request) -> Page:
        """Show what a link would do."""
        claim, action = await self._read(request)
        return (await action.ask(claim)).page()

    async def act(self, request: web.Request) -> Page:
        """Perform the action of a link."""
        form = await read_form(request)
        claim, action = await self._read(request)
        return (await action.act(claim, form)).page()

    async def _read(self, request: web.Request) -> tuple[Claim, LinkAction]:
        claim = verify(self._key, request.match_info["token"], self._clock())
        await self._revoked.check(claim)
        if claim.action not in self._actions:
            raise LinkError("This link cannot be opened here.")
        return claim, self._actions[claim.action]
