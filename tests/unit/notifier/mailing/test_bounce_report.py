"""Reports of mail servers and providers, in the shapes that real ones have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.mailing.bounce_report import MAX_BYTES, IgnoredError, bounded, failure_of, read_report
from services.notifier.mailing.bounces import is_bounce
from services.notifier.mailing.failure import Kind, kind_of
from services.notifier.mailing.smtp import Reply, Step
from tests.unit.notifier.mailing.returned import (
    EXCHANGE,
    EXIM,
    GMAIL_FULL,
    QMAIL,
    complaint,
    notice,
    recipient,
    status_report,
)

TO = "bounce@papers.example.org"
READER = "reader@example.org"


def kind(raw: bytes, address: str = READER) -> Kind:
    return failure_of(read_report(bounded(raw)), address).kind


REPORTS = {
    "postfix": (status_report(TO, recipient()), Kind.HARD),
    "postfix, no such domain": (status_report(TO, recipient("5.4.4", "X-Postfix; Host not found")), Kind.HARD),
    "postfix, given up": (status_report(TO, recipient("4.4.1", "X-Postfix; connect: timed out")), Kind.SOFT),
    "exim": (status_report(TO, recipient("5.0.0", "smtp; 550 Unrouteable address")), Kind.HARD),
    "exim, full": (status_report(TO, recipient("5.0.0", "smtp; 550 5.2.2 over quota")), Kind.SOFT),
    "exim without a status part": (notice(TO, EXIM, "Mail Delivery System <Mailer-Daemon@mx.example>"), Kind.HARD),
    "exchange": (status_report(TO, EXCHANGE), Kind.HARD),
    "exchange, recipient refused": (status_report(TO, recipient("5.4.1", "smtp;550 5.4.1 Access denied")), Kind.HARD),
    "gmail, full": (status_report(TO, GMAIL_FULL), Kind.SOFT),
    "gmail, not signed": (status_report(TO, recipient("5.7.26", "smtp; 550-5.7.26 unauthenticated")), Kind.SOFT),
    "mailbox full": (status_report(TO, recipient("5.2.2", "smtp; 552 5.2.2 Mailbox full")), Kind.SOFT),
    "no status, full": (status_report(TO, recipient("", "smtp; 552 no room")), Kind.SOFT),
    "delayed": (status_report(TO, recipient("4.4.1", "smtp; 451 later", "delayed")), Kind.NONE),
    "delivered": (status_report(TO, recipient("2.1.5", "smtp; 250 OK", "delivered (to mailbox)")), Kind.NONE),
    "qmail": (notice(TO, QMAIL), Kind.HARD),
    "qmail, another sender": (notice(TO, QMAIL, "admin@mx.example"), Kind.HARD),
    "qmail, full": (notice(TO, "Hi. This is the qmail\n\n<r@example.org>:\nNo space. (#5.2.2)\n"), Kind.SOFT),
    "a notice without a reason": (notice(TO, "It did not work."), Kind.SOFT),
    "latin-1": (status_report(TO, recipient("5.1.1", "smtp; 550 Bo\xeete inconnue"), notice="\xe9\xff\xfe"), Kind.HARD),
    "a complaint": (complaint(TO, TO), Kind.COMPLAINT),
    "an international report": (
        status_report(TO, recipient()).replace(b"message/delivery-status", b"message/global-delivery-status"),
        Kind.HARD,
    ),
    "headers cut off": (status_report(TO, recipient()).partition(b"Content-Type: message/rfc822")[0], Kind.HARD),
    "status part cut off": (status_report(TO, recipient()).partition(b"Diagnostic-Code")[0], Kind.HARD),
}


@pytest.mark.parametrize("name", REPORTS)
def test_reports_are_told_apart(name: str) -> None:
    raw, expected = REPORTS[name]
    assert kind(raw) is expected
    assert kind(raw.replace(b"\n", b"\r\n")) is expected


IGNORED = {
    "out of office": notice(TO, "I am away until 5.1.2027, call 550 1234.", "Reader <reader@example.org>", "Away"),
    "automatic reply with a null sender": notice(TO, "550 5.1.1", "reader@example.org", "Automatic reply: 3 papers"),
    "a reader with the name of a server": notice(TO, "I am away. Call 550 1234.", "Postmaster Jo <jo@example.org>"),
    "a receipt": notice(TO, "", "postmaster@example.org").rstrip(b"\n")
    + b"""
Content-Type: multipart/report; report-type=disposition-notification; boundary=cut

--cut
Content-Type: text/plain

Deleted unread: 550 5.1.1
--cut
Content-Type: message/disposition-notification

Disposition: automatic-action/MDN-sent-automatically; deleted
--cut--
""",
    "a notice of a delay": notice(TO, "Not delivered yet: 451 4.7.1", subject="Warning: message delayed 24 hours"),
    "feedback that is no complaint": complaint(TO, TO, "not-spam"),
    "nothing": b"",
    "garbage": bytes(range(256)) * 9,
}


@pytest.mark.parametrize("name", IGNORED)
def test_what_is_no_bounce_is_ignored(name: str) -> None:
    with pytest.raises(IgnoredError):
        read_report(bounded(IGNORED[name]))


def test_of_several_recipients_ours_counts_and_else_the_mildest() -> None:
    other = recipient("5.1.1", address="other@example.org")
    raw = status_report(TO, other + "\n" + recipient("4.2.2", "smtp; 452 full"))
    assert kind(raw) is Kind.SOFT
    assert kind(raw, "OTHER@example.org") is Kind.HARD
    assert kind(raw, "list@example.org") is Kind.SOFT
    works = recipient("2.0.0", "smtp; 250 ok", "relayed", "second@example.org")
    assert kind(status_report(TO, other + "\n" + works), "list@example.org") is Kind.NONE


@pytest.mark.parametrize(
    ("status", "diagnostic", "expected"),
    (
        ("5.1.1", "", Kind.HARD),
        ("5.0.0 (permanent failure)", "smtp; 5.1.2 bad destination", Kind.HARD),
        ("", "550 at 5.1.1.7 no status here", Kind.HARD),
        ("", "host 5.1.1.7 said nothing", Kind.SOFT),
        ("5.7.1", "550 5.7.1 relaying denied", Kind.SOFT),
        ("5.3.4", "552 too big", Kind.SOFT),
        ("5.1.8", "553 sender domain not found", Kind.SOFT),
        ("", "421 try later", Kind.SOFT),
        ("9.9.9", "gibberish", Kind.SOFT),
        ("", "554 Service unavailable; Client host [192.0.2.10] blocked using zen.example.org", Kind.SOFT),
        ("5.0.0", "smtp; 550 Message rejected as spam", Kind.SOFT),
        ("5.0.0", "smtp; 550 SPF check failed", Kind.SOFT),
        ("5.0.0", "x-unix; retry timeout exceeded", Kind.SOFT),
        ("5.0.0", "smtp; 554 dd This user doesn't have an account", Kind.HARD),
        ("5.4.316", "smtp;550 5.4.316 Message expired, connection refused", Kind.SOFT),
        ("5.2.122", "smtp;550 5.2.122 The recipient has exceeded their limit", Kind.SOFT),
        ("5.1.90", "smtp;550 5.1.90 You reached your daily limit for recipients", Kind.SOFT),
        ("5.4.6", "X-Postfix; mail loops back to myself", Kind.SOFT),
        ("5.5.0", "smtp;550 5.5.0 Requested action not taken: mailbox unavailable", Kind.HARD),
    ),
)
def test_codes_say_whether_a_failure_lasts(status: str, diagnostic: str, expected: Kind) -> None:
    assert kind_of(status, diagnostic) is expected


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    (
        (550, "5.1.1 No such user", True),
        (550, "No such user", True),
        (550, "5.2.2 Over quota", False),
        (553, "5.1.8 Sender address rejected: Domain not found", False),
        (554, "Client host [192.0.2.10] blocked using zen.example.org", False),
        (550, "5.7.1 Relaying denied", False),
        (450, "5.1.1 Greylisted", False),
    ),
)
def test_a_reply_to_a_recipient_is_judged_as_a_report(code: int, text: str, expected: bool) -> None:  # a table
    assert is_bounce(Reply(Step.RECIPIENT, code, text)) is expected
    assert not is_bounce(Reply(Step.SENDER, code, text))


def nested(kind: bytes, depth: int) -> bytes:
    return b"".join(b"Content-Type: %s; boundary=b%d\n\n--b%d\n" % (kind, level, level) for level in range(depth))


HOSTILE = {
    "nested": nested(b"multipart/mixed", 5_000),
    "messages in messages": b"Content-Type: message/rfc822\n\n" * 20_000,
    "parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 60_000,
    "one header": b"Content-Type: " + b'multipart/mixed; x="\\' * 20_000,
    "parameters": b"Content-Type: multipart/report" + b"; a=b" * 10_000 + b"\n\n",
    "folded": b"From: " + b"a\n " * 90_000,
    "dashes": b"From: postmaster@x\n\n" + b"-" * 300_000,
    "digits": b"From: postmaster@x\n\n" + b"5." * 150_000,
    "blocks": status_report(TO, "Action: failed\nStatus: 5.1.1\n\n" * 2_000),
    "status": status_report(TO, recipient("5." * 30_000, "5.1." * 30_000)),
    "encoded": b"From: postmaster@x\nContent-Transfer-Encoding: base64\n\n" + b"=" * 300_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_is_read_or_ignored(name: str) -> None:
    raw = bounded(HOSTILE[name])
    assert len(raw) <= MAX_BYTES
    expected = {"blocks": Kind.HARD} | dict.fromkeys(("dashes", "digits", "status", "encoded"), Kind.SOFT)
    assert found(raw) is expected.get(name)


def found(raw: bytes) -> Kind | None:
    try:
        return failure_of(read_report(raw), READER).kind
    except IgnoredError:
        return None


NOISE = (
    b"Content-Type: ", b"multipart/report", b"message/rfc822", b"message/delivery-status", b"; charset=utf-99",
    b"; charset*=x''%ff", b"; boundary=cut", b"Content-Transfer-Encoding: base64\n", b"=?x?q?=ff?=", b"\xff\xfe", b"\r",
    b"Content-Transfer-Encoding: x-uuencode\n", b"begin 644 x\n", b"\n\n", b"\x00", b"--cut\n", b"--cut--\n",
)  # fmt: skip


@given(st.lists(st.sampled_from(NOISE) | st.binary(max_size=20), max_size=6), st.integers(0, 2_000))
def test_a_damaged_report_is_read_or_ignored(noise: list[bytes], place: int) -> None:
    for raw in (status_report(TO, recipient()), complaint(TO, TO), notice(TO, QMAIL)):
        try:
            failures = read_report(bounded(raw[:place] + b"".join(noise) + raw[place:]))
        except IgnoredError:
            continue
        assert all(one.text.isprintable() for one in failures)
