"""Signed links: each lets its reader do one thing until it expires.

A token carries its claim in the open, so it holds nothing secret, and the signature covers all of it: a link for one
paper, subscription or action is no link for another. Opening a link changes nothing; only a POST to it acts. The
signature is that of itsdangerous; the claim carries its own expiry, because an alert has the same links at every
attempt and each kind of link has its own lifetime.
"""

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Final

from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_decode, base64_encode

LIFETIME: Final = 90 * 86_400
"""Seconds that a link in an alert is valid: mail is read late, and what a link does can be undone."""
CONFIRMATION_LIFETIME: Final = 48 * 3_600
"""Seconds in which an address has to confirm a subscription."""
_SLACK: Final = 86_400
"""Seconds by which the clocks of two processes may differ."""
PATH: Final = "/f/"
_SALT: Final = b"paperwire link 2"
"""Separates the signatures of links from whatever else is signed with the key."""


class Action(StrEnum):
    """The actions of links."""

    MORE = "more"
    LESS = "less"
    MUTE = "mute"
    PAUSE = "pause"
    RESUME = "resume"
    MANAGE = "manage"
    UNDO = "undo"
    CONFIRM = "confirm"
    UNSUBSCRIBE = "unsubscribe"
    RESUBSCRIBE = "resubscribe"
    REVOKE = "revoke"
    SUBSCRIPTIONS = "subscriptions"


class LinkError(Exception):
    """A link cannot be followed; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token allows: an action on a subscription, `about` a paper or whatever else it needs, until `expires`.

    `expires` is in Unix seconds.
    """

    action: Action
    subscription: str
    about: str
    expires: int


def make(key: bytes, claim: Claim) -> str:
    """Return the token of a claim, always the same one; it fits in the path of a URL."""
    fields = [claim.action.value, claim.subscription, claim.about, claim.expires]
    payload = base64_encode(json.dumps(fields, separators=(",", ":")))
    return _signer(key).sign(payload).decode("ascii")


def verify(key: bytes, token: str, now: float) -> Claim:
    """Return the claim of a token.

    Raises:
        LinkError: the signature is not ours, or the claim has expired (`now` is in Unix seconds).

    """
    try:
        action, subscription, about, expires = json.loads(base64_decode(_signer(key).unsign(token)))
        claim = Claim(Action(action), subscription, about, expires)
    except (BadSignature, ValueError) as error:  # the latter for lone surrogates, and for the claims of another release
        raise LinkError("This link is not valid, or was cut short. Open it again from the alert.") from error
    # A link that lives longer than others was made by an older release, but for the one that must always work.
    if now >= claim.expires or (claim.expires > now + LIFETIME + _SLACK and claim.action is not Action.UNSUBSCRIBE):
        raise LinkError("This link has expired. Use the link of a newer alert.")
    return claim


@dataclass(frozen=True, slots=True)
class Links:
    """Make the links of alerts and pages. Without a public address there are none."""

    public_url: str | None
    key: bytes

    def to(self, claim: Claim) -> str | None:
        """Return the address of a claim, or None without a public address."""
        return f"{self.public_url}{PATH}{make(self.key, claim)}" if self.public_url else None

    def feedback(self, subscription: str, paper: str, at: float, *, meaning: bool = True) -> dict[str, str]:
        """Return the links of an alert made `at` a moment (Unix seconds), by action; the same at every attempt.

        Without `meaning` a subscription matches by exact conditions only, and "more" and "less" would change nothing.
        """
        offered = (Action.MORE, Action.LESS) * meaning + (Action.MUTE, Action.PAUSE, Action.MANAGE)
        claim = Claim(Action.MANAGE, subscription, paper, int(at) + LIFETIME)
        made = {action.value: self.to(replace(claim, action=action)) for action in offered}
        return {action: link for action, link in made.items() if link}


@lru_cache(maxsize=4)
def _signer(key: bytes) -> Signer:
    """Return the signer of a key. The key of the purpose is derived once: a digest has some thirty links."""
    derived = Signer(key, salt=_SALT, key_derivation="hmac", digest_method=sha256).derive_key()
    return Signer(derived, key_derivation="none", digest_method=sha256)
