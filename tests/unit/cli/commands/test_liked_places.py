"""The options that name a place of liked papers, and what is printed about it."""

from pathlib import Path
from typing import Any

import pytest

from services.cli.commands.liked_places import place_fields, print_following
from shared.errors import ConfigurationError

ZOTERO: dict[str, Any] = {
    "type": "zotero",
    "library": "users/475425",
    "collection": None,
    "tag": None,
    "key": "•••abcd",
}
NEXT = "2026-03-01T09:00:00Z"


def fields(**options: Any) -> dict[str, Any]:
    own = options.pop("reading_list", False)
    names = ("zotero", "key_file", "collection", "tag", "orcid", "semantic_scholar")
    return place_fields(*(options.get(name) for name in names), reading_list=own)


def test_options_become_the_place_of_a_subscription(tmp_path: Path) -> None:
    file = tmp_path / "zotero.key"
    file.write_text("P9NiFoyLeZu2bZNvvuQPDWsd\n")
    assert fields() == {}
    assert fields(reading_list=True) == {"likes_from": {"type": "reading-list"}}
    assert fields(orcid="0000-0002-1825-0097") == {"likes_from": {"type": "orcid", "id": "0000-0002-1825-0097"}}
    assert fields(semantic_scholar="1741101") == {"likes_from": {"type": "semantic-scholar", "author": "1741101"}}
    assert fields(zotero="users/475425", key_file=file, tag="to read") == {
        "likes_from": {
            "type": "zotero",
            "library": "users/475425",
            "tag": "to read",
            "key": "P9NiFoyLeZu2bZNvvuQPDWsd",
        }
    }


@pytest.mark.parametrize(
    ("options", "problem"),
    (
        ({"zotero": "users/1", "orcid": "0000-0002-1825-0097"}, "Give one of"),
        ({"reading_list": True, "orcid": "0000-0002-1825-0097"}, "Give one of"),
        ({"collection": "FOLD2345"}, "need --zotero"),
        ({"zotero": "users/1", "key_file": Path("/nowhere/zotero.key")}, "cannot be read"),
    ),
)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        fields(**options)


@pytest.mark.parametrize(
    ("following", "said"),
    (
        (None, "which is not read yet"),
        (
            {"read_at": "2026-03-01T08:00:00Z", "items": 214, "known": 83, "used": 83, "error": None, "next_at": NEXT},
            "214 papers, 83 of them in this index, 83 liked",
        ),
        (
            {"read_at": None, "items": 0, "known": 0, "used": 0, "error": "Zotero refuses access.", "next_at": NEXT},
            f"was not read: Zotero refuses access. Next visit: {NEXT}.",
        ),
    ),
)
def test_the_state_of_following_is_printed(
    following: dict[str, Any] | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_following({"likes_from": ZOTERO, "following": following})
    printed = " ".join(capsys.readouterr().out.split())
    assert said in printed
    assert "abcd" not in printed


def test_a_subscription_without_a_place_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_following({"likes_from": None, "following": None})
    assert capsys.readouterr().out == ""
