"""Mail that came back, in the shapes of the servers of the world; written for these tests."""

from typing import Final

ORIGINAL: Final = """From: Paperwire <news@papers.example.org>
To: reader@example.org
Subject: 3 papers
Message-ID: <one@papers.example.org>

A line that says 550 5.1.1 and means nothing.
"""


def status_report(
    to: str, blocks: str, *, notice: str = "It failed.", original: str = ORIGINAL, more: str = ""
) -> bytes:
    """Return a delivery status notification (RFC 3464) with the given groups of fields for recipients."""
    return f"""Return-Path: <>
Delivered-To: {to}
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
{more}Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain; charset=us-ascii

{notice}

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Sun,  1 Mar 2026 08:00:00 +0000

{blocks}
--cut
Content-Type: message/rfc822

{original}
--cut--
""".encode("latin-1")


def recipient(
    status: str = "5.1.1", diagnostic: str = "smtp; 550 5.1.1 No such user", action: str = "failed",
    address: str = "reader@example.org",
) -> str:  # fmt: skip
    return f"""Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Diagnostic-Code: {diagnostic}
"""


def complaint(to: str, original: str, kind: str = "abuse") -> bytes:
    """Return a feedback report (RFC 5965): it goes to the operator, and holds the return path inside."""
    return f"""From: feedback@provider.example
To: {to}
Subject: FW: 3 papers
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="cut"

--cut
Content-Type: text/plain

This is an email abuse report.
--cut
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Feedback/1.0
Version: 1
Original-Mail-From: <{original}>

--cut
Content-Type: message/rfc822

{ORIGINAL}
--cut--
""".encode()


def notice(to: str, text: str, sender: str = "MAILER-DAEMON@mx.example.net", subject: str = "failure notice") -> bytes:
    """Return a notice in plain text, as qmail and old servers send it, or whatever else comes to a return path."""
    return f"Return-Path: <>\nFrom: {sender}\nTo: {to}\nSubject: {subject}\n\n{text}".encode("latin-1")


QMAIL: Final = f"""Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<reader@example.org>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 <reader@example.org>: Recipient address rejected
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

{ORIGINAL}"""
EXIM: Final = f"""This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  reader@example.org
    SMTP error from remote mail server after RCPT TO:<reader@example.org>:
    host mx.example.org [192.0.2.1]: 550 No such person at this address

------ This is a copy of the message, including all the headers. ------

{ORIGINAL}"""
EXCHANGE: Final = recipient(
    "5.1.10", "smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient reader@example.org not found by SMTP address"
)
GMAIL_FULL: Final = recipient(
    "4.2.2", "smtp; 452-4.2.2 The recipient's inbox is out of storage space. https://example.com/q 452 4.2.2 - gsmtp"
)
