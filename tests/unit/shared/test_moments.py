"""Moments are read, converted and written in one way."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.moments import as_utc, from_unix, iso, parse_moment

NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment", (NOON, NOON.replace(tzinfo=None), NOON.astimezone(timezone(timedelta(hours=5, minutes=30))))
)
def test_a_moment_without_a_zone_is_in_utc_and_others_are_converted(moment: datetime) -> None:
    assert as_utc(moment) == NOON
    assert as_utc(moment).tzinfo is UTC


@pytest.mark.parametrize("text", ("2024-01-02T12:00:00", "2024-01-02T12:00:00Z", "2024-01-02T14:00:00+02:00"))
def test_every_spelling_of_a_moment_is_the_same_moment(text: str) -> None:
    assert parse_moment(text) == NOON


def test_a_date_is_its_midnight() -> None:
    assert parse_moment("2024-01-02") == NOON.replace(hour=0)


def test_an_invalid_moment_is_an_error() -> None:
    with pytest.raises(ValueError, match="soon"):
        parse_moment("soon")
    with pytest.raises(OverflowError):
        parse_moment("9999-12-31T23:59:59-01:00")


def test_seconds_since_1970_are_converted() -> None:
    assert from_unix(NOON.timestamp()) == NOON


def test_moments_are_written_in_utc_with_a_z() -> None:
    exact = NOON.replace(microsecond=250_000)
    assert iso(exact.astimezone(timezone(timedelta(hours=-8)))) == "2024-01-02T12:00:00Z"
    assert iso(exact, "auto") == "2024-01-02T12:00:00.250000Z"
    assert iso(NOON.replace(tzinfo=None)) == "2024-01-02T12:00:00Z"
