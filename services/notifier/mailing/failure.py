"""How lasting a failure is, from its status: the codes of RFC 3463, else those of SMTP (RFC 5321). Pure."""

import re
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """The kinds of reports, the mildest first. A hard failure will not pass, a soft one may."""

    NONE = "none"
    SOFT = "soft"
    HARD = "hard"
    COMPLAINT = "complaint"


_ENHANCED: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_REPLY: Final = re.compile(r"(?<![\d.])([45]\d\d)(?=[ -]|$)")
_FULL: Final = re.compile(
    r"quota|(?:mailbox|inbox|account)(?: is)? full|insufficient (?:disk )?s(?:torage|pace)", re.IGNORECASE
)
_OURS: Final = re.compile(
    r"spam|junk|virus|\b(?:spf|dkim|dmarc|rbl)\b|block(?:ed|list)|black ?list|reputation|policy|"
    r"expired|timeout|timed out",
    re.IGNORECASE,
)
"""Words of servers that refuse the sender or the content, or gave up on a server, and give no exact code for it."""
_PASSING: Final = frozenset({
    "5.1.7", "5.1.8", "5.1.90", "5.2.2", "5.2.3", "5.2.121", "5.2.122", "5.3.1", "5.3.2", "5.3.4", "5.4.6", "5.4.7",
    "5.4.14", "5.5.1", "5.5.2", "5.5.3", "5.5.4",
})  # fmt: skip
"""Codes that are permanent for the message and not for the address: our sender address, a full mailbox, a limit, the
size, a loop, the time, the protocol. Those of two or three digits are codes of Microsoft 365."""
_EXPIRED: Final = re.compile(r"5\.4\.3\d\d")
"""Codes of Microsoft 365: another server was not reached, for whatever reason the text gives."""
_PASSING_SUBJECTS: Final = frozenset({"6", "7"})
"""The content, and policy: the message looked like spam or was not signed, which the operator has to mend."""
_PASSING_REPLIES: Final = frozenset({"503", "530", "535", "538", "552"})
"""Replies about our authentication or command order, and of a full mailbox."""


def find_status(text: str) -> str | None:
    """Return the first code of a status or of a reply in a text."""
    found = _ENHANCED.search(text) or _REPLY.search(text)
    return found[0] if found else None


def kind_of(status: str, diagnostic: str) -> Kind:
    """Return the kind of a failure. A status that says nothing (`5.0.0`) gives way to what the server said."""
    exact = next((one for one in map(_ENHANCED.search, (status, diagnostic)) if one and one[2] != "0"), None)
    if exact:
        passing = exact[0] in _PASSING or exact[2] in _PASSING_SUBJECTS or _EXPIRED.fullmatch(exact[0])
        return Kind.HARD if exact[1] == "5" and not passing else Kind.SOFT
    reply = _REPLY.search(diagnostic)
    if _FULL.search(diagnostic) or _OURS.search(diagnostic) or (reply and reply[1] in _PASSING_REPLIES):
        return Kind.SOFT
    code = reply or _ENHANCED.search(status) or _ENHANCED.search(diagnostic)
    return Kind.HARD if code and code[1].startswith("5") else Kind.SOFT
