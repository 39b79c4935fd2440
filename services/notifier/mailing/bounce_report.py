"""What a mail server or a provider reports about a message of ours: bounces and complaints. Pure.

Read are delivery status notifications (RFC 3464, RFC 6533), feedback reports (RFC 5965), and the notices in plain text
of qmail and of old servers. Anybody can send such a message, so nothing in it is believed before a token proves that it
is about a message of ours.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import HeaderParser
from email.policy import compat32
from email.utils import parseaddr
from itertools import islice
from typing import Final

from services.notifier.fields.mailbox import identity
from services.notifier.mailing.failure import Kind, find_status, kind_of
from services.notifier.mailing.mime import one_line

MAX_BYTES: Final = 256 * 1024
"""Bytes of a message that are read. What it is about comes first; the rest is the returned message."""
_LIMITS: Final = ((re.compile(rb"^--", re.MULTILINE), 500), (re.compile(rb"multipart/|message/", re.IGNORECASE), 20))
"""Where to cut a message of many parts, or of parts in parts, and after how many: the parser would take long."""
_MAX_BLOCKS: Final = 100
_MAX_NOTICE: Final = 8_000
"""Characters of a notice in plain text."""
_STATUS_PARTS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_COMPLAINTS: Final = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})
"""Types of feedback (RFC 5965, section 7.3) with which a reader says that the message is not wanted."""
_SERVER: Final = re.compile(r"(?:mailer-?daemon|postmaster|mdaemon)(?:@|$)", re.IGNORECASE)
"""The address of a server. Its name proves nothing: a reader may be named Postmaster."""
_QMAIL: Final = "Hi. This is the"
_COPY: Final = re.compile(r"^-{3,}.*$", re.MULTILINE)
"""Where the copy of the returned message begins in a notice in plain text."""
_DELAY: Final = re.compile(r"\bdelay|\bwarning\b|not yet", re.IGNORECASE)


class IgnoredError(Exception):
    """A message reports neither a bounce nor a complaint; the text says what it is instead."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What is reported about one recipient, whose `addresses` may be none, or those that it was forwarded to."""

    kind: Kind
    text: str
    addresses: frozenset[str] = frozenset()


def bounded(raw: bytes) -> bytes:
    """Return the beginning of a message, so much of it as can be parsed in a moment."""
    raw = raw[:MAX_BYTES]
    for pattern, most in _LIMITS:
        beyond = next(islice(pattern.finditer(raw), most, None), None)
        raw = raw[: beyond.start()] if beyond else raw
    return raw


def read_report(raw: bytes) -> list[Failure]:
    """Return what a bounded message reports, for each recipient; at least one.

    Raises:
        IgnoredError: the message is neither a bounce nor a complaint.

    """
    message = message_from_bytes(raw, policy=compat32)
    for part in message.walk():
        kind = part.get_content_type()
        if kind in _STATUS_PARTS and (blocks := _recipients(part)):
            return [_failure(block) for block in blocks]
        if kind.startswith("message/disposition-"):
            raise IgnoredError("a receipt: the mail was read or deleted")
        if kind == "message/feedback-report":
            return [_complaint(part)]
    return [_from_notice(message)]


def failure_of(failures: list[Failure], address: str) -> Failure:
    """Return what is reported about an address. If it is not named, it was forwarded: the mildest says more.

    An address that forwards to several mailboxes takes mail while one of them does.
    """
    named = [one for one in failures if identity(address) in one.addresses]
    return min(named or failures, key=lambda one: list(Kind).index(one.kind))


def _blocks(part: Message) -> Iterator[Mapping[str, str]]:
    """Yield the groups of fields of a report, however the parser took its type."""
    inner = part.get_payload()
    for one in inner if isinstance(inner, list) else ():
        if not isinstance(one, Message):
            continue
        yield _fields(one)
        rest = one.get_payload()
        for text in re.split(r"\r?\n\s*\n", rest)[:_MAX_BLOCKS] if isinstance(rest, str) else ():
            yield _fields(HeaderParser(policy=compat32).parsestr(text))


def _fields(block: "Message[str, str]") -> Mapping[str, str]:
    return {name.lower(): " ".join(str(value).split()) for name, value in block.items()}


def _recipients(part: Message) -> list[Mapping[str, str]]:
    found = (block for block in _blocks(part) if "final-recipient" in block or "action" in block)
    return list(islice(found, _MAX_BLOCKS))


def _failure(block: Mapping[str, str]) -> Failure:
    status, diagnostic = block.get("status", ""), block.get("diagnostic-code", "")
    names = (block.get(f"{which}-recipient", "").rpartition(";")[2] for which in ("final", "original"))
    addresses = frozenset(identity(name.strip(" <>")) for name in names if name)
    action = block.get("action", "failed").lower()
    if not action.startswith("fail"):
        return Failure(Kind.NONE, one_line(action), addresses)
    said = diagnostic.partition(";")[2].strip() or diagnostic
    text = said if find_status(said) or not status else f"{status} {said}".strip()
    return Failure(kind_of(status, diagnostic), one_line(text), addresses)


def _complaint(part: Message) -> Failure:
    fields = next(_blocks(part), {})
    kind, agent = fields.get("feedback-type", "").lower(), fields.get("user-agent", "unknown")
    if kind not in _COMPLAINTS:
        raise IgnoredError(f"a feedback report of the type {one_line(kind) or 'unknown'}")
    return Failure(Kind.COMPLAINT, one_line(f"{kind}, reported by {agent}"))


def _from_notice(message: Message) -> Failure:
    """Read a notice in plain text. Automatic replies come from readers, notices from a server."""
    text = _text(message)
    server = _SERVER.match(parseaddr(str(message.get("From", "")))[1]) or message.get("X-Failed-Recipients")
    if not (server or text.startswith(_QMAIL)):
        raise IgnoredError("an automatic reply, or a message of a person")
    if _DELAY.search(str(message.get("Subject", ""))):
        raise IgnoredError("a notice of a delay")
    line = next((line for line in text.splitlines() if find_status(line)), "")
    return Failure(kind_of("", line or text), one_line(line) or "the notice does not say why")


def _text(message: Message) -> str:
    """Return the beginning of the first text of a message, without the returned message."""
    part = next((each for each in message.walk() if each.get_content_type() == "text/plain"), None)
    raw = part.get_payload(decode=True) if part else None
    text = raw.decode("utf-8", "replace")[:_MAX_NOTICE].lstrip() if isinstance(raw, bytes) else ""
    return _COPY.split(text, maxsplit=1)[0]
