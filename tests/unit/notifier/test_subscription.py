"""What a subscription may be."""

import pytest
from pydantic import ValidationError

from services.notifier.subscription import NewSubscription, SubscriptionPatch
from services.notifier.vault import Secrets

HOOK = {"type": "webhook", "url": "https://example.org/hook"}


def made(**fields: object) -> NewSubscription:
    return NewSubscription.model_validate({"channel": HOOK, **fields})


def test_ids_are_spelled_one_way_and_repetitions_dropped() -> None:
    one = made(like=["2401.00001v2", "https://arxiv.org/abs/2401.00001"], categories=["cs.CL", " cs.CL "])
    assert one.like == ("arXiv:2401.00001",)
    assert one.categories == ("cs.CL",)


def test_the_threshold_counts_only_with_a_meaning() -> None:
    assert made(query="cranes", sensitivity=0.6).threshold == 0.6
    assert made(categories=["cs.CL"], sensitivity=0.6).threshold == 0.0


def test_a_name_is_made_from_the_interest() -> None:
    assert made(query="x" * 100).title == "x" * 80
    assert made(must=["a b"], categories=["cs.CL"]).title == "a b, cs.CL"
    assert made(query="x", name="mine").title == "mine"


@pytest.mark.parametrize(
    "url", ("http://example.org", "https://example.org:8443/a?b=c", "http://[2001:db8::1]/", "http://10.0.0.1/")
)
def test_an_address_may_be(url: str) -> None:
    assert made(query="x", channel=HOOK | {"url": url}).channel.model_dump()["url"] == url


@pytest.mark.parametrize(
    "url", ("", "example.org", "javascript:alert(1)", "http:///path", "http://[::1", "http://a:0/", "https://u@h/")
)
def test_an_address_may_not_be(url: str) -> None:
    with pytest.raises(ValidationError):
        made(query="x", channel=HOOK | {"url": url})


def test_null_in_a_patch_puts_the_default_back() -> None:
    patch = SubscriptionPatch.model_validate({"sensitivity": None, "not": None, "query": None})
    assert patch.model_dump(by_alias=True, exclude_unset=True) == {"sensitivity": None, "not": (), "query": None}


def test_a_patch_of_nothing_changes_nothing() -> None:
    assert SubscriptionPatch.model_validate({}).model_dump(exclude_unset=True) == {}


def test_secrets_are_valid_until_their_time() -> None:
    secrets = Secrets(current="new", previous="old", previous_until=10.0)
    assert secrets.valid(9.9) == ("new", "old")
    assert secrets.valid(10.0) == ("new",)
