"""What the headers of an answer say."""

import pytest

from services.fetcher.http.polite import MAX_VALIDATOR, conditions, freshness, validators


@pytest.mark.parametrize(
    ("header", "seconds"),
    (
        ("max-age=600", 600.0),
        ("public, MAX-AGE=60, must-revalidate", 60.0),
        ("max-age=0", 0.0),
        ("s-maxage=900", None),
        ("max-age=999999999", 86_400.0),
        ("max-age=" + "9" * 400, 86_400.0),
        ("max-age=-1", None),
        ("no-store", None),
        ("", None),
    ),
)
def test_freshness_is_read_from_the_headers(header: str, seconds: float | None) -> None:
    assert freshness({"Cache-Control": header}) == seconds


def test_validators_are_sent_as_conditions() -> None:
    headers = {"ETag": 'W/"1"', "Last-Modified": "Tue, 02 Jan 2024 08:00:00 GMT", "X": "y"}
    assert conditions(validators(headers)) == {
        "If-None-Match": 'W/"1"',
        "If-Modified-Since": "Tue, 02 Jan 2024 08:00:00 GMT",
    }
    assert conditions(validators({})) == {}


def test_a_long_validator_is_not_kept() -> None:
    assert validators({"ETag": "x" * (MAX_VALIDATOR + 1)}) == {}
