"""Links that let one reader do one thing with one click: signed, and good for a while.

A token says what it is for in the open, so it holds nothing secret, and is signed over all of it: a link for one
paper, subscription or action is no link for another. Showing one changes nothing; only a POST to it acts.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

LIFETIME: Final = 90 * 86_400
"""Seconds that a link in an alert is good for: mail is read late, and what it does can be undone."""
PATH: Final = "/f/"
_PURPOSE: Final = b"paperwire link 1\n"
_MAC: Final = 16
"""Bytes of HMAC-SHA256 that a token carries: 128 bits, as RFC 2104 allows."""


class Action(StrEnum):
    """What a link does."""

    MORE = "more"
    LESS = "less"
    MUTE = "mute"
    PAUSE = "pause"
    RESUME = "resume"
    MANAGE = "manage"
    UNDO = "undo"
    CONFIRM = "confirm"
    UNSUBSCRIBE = "unsubscribe"
    MINE = "mine"


class LinkError(Exception):
    """A token is not to be followed; the text is for the one who clicked."""


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
    """Write a token, the same one for the same claim; it fits in a URL's path as it is."""
    fields = [claim.action.value, claim.subscription, claim.about, claim.expires]
    payload = _encode(json.dumps(fields, separators=(",", ":")).encode("ascii"))
    return f"{payload}.{_encode(_sign(key, payload))}"


def verify(key: bytes, token: str, now: float) -> Claim:
    """Read a token.

    Raises:
        LinkError: it is not one of ours, or its time is over (`now`, in Unix seconds).

    """
    payload, _, mac = token.partition(".")
    try:
        genuine = hmac.compare_digest(_decode(mac), _sign(key, payload))
    except ValueError:  # not base64, or not even ASCII
        genuine = False
    if not genuine:
        raise LinkError("This link is not one of ours, or was cut short: open it again from the alert.")
    action, subscription, about, expires = json.loads(_decode(payload))
    claim = Claim(Action(action), subscription, about, expires)
    if now >= claim.expires:
        raise LinkError("This link has expired: a newer alert holds a fresh one.")
    return claim


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the links of alerts and pages; without a public address there are none."""

    public_url: str | None
    key: bytes

    def to(self, claim: Claim) -> str | None:
        """Give the address of a claim, or None where nobody could reach it."""
        return f"{self.public_url}{PATH}{make(self.key, claim)}" if self.public_url else None

    def feedback(self, subscription: str, paper: str, at: float, *, meaning: bool = True) -> dict[str, str]:
        """Give the links of an alert made at a moment (Unix seconds), by action; the same for the same alert.

        Where `meaning` does not count there is nothing to move towards a paper or away from it.
        """
        offered = (Action.MORE, Action.LESS) * meaning + (Action.MUTE, Action.PAUSE, Action.MANAGE)
        claim = Claim(Action.MANAGE, subscription, paper, int(at) + LIFETIME)
        made = {action.value: self.to(replace(claim, action=action)) for action in offered}
        return {action: link for action, link in made.items() if link}


def _sign(key: bytes, payload: str) -> bytes:
    return hmac.digest(key, _PURPOSE + payload.encode("ascii"), hashlib.sha256)[:_MAC]


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
