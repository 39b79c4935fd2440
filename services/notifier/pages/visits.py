"""Sessions of readers: a signed address proves who may see subscriptions, as with the links of alerts.

There is no cookie, so no other site can act in a reader's name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from services.notifier.access.api_keys import ApiKeys, KeyInfo, Scope, digest
from services.notifier.secrets.revoked_links import RevokedLinks
from services.notifier.secrets.signed_links import Action, Claim, LinkError, make, verify
from services.notifier.subscription.owners import mail_owner
from services.notifier.subscription.store import Row
from shared.http.site import path_to

PATH: Final = "/my"
VISIT_S: Final = 12 * 3_600
"""Seconds that a visit with an API key lasts."""
_NEEDED: Final = frozenset({Scope.READ, Scope.SUBSCRIBE})
"""The scopes of a key that starts a visit."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A reader whose subscriptions are shown; `token` is the signed part of their address."""

    owner: str
    token: str

    @property
    def home(self) -> str:
        """The address of the list of their subscriptions."""
        return path_to(f"{PATH}/{self.token}")

    def page(self, subscription: str) -> str:
        """Return the address of one of their subscriptions."""
        return f"{self.home}/{subscription}"


class Visits:
    """Starts sessions, by API key or by a link from a mail, and continues them. `clock` returns Unix seconds."""

    def __init__(self, key: bytes, keys: ApiKeys, clock: Callable[[], float], revoked: RevokedLinks) -> None:
        """`key` signs links."""
        self._key = key
        self._keys = keys
        self._revoked = revoked
        self._clock = clock

    async def start_by_key(self, api_key: str) -> Visit | None:
        """Start a session, or return None for a key that is unknown, has expired, or may not change subscriptions."""
        text = api_key.strip()
        info = await self._keys.find(text)
        if info is None or not self._opens(info):
            return None
        return self._visit(info.id, int(self._clock()) + VISIT_S, digest(text))

    def _opens(self, info: KeyInfo) -> bool:
        return not info.expired(self._keys.now()) and _NEEDED.issubset(info.scopes)

    def start_by_mail(self, claim: Claim, row: Row) -> Visit | None:
        """Start a session from the link to manage a subscription, or return None if its address does not own it."""
        owner = mail_owner(claim.about)
        return self._visit(owner, claim.expires) if row.owner == owner else None

    async def resume(self, token: str) -> Visit:
        """Continue a session.

        Raises:
            LinkError: it has expired, its key was revoked or rotated, or the token is not one of a visit.

        """
        claim = verify(self._key, token, self._clock())
        await self._revoked.check(claim)
        if claim.action is not Action.SUBSCRIPTIONS or not await self._continues(claim):
            raise LinkError(f"This visit has ended. Sign in again at {path_to(PATH)}.")
        return Visit(claim.subscription, token)

    async def _continues(self, claim: Claim) -> bool:
        """Return whether a visit by mail, or by an API key that is still valid, goes on."""
        if claim.subscription.startswith("mail:"):
            return True
        info = await self._keys.find_digest(claim.about)
        return info is not None and info.id == claim.subscription and self._opens(info)

    def _visit(self, owner: str, expires: int, about: str = "") -> Visit:
        return Visit(owner, make(self._key, Claim(Action.SUBSCRIPTIONS, owner, about, expires)))
