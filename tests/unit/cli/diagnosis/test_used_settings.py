"""What `paperwire doctor` says of the variables that are set."""

from collections.abc import Mapping

import pytest

from services.cli.diagnosis.finding import Finding, State
from services.cli.diagnosis.used_settings import check_settings

SECRET = "a-secret-that-nobody-may-see"


def checked(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return list(check_settings(environment))


def test_secrets_are_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {
        "PAPERWIRE_GITHUB_TOKEN": SECRET,
        "PAPERWIRE_METRICS_TOKEN": SECRET,
        "PAPERWIRE_REDIS_URL": f"redis://user:{SECRET}@127.0.0.1:6379",
        "PAPERWIRE_RATE_LIMIT": "70",
    }
    found = {each.what: each.detail for each in checked(environment, monkeypatch)}
    assert SECRET not in repr(found)
    assert found["PAPERWIRE_GITHUB_TOKEN"] == "set"
    assert found["PAPERWIRE_RATE_LIMIT"] == "70"


def test_a_misspelled_variable_is_a_notice_with_the_nearest_name(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = checked({"PAPERWIRE_HTTP_PROT": "1"}, monkeypatch)
    assert (found.what, found.state) == ("PAPERWIRE_HTTP_PROT", State.NOTICE)
    assert (found.detail, found.advice) == ("is not a setting and has no effect", "Did you mean PAPERWIRE_HTTP_PORT?")


def test_a_value_that_stops_a_service_is_a_problem_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [each for each in checked({"PAPERWIRE_BATCH": "none"}, monkeypatch) if each.state is State.PROBLEM]
    assert ["PAPERWIRE_BATCH is not valid" in each.detail for each in problems] == [True]


def test_a_mail_server_without_a_sender_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    found = checked({"PAPERWIRE_SMTP_URL": "smtp://127.0.0.1:1"}, monkeypatch)
    (detail,) = (each.detail for each in found if each.state is State.PROBLEM)
    assert detail.startswith("PAPERWIRE_MAIL_FROM is missing")


def test_nothing_set_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [each.state for each in checked({"HOME": "/root"}, monkeypatch)] == [State.OK]
