"""Secrets of channels: shown as hints, stored sealed, taken as text."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from services.notifier.fields.secret import AT_REST, Secret
from services.notifier.secrets.cipher import Cipher

TOKEN = "123456:an-invented-token-wxyz"


class Holder(BaseModel):
    token: Secret


def sealed(text: str) -> Secret:
    return Secret("token", Secret.of(text).hint, sealed=True, mark="mark")


@pytest.mark.parametrize(
    ("text", "hint"),
    (
        (TOKEN, "•••wxyz"),
        ("short", "•••"),
        ("https://hooks.example.org/services/T0/B0/abcdefgh", "https://hooks.example.org/•••efgh"),
    ),
)
def test_a_masked_secret_shows_a_hint(text: str, hint: str) -> None:
    holder = Holder.model_validate({"token": text})
    assert holder.model_dump(mode="json") == {"token": hint}
    assert holder.model_dump_json() == f'{{"token":"{hint}"}}'
    assert repr(holder.token) == str(holder.token) == hint
    assert text not in repr(holder)


def test_a_row_holds_the_sealed_form_and_reads_it_again() -> None:
    stored = Holder(token=sealed(TOKEN)).model_dump_json(context=AT_REST)
    assert TOKEN not in stored
    assert Holder.model_validate_json(stored, context=AT_REST).token == sealed(TOKEN)


def test_an_unsealed_secret_is_never_stored() -> None:
    with pytest.raises(ValueError, match="encrypted before it is stored"):
        Holder.model_validate({"token": TOKEN}).model_dump_json(context=AT_REST)


@pytest.mark.parametrize(
    ("value", "says"),
    (
        ({"value": "x", "hint": "y", "mark": "z"}, "must be a non-empty string"),
        (1, "must be a non-empty string"),
        ("  ", "must be a non-empty string"),
        ("a\nb", "control characters"),
        ("x" * 4_097, "4096"),
        ("•••wxyz", "is masked"),
    ),
)
def test_an_invalid_secret_is_refused(value: Any, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Holder.model_validate({"token": value})


def test_marks_are_equal_for_equal_texts_only() -> None:
    cipher = Cipher(["0" * 32])
    assert cipher.mark(TOKEN) == Cipher(["0" * 32]).mark(TOKEN) != cipher.mark(TOKEN + "1")
    assert cipher.mark(TOKEN) != Cipher(["1" * 32]).mark(TOKEN)
