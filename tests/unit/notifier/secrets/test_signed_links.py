"""Signed links: only a token with our signature is accepted, as it was signed."""

import base64
import hashlib
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from itsdangerous import Signer

from services.notifier.secrets.signed_links import LIFETIME, PATH, Action, Claim, LinkError, Links, make, verify

KEY = b"k" * 32
CLAIM = Claim(Action.MORE, "5d1f0f6e-7a3c-4c0e-9d8a-000000000001", "arXiv:2603.00001", 1_800_000_000)
FORGED = ("", ".", "a.b", "é.é", "a" * 5_000, "\ud800.\ud800", make(b"x" * 32, CLAIM), make(KEY, CLAIM)[:-1])
TEXTS = st.text(max_size=40)
CLAIMS = st.builds(Claim, st.sampled_from(Action), TEXTS, TEXTS, st.integers(1, 4_000_000_000))


@given(CLAIMS)
def test_a_token_round_trips_and_fits_in_a_path(claim: Claim) -> None:
    token = make(KEY, claim)
    assert verify(KEY, token, claim.expires - 1) == claim
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@given(CLAIMS, st.data())
def test_a_changed_token_is_refused(claim: Claim, data: st.DataObject) -> None:
    payload, _, mac = make(KEY, claim).partition(".")
    place = data.draw(st.integers(0, len(payload) - 1))
    other = data.draw(st.sampled_from("ABab01-_"))
    assume(payload[place] != other)
    with pytest.raises(LinkError):
        verify(KEY, f"{payload[:place]}{other}{payload[place + 1 :]}.{mac}", 0)


@pytest.mark.parametrize("token", FORGED)
def test_a_token_without_our_signature_is_refused(token: str) -> None:
    with pytest.raises(LinkError, match="not valid"):
        verify(KEY, token, 0)


def test_a_signature_for_another_action_is_refused() -> None:
    mac = make(KEY, CLAIM).partition(".")[2]
    fields = ["pause", CLAIM.subscription, CLAIM.about, CLAIM.expires]
    forged = base64.urlsafe_b64encode(json.dumps(fields, separators=(",", ":")).encode()).decode().rstrip("=")
    with pytest.raises(LinkError):
        verify(KEY, f"{forged}.{mac}", 0)


def test_a_signature_for_another_purpose_is_refused() -> None:
    """INVARIANT: a signature with the same key and another salt is no valid link."""
    payload = make(KEY, CLAIM).partition(".")[0]
    other = Signer(KEY, salt=b"another purpose", key_derivation="hmac", digest_method=hashlib.sha256)
    with pytest.raises(LinkError):
        verify(KEY, other.sign(payload).decode(), 0)


@pytest.mark.parametrize("fields", (["snooze", "s", "p", 2_000_000_000], ["more", "s"]), ids=str)
def test_a_claim_of_another_release_is_refused(fields: list[str | int]) -> None:
    payload = base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=")
    signer = Signer(KEY, salt=b"paperwire link 2", key_derivation="hmac", digest_method=hashlib.sha256)
    derived = Signer(signer.derive_key(), key_derivation="none", digest_method=hashlib.sha256)
    with pytest.raises(LinkError, match="not valid"):
        verify(KEY, derived.sign(payload).decode(), 0)


def test_a_link_expires() -> None:
    token = make(KEY, CLAIM)
    assert verify(KEY, token, CLAIM.expires - 0.001) == CLAIM
    with pytest.raises(LinkError, match="expired"):
        verify(KEY, token, CLAIM.expires)


def test_the_links_of_an_alert_are_deterministic() -> None:
    links = Links("https://papers.example/wire", KEY)
    made = links.feedback("s", "p", 1_000.0)
    assert made == links.feedback("s", "p", 1_000.0)
    assert set(made) == {"more", "less", "mute", "pause", "manage"}
    assert set(links.feedback("s", "p", 1_000.0, meaning=False)) == {"mute", "pause", "manage"}
    token = made["mute"].removeprefix("https://papers.example/wire" + PATH)
    assert verify(KEY, token, 2_000) == Claim(Action.MUTE, "s", "p", 1_000 + LIFETIME)


def test_without_a_public_address_there_are_no_links() -> None:
    assert Links(None, KEY).feedback("s", "p", 0) == {}
