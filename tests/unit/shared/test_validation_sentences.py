"""The errors of a check read as plain sentences, about fields as they were given."""

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from shared.validation_sentences import place, predicate, sentence


class Hook(BaseModel, extra="forbid"):
    """One kind of a union."""

    type: Literal["hook"]
    url: str = Field(pattern="^https?://")


class Chat(BaseModel, extra="forbid"):
    """The other kind."""

    type: Literal["chat"]


class Wish(BaseModel, extra="forbid"):
    """What is checked."""

    query: str = Field(default="", max_length=3)
    often: int = 1
    at: str = Field(default="08:00", pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")
    level: str = Field(default="info", pattern="^(debug|info)$")
    code: str = Field(default="", pattern="^[a-f]*$")
    words: tuple[str, ...] = ()
    since: date | None = None
    channel: Annotated[Hook | Chat, Field(discriminator="type")] = Chat(type="chat")


@pytest.mark.parametrize(
    ("given", "said"),
    (
        ({"querry": "x"}, "querry is not a known field; the nearest is query."),
        ({"zzz": "x"}, "zzz is not a known field."),
        ({"query": "long"}, "query must have at most 3 characters."),
        ({"query": "\ud800"}, "query must not contain lone surrogates."),
        ({"query": 3}, "query must be a text."),
        ({"often": "x"}, "often must be a whole number."),
        ({"at": "25:00"}, "at must be hours and minutes, such as 08:00."),
        ({"level": "loud"}, "level must be one of debug, info."),
        ({"code": "z"}, "code does not have the form that its description gives."),
        ({"words": "x"}, "words must be a list."),
        ({"words": ["x", 3]}, "words.1 must be a text."),
        ({"channel": {"type": "hook"}}, "channel.url is required."),
        ({"channel": {"type": "hook", "url": "x"}}, "channel.url must be an http or https address."),
        ({"channel": {"type": "pigeon"}}, "channel has an unknown type: choose one of 'hook', 'chat'."),
        ({"since": "2024-13-01"}, "since must be a day, such as 2024-01-31."),
        ({"since": "2024-01-31T12:00:00Z"}, "since must be a day, such as 2024-01-31."),
        ({"since": 1_700_000_000}, "since must be a day, such as 2024-01-31."),
        ({"since": [2024]}, "since must be a day, such as 2024-01-31."),
        ({"channel": {}}, "channel needs a type."),
        ({"channel": "x"}, "channel must be an object."),
        ("x", "must be an object."),
    ),
)
def test_what_is_wrong_is_said_in_plain_words(given: Any, said: str) -> None:
    with pytest.raises(ValidationError) as found:
        Wish.model_validate(given)
    error = found.value.errors()[0]
    assert sentence(place(error, given), predicate(error, list(Wish.model_fields))) == said
