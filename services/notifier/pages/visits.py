"""Who is signed in on a page: by the cookie of a session, or by a signed address from a mail.

A browser sends the cookie whoever asks it to, so what changes something by cookie also has to come from a page of this
site. A signed address needs no cookie, and nobody else knows it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from services.notifier.access.api_keys import ApiKeys
from services.notifier.secrets.revoked_links import RevokedLinks
from services.notifier.secrets.signed_links import Action, Claim, LinkError, make, verify
from services.notifier.subscription.owners import MAIL, mail_owner
from services.notifier.subscription.store import Row
from shared.http import Problem
from shared.http.same_origin import is_same_origin
from shared.http.site import origin, path_to
from shared.readers.api_key import KeyInfo, Scope, digest
from shared.readers.sessions import COOKIE, LIFETIME, Session, end_session, end_sessions, read_session, start_session

PATH: Final = "/my"
TOKEN: Final = "{token:[A-Za-z0-9_.-]+}"  # noqa: S105  # a part of a path
BY_COOKIE: Final = "subscriptions"
"""What stands in the paths of a reader with a cookie where others have the signed part of their address."""
_NEEDED: Final = frozenset({Scope.READ, Scope.SUBSCRIBE})
"""The scopes of a key that signs in."""
_FOREIGN: Final = "This was sent from another site, so nothing was changed. Use the page of this site."


@dataclass(frozen=True, slots=True)
class Visit:
    """A reader who is signed in; `path` is that of their subscriptions, and `signed` whether it proves who they are."""

    owner: str
    path: str
    signed: bool

    @property
    def home(self) -> str:
        """The address of the list of their subscriptions."""
        return path_to(self.path if self.signed else PATH)

    def page(self, subscription: str) -> str:
        """Return the address of one of their subscriptions."""
        return path_to(f"{self.path}/{subscription}")

    def done(self, sentence: str, subscription: str | None = None) -> str:
        """Return the address of the list, or of a subscription, that says what was done."""
        return f"{self.page(subscription) if subscription else self.home}?{urlencode({'done': sentence})}"


class Visits:
    """Starts, continues and ends sessions. `clock` returns Unix seconds."""

    def __init__(self, key: bytes, keys: ApiKeys, clock: Callable[[], float], revoked: RevokedLinks) -> None:
        """`key` signs links."""
        self._key = key
        self._keys = keys
        self._revoked = revoked
        self._clock = clock
        self._redis = keys.redis

    async def start_by_key(self, api_key: str) -> str | None:
        """Start a session, and return its token; None for a key that is unknown, expired, or may not subscribe."""
        text, now = api_key.strip(), int(self._clock())
        info = await self._keys.find(text)
        if info is None or not self._opens(info):
            return None
        until = int(info.expires_at.timestamp()) if info.expires_at else now + LIFETIME
        token = await self._start(Session(owner=info.id, key=digest(text), expires=min(now + LIFETIME, until)))
        if await self._keys.find(text) is None:  # it was revoked meanwhile, which ended the sessions before this one
            await self.end(token)
            return None
        return token

    async def start_by_link(self, token: str) -> str:
        """Start a session by the signed address of a mail; raises as `by_link`."""
        claim = await self._claim(token)
        expires = min(int(self._clock()) + LIFETIME, claim.expires)
        return await self._start(Session(owner=claim.subscription, expires=expires))

    async def end(self, token: str) -> None:
        """End the session of a token, if there is one."""
        if session := await read_session(self._redis, token):
            await end_session(self._redis, session, token)

    async def end_by_mail(self, claim: Claim, row: Row) -> None:
        """End the sessions of the address that a link was mailed to, if it owns the subscription."""
        if row.owner == mail_owner(claim.about):
            await end_sessions(self._redis, row.owner)

    def link(self, claim: Claim, row: Row) -> Visit | None:
        """Return the signed address for the link to manage a subscription, or None if its address does not own it."""
        owner = mail_owner(claim.about)
        if row.owner != owner:
            return None
        token = make(self._key, Claim(Action.SUBSCRIPTIONS, owner, "", claim.expires))
        return Visit(owner, f"{PATH}/{token}", signed=True)

    async def by_link(self, token: str) -> Visit:
        """Return who a signed address is of.

        Raises:
            LinkError: it has expired or was revoked, or is not one of these.

        """
        return Visit((await self._claim(token)).subscription, f"{PATH}/{token}", signed=True)

    async def by_cookie(self, request: web.Request) -> Visit | None:
        """Return who is signed in, or None.

        Raises:
            Problem: 403 the request changes something, and a page of another site sent it.

        """
        session = await read_session(self._redis, request.cookies.get(COOKIE, ""))
        if session is None or not await self._continues(session):
            return None
        if request.method not in ("GET", "HEAD"):
            check_origin(request)
        return Visit(session.owner, f"{PATH}/{BY_COOKIE}", signed=False)

    async def of(self, request: web.Request, token: str) -> Visit:
        """Return who a page below /my is for, by its cookie or by the signed part of its address.

        Raises:
            LinkError: nobody is signed in.
            Problem: as `by_cookie`.

        """
        if token != BY_COOKIE:
            return await self.by_link(token)
        visit = await self.by_cookie(request)
        if visit is None:
            raise LinkError(f"You are not signed in. Sign in at {path_to(PATH)}.")
        return visit

    async def _start(self, session: Session) -> str:
        return await start_session(self._redis, session, self._clock())

    async def _claim(self, token: str) -> Claim:
        claim = verify(self._key, token, self._clock())
        await self._revoked.check(claim)
        if claim.action is not Action.SUBSCRIPTIONS or not claim.subscription.startswith(MAIL):
            raise LinkError(f"This visit has ended. Sign in again at {path_to(PATH)}.")
        return claim

    async def _continues(self, session: Session) -> bool:
        """Return whether a session goes on: it has not expired, nor has the API key that started it."""
        if session.expires <= self._clock():
            return False
        if not session.key:
            return True
        info = await self._keys.find_digest(session.key)
        return info is not None and info.id == session.owner and self._opens(info)

    def _opens(self, info: KeyInfo) -> bool:
        return not info.expired(self._keys.now()) and _NEEDED.issubset(info.scopes)


def check_origin(request: web.Request) -> None:
    """Raise the problem 403 for a request that a page of another site sent."""
    if not is_same_origin(request.headers, request.host, origin()):
        raise Problem(403, _FOREIGN)


def remember(response: web.StreamResponse, token: str) -> None:
    """Give a browser the cookie of a session."""
    secure = origin().startswith("https:")
    response.set_cookie(
        COOKIE, token, max_age=LIFETIME, path=path_to("") or "/", secure=secure, httponly=True, samesite="Lax"
    )


def forget(response: web.StreamResponse) -> None:
    """Take the cookie of a session from a browser."""
    response.del_cookie(COOKIE, path=path_to("") or "/")
