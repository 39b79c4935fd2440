"""How the address of something is shown in logs and errors: without what opens it. Pure."""

import re
from typing import Final

HIDDEN: Final = "…"
_USER: Final = re.compile(r"^((?:(?!//)[^@])*//)?.*@", re.DOTALL)
# What services put into a path to authorize a call, by the segment that stands before it; and signed links of ours.
_AFTER: Final = re.compile(
    r"(?<=/)(services|webhooks|webhook|hook|hooks|bot|private|f|rooms|send|triggers)(?P<rest>/[^?#]*)", re.IGNORECASE
)
_TOKEN: Final = re.compile(r"(?<=/)(?=[^/?#]*[0-9_:=-])[^/?#.]{16,}|(?<=/)bot\d+:[^/?#]+")
_QUERY: Final = re.compile(r"([?#]).*", re.DOTALL)


def shown(address: str) -> str:
    """Return an address without user info, query and fragment, and without segments of its path that may be tokens."""
    text = _QUERY.sub(lambda found: found[1] + HIDDEN, _USER.sub(rf"\1{HIDDEN}@", address))
    text = _AFTER.sub(lambda found: found[1] + re.sub(r"[^/]+", HIDDEN, found["rest"]), text)
    return _TOKEN.sub(HIDDEN, text)
