import pytest

from services.fetcher.http.robots_rules import MAX_RULES, is_permitted, read_rules
from tests.support import cpu_time


def permitted(text: str, path: str) -> bool:
    return is_permitted(read_rules(text.encode()), path)


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    (
        ("", "/a", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("User-agent: *\nDisallow: /private", "/private/a.png", False),
        ("User-agent: *\nDisallow: /private", "/public/private", True),
        ("User-agent: *\nDisallow: /\nAllow: /html", "/html/2401.00001v2", True),
        ("User-agent: *\nAllow: /html\nDisallow: /html/2401", "/html/2401.00001v2", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
        ("User-agent: *\nDisallow: /*.png$", "/x/y.png", False),
        ("User-agent: *\nDisallow: /*.png$", "/x/y.png?v=1", True),
        ("User-agent: *\nDisallow: /a$", "/a", False),
        ("User-agent: *\nDisallow: /a$", "/ab", True),
        ("User-agent: *\nDisallow: /a*b*c", "/a1b2c3", False),
        ("User-agent: *\nDisallow: /a*b*c", "/a1c2b3", True),
        ("User-agent: *\nDisallow: /a*bc$", "/abc", False),
        ("User-agent: *\nDisallow: /ab*b$", "/ab", True),
        ("User-agent: *\nDisallow: /*?size=", "/a?size=2", False),
        ("User-agent: *\nDisallow: /café", "/caf%C3%A9/a", False),
        ("user-AGENT : *  # all\ndisallow : /a # why", "/a", False),
        ("\ufeffUser-agent: *\r\nDisallow: /a\r\n", "/a", False),
        ("User-agent: Paperwire\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: paperwire/2.0\nAllow: /", "/a", True),
        ("User-agent: paperwire\n\nUser-agent: *\nDisallow: /", "/a", False),
        ("User-agent: other\nUser-agent: paperwire\nCrawl-delay: 3\nDisallow: /a", "/a", False),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: paperwirebot\nDisallow: /", "/a", True),
        ("Disallow: /", "/a", True),
        ("User-agent: paperwire\nDisallow:\nUser-agent: *\nDisallow: /", "/a", True),
    ),
)
def test_rules_apply_as_the_standard_says(text: str, path: str, *, expected: bool) -> None:
    assert permitted(text, path) is expected


def test_a_file_with_too_many_rules_forbids_everything() -> None:
    text = "User-agent: *\n" + "Allow: /a\n" * MAX_RULES
    assert permitted(text, "/a")
    assert not permitted(text + "Allow: /a\n", "/a")
    assert not permitted(f"User-agent: *\nAllow: /{'a' * 3_000}", "/a")


@pytest.mark.parametrize(
    "line", ("User-agent: *", "Disallow: /" + "*a" * 900, " " * 2_000, "a" * 3_000, "Allow:" * 400)
)
def test_no_file_takes_long(line: str) -> None:
    text = "User-agent: *\n" + f"{line}\n" * 900
    assert cpu_time(lambda: permitted(text, "/" + "a" * 3_999)) < 3
