"""The error of an invalid setting."""

import pytest

from services.fetcher.settings import FetcherSettings
from services.notifier.settings import NotifierSettings
from shared.errors import ConfigurationError
from shared.settings import Settings


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    (
        ("redis_url", "http://me:pass@redis:6379", "'http://…@redis:6379'"),
        ("redis_url", "redis//:p@ss@redis", "'redis//…@redis'"),
        ("qdrant_url", "ftp://qdrant", "'ftp://qdrant'"),
        ("http_port", 99_999, "99999"),
        ("http_host", "", "''"),
    ),
)
def test_a_bad_value_is_shown_without_its_password(field: str, value: object, shown: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        Settings.load(**{field: value})
    assert str(error.value).startswith(f"PAPERWIRE_{field.upper()} is not valid: ")
    assert str(error.value).endswith(f"(given: {shown}).")


@pytest.mark.parametrize(
    ("host", "address"),
    (
        ("0.0.0.0", "http://127.0.0.1:80"),  # noqa: S104  # nobody binds here
        ("::", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
        ("papers.example", "http://papers.example:80"),
    ),
)
def test_the_own_address_can_be_requested(host: str, address: str) -> None:
    assert Settings.load(http_host=host, http_port=80).local_url == address


@pytest.mark.parametrize("field", ("redis_url", "qdrant_url", "public_url", "front_url"))
@pytest.mark.parametrize("rest", ("h:99999", "h:port", "[h", "[1:2]"))
def test_an_address_that_cannot_be_parsed_is_no_defect(field: str, rest: str) -> None:
    scheme = "redis" if field == "redis_url" else "http"
    with pytest.raises(ConfigurationError, match=f"^PAPERWIRE_{field.upper()} is not valid: (?!Value error)"):
        NotifierSettings.load(**{field: f"{scheme}://{rest}"})


@pytest.mark.parametrize(
    "url",
    (
        "https://a.example/a b",
        "https://a.example/../x",
        "https://a.example//x",
        "a.example",
        "https://me@a.example",
        'https://a"b.example',
        "https://a<b>.example/x",
        "https://bücher.example",
        "https://a.example:/x",
        "https://:80",
    ),
)
def test_a_public_address_that_no_link_can_begin_with_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="PAPERWIRE_PUBLIC_URL is not valid"):
        Settings.load(public_url=url)


def test_a_public_address_may_have_a_path() -> None:
    assert (
        Settings.load(public_url="https://a.example:8443/a.b/papers/").public_url == "https://a.example:8443/a.b/papers"
    )


@pytest.mark.parametrize("name", ("DATA_DIR", "SOURCES_FILE"))
def test_an_empty_path_is_not_the_current_folder(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"PAPERWIRE_{name}", "")
    with pytest.raises(ConfigurationError, match=f"^PAPERWIRE_{name} is not valid: it is empty: name a path"):
        FetcherSettings.load()


def test_an_option_replaces_a_variable_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERWIRE_HTTP_PORT", "eighty")
    assert FetcherSettings.load(http_port=80).http_port == 80
    with pytest.raises(ConfigurationError, match="PAPERWIRE_HTTP_PORT is not valid"):
        FetcherSettings.load()


@pytest.mark.parametrize("password", ("zq/zq", "zq@zq/z", "zq?zq", "zq#zq", "zq@zq?z"))
def test_a_password_that_has_to_be_escaped_is_told_as_such_and_not_shown(password: str) -> None:
    with pytest.raises(ConfigurationError, match="write / as %2F") as raised:
        Settings.load(redis_url=f"redis://user:{password}@127.0.0.1:6379/0")
    assert "zq" not in str(raised.value)
