"""Messages as a mail client reads them: two bodies, one-click unsubscribe, and no way into the headers."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.fields.mailbox import mailbox
from services.notifier.mailing.mime import Letter, encode, message_id, one_line, sender_of

SENDER = sender_of("Paperwire <news@papers.example.org>")
LINK = "https://papers.example.org/f/" + "a1B2-_." * 60


def letter(**fields: Any) -> Letter:
    base: dict[str, Any] = {
        "id": "0a4d7c1e-0000-5000-8000-000000000001",
        "to": "reader@example.org",
        "subject": "3 papers for cranes",
        "text": "Hello\n",
        "html": "<p>Hello</p>\n",
        "at": datetime(2026, 3, 1, 8, tzinfo=UTC),
        "unsubscribe": LINK,
        "list_id": "5d1f0f6e",
    }
    return Letter(**base | fields)


def read(raw: bytes) -> EmailMessage:
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    assert parsed.defects == []
    return parsed


def test_a_message_has_the_required_headers() -> None:
    message = read(encode(letter(), SENDER))
    assert message["From"] == "Paperwire <news@papers.example.org>"
    assert message["To"] == "reader@example.org"
    assert message["Subject"] == "3 papers for cranes"
    assert message["Date"].datetime == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert message["Message-ID"] == "<0a4d7c1e-0000-5000-8000-000000000001@papers.example.org>"
    assert message["List-Id"] == "<5d1f0f6e.papers.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_unsubscribing_is_one_click_however_long_the_link_is() -> None:
    """RFC 8058; a folded or encoded address would break it."""
    raw = encode(letter(), SENDER)
    assert f"\r\nList-Unsubscribe: <{LINK}>\r\n".encode() in raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


@pytest.mark.parametrize(
    "subject",
    [
        "“deep” ανάλυση — β große системы ανάλυση ανάλυση Schrödinger Λογική für",
        "A title with =?utf-8?q?an=0D=0Aencoded?= word",
        "A long title in plain words: of cranes, swans; and of whatever else can be folded out of paper, (2nd edition)",
    ],
)
def test_a_subject_arrives_as_it_was(subject: str) -> None:
    assert read(encode(letter(subject=subject), SENDER))["Subject"] == subject


@given(text=st.text(), html=st.text(), subject=st.text(max_size=400))
def test_any_text_arrives_and_adds_no_header(text: str, html: str, subject: str) -> None:
    raw = encode(letter(text=text, html=html, subject=subject), SENDER)
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    message = read(raw)
    plain, rich = (part.get_content() for part in message.iter_parts())
    assert settled(plain) == settled(text)
    assert settled(rich) == settled(html)
    assert str(message["Subject"]).split() == one_line(subject).split()
    assert set(message.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "List-Id",
        "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
    }  # fmt: skip


def settled(text: str) -> str:
    """Leave out what a mail cannot keep: how lines end, and halves of characters."""
    return re.sub("\r\n?", "\n", text).encode("utf-8", "replace").decode()


def test_a_title_cannot_add_a_recipient() -> None:
    message = read(encode(letter(subject="Cranes\r\nBcc: everyone@example.org\r\n\r\nBody"), SENDER))
    assert message["Bcc"] is None
    assert message["Subject"] == "Cranes Bcc: everyone@example.org Body"


@pytest.mark.parametrize("field", ("to", "unsubscribe", "list_id", "id"))
def test_a_line_break_in_a_header_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=r"line|valid|CR"):
        encode(letter(**{field: "a@example.org\r\nBcc: b@example.org"}), SENDER)


def test_a_message_is_the_same_every_time() -> None:
    assert encode(letter(), SENDER) == encode(letter(), SENDER)
    assert message_id("a", SENDER) == "<a@papers.example.org>"


def test_long_subjects_in_any_script_stay_within_encoded_words() -> None:
    raw = encode(letter(subject="論文の折り紙 " * 20), SENDER)
    assert all(len(word) <= 75 for word in re.findall(rb"=\?utf-8\?\S*\?=", raw))


@pytest.mark.parametrize(
    ("text", "address"),
    (
        ("Reader@Example.org", "Reader@example.org"),
        ("a.b+tag@sub.example.org", "a.b+tag@sub.example.org"),
        ("reader@bücher.example", "reader@xn--bcher-kva.example"),
        ("reader@mail.test", "reader@mail.test"),
        ("reader@intranet", "reader@intranet"),
    ),
)
def test_a_valid_address_is_accepted(text: str, address: str) -> None:
    assert mailbox(text) == address


@pytest.mark.parametrize(
    "text",
    (
        "", "reader", "@example.org", "reader@", "a b@example.org", "a@b@example.org", "Reader <r@example.org>",
        "r@example.org\r\nBcc: x@example.org", "r@example.org\n", "r@example.org, x@example.org", '"a b"@example.org',
        "rüder@example.org", "r@[127.0.0.1]", "r..r@example.org", f"{'r' * 65}@example.org", "r@example.org\x00",
        f"r@{'.'.join(['e' * 60] * 5)}", "r@exa mple.org", "r@-example.org", "<r@example.org>", "r%x@example.org\r",
    ),
)  # fmt: skip
def test_an_invalid_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        mailbox(text)


@pytest.mark.parametrize(
    "text", ("", "Paperwire", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", "a@", "N <a@b>\n")
)
def test_a_sender_is_one_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        sender_of(text)


@pytest.mark.parametrize("subject", ("\u0645\u06cc\u200c\u062e\u0648", "\U0001f469\u200d\U0001f4bb codes"))
def test_a_subject_keeps_what_joins_letters_and_emoji(subject: str) -> None:
    assert one_line(subject) == subject
