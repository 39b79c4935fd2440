"""The validation of subscriptions."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from services.notifier.secrets.vault import Secrets
from services.notifier.subscription.model import NewSubscription, SubscriptionPatch
from services.notifier.subscription.sensitivity import ABSTRACT_THRESHOLD, DEFAULT_THRESHOLD, MIN_ABSTRACT_LENGTH
from tests.unit.notifier.examples import subscription

HOOK = {"type": "webhook", "url": "https://example.org/hook"}


def made(**fields: object) -> NewSubscription:
    return NewSubscription.model_validate({"channel": HOOK, **fields})


def test_ids_are_canonical_and_unique() -> None:
    one = made(like=["2401.00001v2", "https://arxiv.org/abs/2401.00001"], categories=["cs.CL", " cs.CL "])
    assert one.like == ("arXiv:2401.00001",)
    assert one.categories == ("cs.CL",)


def test_the_threshold_applies_only_with_a_vector() -> None:
    assert made(query="cranes", sensitivity=0.6).threshold == 0.6
    assert made(categories=["cs.CL"], sensitivity=0.6).threshold == 0.0


def test_a_pasted_abstract_has_a_threshold_of_its_own() -> None:
    assert made(query="x" * (MIN_ABSTRACT_LENGTH - 1)).sensitivity == DEFAULT_THRESHOLD
    assert made(query="x" * MIN_ABSTRACT_LENGTH).sensitivity == ABSTRACT_THRESHOLD
    assert made(query="x" * MIN_ABSTRACT_LENGTH, sensitivity=0.5).sensitivity == 0.5


def test_a_volume_has_the_default_threshold_until_it_is_tuned() -> None:
    assert made(query="x", sensitivity={"per_week": 5}).threshold == DEFAULT_THRESHOLD
    found = {"threshold": 0.61, "per_week": 4.9, "at": "2026-03-01T08:00:00Z"}
    tuned = subscription(query="x", sensitivity={"per_week": 5}, tuning=found)
    assert (tuned.threshold, tuned.model_dump()["threshold"]) == (0.61, 0.61)
    assert tuned.tuning
    assert tuned.tuning.due == datetime(2026, 3, 2, 8, tzinfo=UTC).timestamp()
    assert subscription(query="x", sensitivity=0.3, tuning=found).threshold == 0.3


def test_a_name_is_derived_from_the_conditions() -> None:
    assert made(query="x" * 100).title == "x" * 80
    assert made(must=["a b"], categories=["cs.CL"]).title == "a b, cs.CL"
    assert made(query="x", name="mine").title == "mine"


@pytest.mark.parametrize(
    "url", ("http://example.org", "https://example.org:8443/a?b=c", "http://[2001:db8::1]/", "http://10.0.0.1/")
)
def test_an_address_is_accepted(url: str) -> None:
    assert made(query="x", channel=HOOK | {"url": url}).channel.model_dump()["url"] == url


@pytest.mark.parametrize(
    "url", ("", "example.org", "javascript:alert(1)", "http:///path", "http://[::1", "http://a:0/", "https://u@h/")
)
def test_an_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        made(query="x", channel=HOOK | {"url": url})


def test_null_in_a_patch_restores_the_default() -> None:
    patch = SubscriptionPatch.model_validate({"sensitivity": None, "not": None, "query": None})
    assert patch.model_dump(by_alias=True, exclude_unset=True) == {"sensitivity": None, "not": (), "query": None}


@pytest.mark.parametrize("kind", [NewSubscription, SubscriptionPatch])
def test_merge_must_be_a_boolean(kind: type[NewSubscription | SubscriptionPatch]) -> None:
    with pytest.raises(ValidationError, match="merge"):
        kind.model_validate({"channel": HOOK, "categories": ["cs.CL"], "merge": 1})


def test_a_patch_of_nothing_changes_nothing() -> None:
    assert SubscriptionPatch.model_validate({}).model_dump(exclude_unset=True) == {}


def test_a_previous_secret_is_valid_until_it_expires() -> None:
    secrets = Secrets(current="new", previous="old", previous_until=10.0)
    assert secrets.valid(9.9) == ("new", "old")
    assert secrets.valid(10.0) == ("new",)


@pytest.mark.parametrize("name", ["a\r\nBcc: b", " a\nBcc: b", "a\u2028Bcc:\tb\n"])
def test_a_name_is_reduced_to_one_line(name: str) -> None:
    assert made(query="x", name=name).title == "a Bcc: b"
    assert SubscriptionPatch(name=name).name == "a Bcc: b"
    assert subscription(query="x", name=name).name == "a Bcc: b"


def test_a_name_without_words_or_with_control_characters_is_refused() -> None:
    for name in ("\r\n", "a\x00b", "a\x1bb", "a\x7fb"):
        with pytest.raises(ValidationError, match="must not"):
            made(query="x", name=name)
        with pytest.raises(ValidationError, match="must not"):
            SubscriptionPatch(name=name)
