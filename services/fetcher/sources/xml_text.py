"""Brings documents in UTF-16 to UTF-8, in which all parsers here read. Pure."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from typing import Final

BLANK: Final = BOM_UTF8 + b" \t\r\n\f\v"
"""What may stand before a document."""
_STARTS: Final = {BOM_UTF16_LE: "utf-16", BOM_UTF16_BE: "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
# The declaration of an encoding, in the first line.
_DECLARED: Final = re.compile(
    r"""(<\?xml\b[^<>]{0,200}?encoding\s{0,9}=\s{0,9}["'])[\w.:-]{1,40}(["'])""", re.IGNORECASE
)


def is_utf16(start: bytes) -> bool:
    """Return whether a document that starts like this is in UTF-16."""
    return start[:2] in _STARTS


def as_utf8(body: bytes) -> bytes:
    """Return a document in UTF-8 if it is in UTF-16, with its declaration; any other one as it is."""
    if not is_utf16(body):
        return body
    text = body.decode(_STARTS[body[:2]], "replace")
    return (_DECLARED.sub(r"\1utf-8\2", text[:1_000], count=1) + text[1_000:]).encode("utf-8", "replace")
