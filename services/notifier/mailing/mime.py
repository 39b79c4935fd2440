"""A message as bytes for SMTP: safe headers, and bodies as text and HTML. Pure."""

import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from hashlib import sha256
from typing import Any, Final

from services.notifier.fields.mailbox import mailbox

_FOLDED: Final = SMTP.clone(max_line_length=76)  # so that an encoded word has at most 75 (RFC 2047, section 2)
_UNFOLDED: Final = SMTP.clone(max_line_length=990)
_MAX_SUBJECT: Final = 200
"""Characters of a subject; mail programs show some sixty."""

_JOINERS: Final = "\u200c\u200d"
"""Join or part letters, as in Persian, and join emoji: they are not printable, and belong to their words."""


class _Policy(EmailPolicy):
    """The SMTP policy, without folding of headers that contain an address: folding would encode it as words."""

    def fold_binary(self, name: str, value: Any) -> bytes:  # noqa: ANN401  # as its base
        policy = _UNFOLDED if name.lower().startswith(("list-", "message-id", "references")) else _FOLDED
        return policy.fold_binary(name, value)


_POLICY: Final = _Policy(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class Letter:
    """The content, recipient and list headers of a message. The same `id` makes it the same message."""

    id: str
    to: str
    subject: str
    text: str
    html: str
    at: datetime
    unsubscribe: str | None = None
    list_id: str | None = None


def sender_of(text: str) -> Address:
    """Parse `Name <address>` or an address.

    Raises:
        ValueError: the text is neither.

    """
    found = re.fullmatch(r"(?:([^<>\r\n]*)<([^<>]+)>|(\S+))", text)
    if found is None:
        raise ValueError("It must be one address, such as Paperwire <news@example.org>.")
    return Address(display_name=(found[1] or "").rstrip().strip('"'), addr_spec=mailbox(found[2] or found[3]))


def encode(letter: Letter, sender: Address) -> bytes:
    """Return a message in ASCII with CRLF, with its text and HTML as alternatives.

    Raises:
        ValueError: a header value contains a line break, which could inject headers.

    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = Address(addr_spec=letter.to)
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = message_id(letter.id, sender)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if letter.list_id:
        message["List-Id"] = f"<{letter.list_id}.{sender.domain}>"
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    boundary = "=_" + sha256(letter.id.encode()).hexdigest()[:32]  # no line of quoted-printable holds `=_`
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = f'multipart/alternative; boundary="{boundary}"'
    head = _subject(letter.subject) + b"".join(_POLICY.fold_binary(name, value) for name, value in message.items())
    parts = (_part(boundary, "plain", letter.text), _part(boundary, "html", letter.html))
    return b"\r\n".join((head, *parts, f"--{boundary}--\r\n".encode()))


def message_id(letter: str, sender: Address) -> str:
    """Return the Message-ID, the same at every attempt, so that a mailbox can recognize a repetition."""
    return f"<{letter}@{sender.domain}>"


def one_line(text: str) -> str:
    """Return a text as one line, without control characters and not longer than a subject."""
    line = " ".join("".join(c if c.isprintable() or c in _JOINERS else " " for c in text).split())
    return line if len(line) <= _MAX_SUBJECT else line[: _MAX_SUBJECT - 1].rstrip() + "…"


def _subject(text: str) -> bytes:
    """Return the subject header. The policies lose spaces between encoded words, and decode `=?…?=` in a title."""
    line = one_line(text)
    plain = line.isascii() and "=?" not in line
    header = Header(line, "us-ascii" if plain else "utf-8", maxlinelen=76, header_name="Subject")
    return b"Subject: " + header.encode(linesep="\r\n").encode("ascii") + b"\r\n"


def _part(boundary: str, kind: str, text: str) -> bytes:
    """Return a body as quoted-printable, by `binascii`: the `email` package takes ten times as long."""
    lines = text.encode("utf-8", "replace").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    encoded = binascii.b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")
    head = (
        f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    )
    return head.encode() + b"\r\n" + encoded
