"""Hostile addresses of webhooks and Slack: each is refused with one clear sentence."""

import pytest
from pydantic import ValidationError

from services.notifier.fields.addresses import refuse_private
from services.notifier.subscription.model import NewSubscription
from shared.errors import PermanentError
from shared.validation_sentences import predicate

COMPLETE = "must be a complete http or https address"
HOST = "must name a host, such as example.org or an IP address"
PORT = f"{COMPLETE}, with a port between 1 and 65535 or none"
SPACES = f"{COMPLETE}, without spaces and line breaks"
USER = "must not contain a user name or password"


def refusal(kind: str, url: str) -> str:
    """Return what is wrong with the address of a channel, or "" if it is accepted."""
    try:
        new = NewSubscription.model_validate({"query": "cranes", "channel": {"type": kind, "url": url}})
        refuse_private(new.channel, ())
    except ValidationError as error:
        (one,) = error.errors(include_url=False)
        return predicate(one)
    except PermanentError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("kind", ("webhook", "slack"))
@pytest.mark.parametrize(
    ("said", "urls"),
    (
        (COMPLETE, ("//example.org/", "ftp://example.org/", "http:example.org", "http:///x", "http://[::1", "http://[]/")),
        (USER, ("http://user@a.org/", "http://u:p@a.org/", "http://@a.org/", "http://a.org\\@b.org/", "http://:@a.org")),
        (PORT, ("http://a.org:0/", "http://a.org:65536/", "http://a.org:-1/", "http://a.org:http/")),
        (HOST, ("http://a..org/", "http://.a.org/", "http://-/", "http://xn--/", "http://[v1.x]/", "http://a.org%00/")),
        (HOST, (f"http://{'a' * 64}.org/", f"http://{'a.' * 130}org/", "http://256.1.1.1/", "http://1.2.3.4.5/")),
        (HOST, ("http://[2001:db8::1].example.org/", "http://a.0x7f/")),
    ),
)  # fmt: skip
def test_an_address_of_another_form_is_refused_by_what_is_wrong(kind: str, said: str, urls: tuple[str, ...]) -> None:
    assert {url: refusal(kind, url) for url in urls} == dict.fromkeys(urls, said)


@pytest.mark.parametrize("kind", ("webhook", "slack"))
@pytest.mark.parametrize(
    "host", ("[::ffff:127.0.0.1]", "127.1", "0x7f.1", "2130706433", "localhost.", "%31%32%37.0.0.1")
)
def test_a_private_host_is_refused_in_every_spelling(kind: str, host: str) -> None:
    assert "is a private address, which PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS" in refusal(kind, f"http://{host}:8080/x")


def test_long_addresses_and_hidden_characters_are_told_apart() -> None:
    assert refusal("webhook", f"http://a.org/{'a' * 2_048}") == "must have at most 2048 characters"
    assert refusal("slack", f"http://a.org/{'a' * 4_096}") == "must have at most 4096 characters"
    for kind in ("webhook", "slack"):
        for hidden in ("\x00", "\x7f", "\ud800"):
            assert refusal(kind, f"http://a.org/{hidden}x").startswith("must not contain control characters"), hidden
        assert refusal(kind, "http://a.org/ x") == SPACES
    assert refusal("webhook", "http://a.org/\r\nX: y") == SPACES
    assert refusal("webhook", "http://exam\u200bple.org/") == HOST


@pytest.mark.parametrize("kind", ("webhook", "slack"))
@pytest.mark.parametrize(
    "url", ("https://exämple.org/ä", "http://a_b-c.example:8080/x?y#z", "HTTP://A.ORG", "http://8.8.8.8:1")
)
def test_names_of_all_languages_and_public_addresses_are_accepted(kind: str, url: str) -> None:
    assert refusal(kind, url) == ""
