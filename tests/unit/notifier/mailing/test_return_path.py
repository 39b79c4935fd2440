"""Return paths: each is about one delivery to one address, and nobody else can write it."""

import uuid

import pytest

from services.notifier.mailing.return_path import ReturnPath, find_tokens
from services.notifier.mailing.transport import return_path
from services.notifier.settings import NotifierSettings
from shared.errors import ConfigurationError

KEY = b"k" * 32
DELIVERY = "0a4d7c1e-2f0b-5b58-8f3b-6a1c2b7e9d40"
READER = "reader@example.org"
ADDRESS = ReturnPath.parse("bounce@papers.example.org").of(KEY, DELIVERY, READER)


def test_a_return_path_names_its_delivery_and_hides_its_address() -> None:
    local, _, domain = ADDRESS.partition("@")
    assert (local.startswith("bounce+"), domain, len(local) <= 64) == (True, "papers.example.org", True)
    assert "reader" not in ADDRESS
    (token,) = find_tokens(b"X-Original-To: <%s>\nTo: %s\n" % (ADDRESS.encode(), ADDRESS.upper().encode()))
    assert token.delivery == DELIVERY
    assert token.proves(KEY, "Reader@Example.org")


def test_a_token_proves_nothing_about_another_address_delivery_or_key() -> None:
    (token,) = find_tokens(ADDRESS.encode())
    assert not token.proves(KEY, "other@example.org")
    assert not token.proves(b"x" * 32, READER)
    other = ReturnPath("bounce", "papers.example.org").of(KEY, str(uuid.uuid4()), READER)
    mixed = other[:20] + ADDRESS[20:]
    assert not any(one.proves(KEY, READER) for one in find_tokens(mixed.encode()))


def test_few_tokens_are_looked_at() -> None:
    made = [ReturnPath("b", "x.example").of(KEY, str(uuid.uuid4()), READER) for _ in range(50)]
    assert len(find_tokens("\n".join(made).encode())) == 8


@pytest.mark.parametrize(
    ("text", "words"),
    (
        ("bounce", "@"),
        ("a b@example.org", "SPACE"),
        ("undeliverable-mails@example.org", "at most 18 characters"),
        (f"b@{'x.' * 104}org", "too long"),
    ),
)
def test_an_unusable_return_path_says_why(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^PAPERWIRE_MAIL_RETURN_PATH is not valid: .*{words}"):
        return_path(NotifierSettings.load(mail_return_path=text))
    assert return_path(NotifierSettings.load()) is None
