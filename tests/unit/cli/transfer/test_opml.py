"""Lists of feeds: each good outline is taken from a list of any state, and each bad one is named with its line."""

import random
import time

import pytest

from services.cli.transfer.opml import Feed, read_opml, same_address
from shared.errors import ConfigurationError

LIST = b"""<?xml version="1.0"?>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Robots"><outline text="Cranes weekly" type="rss" xmlUrl=" https://example.org/cranes.xml "/></outline>
<outline title="Planes" text="ignored" xmlUrl="https://example.org/planes.xml"/>
<outline text="no feed"/><outline xmlUrl="https://example.org/bare.xml"/>
</body></opml>"""


def listed(*outlines: str, prolog: str = "") -> str:
    """Return a list with an outline on each line from the second on."""
    return "\n".join((f"{prolog}<opml><head><title>Mine</title></head><body>", *outlines, "</body></opml>"))


def urls(text: str | bytes) -> tuple[list[str], list[str]]:
    """Return the addresses in a list, and the places that are refused."""
    feeds, refused = read_opml(text if isinstance(text, bytes) else text.encode())
    return [feed.url for feed in feeds], [one.where for one in refused]


def test_the_feeds_of_every_folder_are_read() -> None:
    assert read_opml(LIST) == (
        [
            Feed("Cranes weekly", "https://example.org/cranes.xml"),
            Feed("Planes", "https://example.org/planes.xml"),
            Feed("https://example.org/bare.xml", "https://example.org/bare.xml"),
        ],
        [],
    )


GOOD = '<outline text="Good" xmlUrl="https://example.org/good"/>'


@pytest.mark.parametrize(
    ("outline", "title", "url"),
    (
        ('<outline text="Fold & Co" xmlUrl="https://example.org/a?b=1&c=2"/>', "Fold & Co", "https://example.org/a?b=1&c=2"),
        ('<outline text="at &amp; t" xmlUrl="https://example.org/a?b=1&c=2"/>', "at & t", "https://example.org/a?b=1&c=2"),
        ('<outline text="bell &#7; rings" xmlUrl="https://example.org/a"/>', "bell rings", "https://example.org/a"),
        ('<outline text="&nbsp;caf&eacute;" xmlUrl="https://example.org/a"/>', "café", "https://example.org/a"),
        ('<outline text="a < b" xmlUrl="https://example.org/a"/>', "a < b", "https://example.org/a"),
        ("<outline text=bare xmlUrl=https://example.org/a />", "bare", "https://example.org/a"),
        ('<outline text="twice" text="two" xmlUrl="https://example.org/a"/>', "twice", "https://example.org/a"),
        ('<OUTLINE TEXT="Loud & clear" XMLURL="https://example.org/a"/>', "Loud & clear", "https://example.org/a"),
        ('<outline text="open & never closed" xmlUrl="https://example.org/a">', "open & never closed", "https://example.org/a"),
        ('<outline title="low" xmlurl="https://example.org/a"/>', "low", "https://example.org/a"),
        ('<Outline Title="Mixed" XmlUrl="https://example.org/a"/>', "Mixed", "https://example.org/a"),
    ),
)  # fmt: skip
def test_an_outline_is_read_as_people_and_programs_write_it(outline: str, title: str, url: str) -> None:
    feeds, refused = read_opml(listed(GOOD, outline, GOOD.replace("good", "last")).encode())
    assert feeds == [
        Feed("Good", "https://example.org/good"),
        Feed(title, url),
        Feed("Good", "https://example.org/last"),
    ]
    assert refused == []


@pytest.mark.parametrize(
    "outline",
    (
        '<outline text="lost quote xmlUrl="https://example.org/a"/>',
        '<outline text="A & B" xmlUrl="https://example.org/a',
        '<outline type="rss" text="no address & no feed"/>',
        '<outline type="rss" text="no address"/>',
        '<outline text="a page" htmlUrl="https://example.org/page"/>',
        '<outline text="another list" type="include" url="https://example.org/list.opml"/>',
        '<outline text="script" xmlUrl="javascript:alert(1)"/>',
        '<outline text="file" xmlUrl="file:///etc/passwd"/>',
        '<outline text="no host" xmlUrl="https:///feed"/>',
        '<outline text="port" xmlUrl="https://example.org:port/feed"/>',
        f'<outline text="long" xmlUrl="https://example.org/{"a" * 2_000}"/>',
    ),
)
def test_a_bad_outline_is_named_by_its_line_and_the_others_are_read(outline: str) -> None:
    found, refused = urls(listed(GOOD, outline, "<!-- a", "comment -->", GOOD.replace("good", "last")))
    assert found == ["https://example.org/good", "https://example.org/last"]
    assert [where.partition(" (")[0] for where in refused] == ["line 3"]


def test_outlines_in_comments_are_none() -> None:
    broken = '<outline text="A & B" xmlUrl="https://example.org/good"/>'
    assert urls(listed(f"<!-- {GOOD.replace('good', 'no')} -->", broken)) == (["https://example.org/good"], [])


@pytest.mark.parametrize("encoding", ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "koi8-r", "gb18030"))
@pytest.mark.parametrize("broken", (False, True))
def test_a_list_is_read_in_the_encoding_that_it_is_in(encoding: str, *, broken: bool) -> None:
    """An encoding of several bytes is not read by expat, and UTF-16 may be declared as UTF-8."""
    title = {"koi8-r": "Журавли", "gb18030": "折纸"}.get(encoding, "Café")
    declared = encoding if encoding in {"latin-1", "koi8-r", "gb18030"} else "utf-8"
    outline = f'<outline text="{title}{" & more" * broken}" xmlUrl="https://example.org/a"/>'
    raw = listed(outline, prolog=f'<?xml version="1.0" encoding="{declared}"?>\n').encode(encoding)
    assert read_opml(raw) == ([Feed(title + " & more" * broken, "https://example.org/a")], [])


def test_a_list_that_is_in_another_encoding_than_it_says_is_read() -> None:
    raw = listed(
        '<outline text="Café" xmlUrl="https://example.org/a"/>', prolog='<?xml version="1.0" encoding="utf-8"?>'
    )
    assert read_opml(raw.encode("cp1252")) == ([Feed("Café", "https://example.org/a")], [])
    assert read_opml(raw.replace("utf-8", "no-such").encode()) == ([Feed("Café", "https://example.org/a")], [])


def test_our_own_list_is_known_by_its_title_whatever_its_state() -> None:
    for outline in (GOOD, GOOD.replace("Good", "Good & bad")):
        ((feed,), _) = read_opml(listed(outline).replace("Mine", " Paperwire ").encode())
        assert feed.ours


def test_the_same_feed_twice_is_one() -> None:
    assert urls(listed(GOOD, GOOD))[0] == ["https://example.org/good"]


def test_a_list_that_defines_entities_is_refused_in_one_sentence() -> None:
    bomb = '<!DOCTYPE opml [<!ENTITY a "' + "x" * 1000 + '"><!ENTITY b "' + "&a;" * 5_000 + '">]>'
    with pytest.raises(ConfigurationError, match=r"defines entities, which are not read\. Remove its DOCTYPE\.$"):
        read_opml(listed('<outline text="&b;"/>', prolog=bomb).encode())
    assert urls(listed(GOOD, prolog="<!DOCTYPE opml>"))[0] == ["https://example.org/good"]


@pytest.mark.parametrize("raw", (b"<opml><body>", b"<opml>" + b"<" * 1_000_000, b"<opml>" + b"<!--" * 300_000))
def test_a_document_without_outlines_is_refused_in_one_sentence(raw: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"not valid OPML: it has no outlines\.$"):
        read_opml(raw)


@pytest.mark.parametrize(
    "hostile",
    (
        "<outline " * 100_000,
        f"<outline a={chr(34) * 1_000_000}",
        f"<outline {'a ' * 500_000}",
        f"<outline {'=' * 16_000}" * 60,
        '<outline text="&' * 50_000,
        "<outline>" * 100_000,
    ),
)
def test_hostile_lists_are_read_in_time(hostile: str) -> None:
    before = time.process_time()
    read_opml(f"<opml>{hostile}".encode())
    assert time.process_time() - before < 5


def test_no_change_of_a_list_makes_an_exception_or_hides_the_outlines_that_it_does_not_touch() -> None:
    """Every change stands in the first half, and at most the outline that it touches, and one beside it, is lost."""
    draw = random.Random(13)
    rows = [
        f'<outline text="Feed {number}" xmlUrl="https://example.org/{number}?a=1&amp;b=2"/>' for number in range(20)
    ]
    last = {f"https://example.org/{number}?a=1&b=2" for number in range(12, 20)}
    text = listed(*rows)
    for _ in range(2_000):
        at = draw.randrange(60, len(text) // 2)
        changed = (
            text[:at]
            + draw.choice(("", "&", "<", '"', "&#1;", "\0", "é", ">", "]]>", "&x;"))
            + text[at + draw.randrange(9) :]
        )
        assert last <= set(urls(changed)[0])


@pytest.mark.parametrize(
    ("address", "other"),
    (
        ("HTTPS://Example.ORG/feed", "https://example.org/feed"),
        ("https://example.org:443/feed#top", "https://example.org/feed"),
        ("http://example.org:80", "http://example.org/"),
        ("feed://example.org/feed", "http://example.org/feed"),
        ("feed:https://example.org/feed", "https://example.org/feed"),
        ("https://ada:pass@Example.org/a?B=C", "https://ada:pass@example.org/a?B=C"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
    ),
)
def test_addresses_compare_as_servers_read_them(address: str, other: str) -> None:
    assert same_address(address) == same_address(other) == other


def test_addresses_of_two_feeds_stay_two() -> None:
    assert (
        len({same_address(f"https://example.org/{path}") for path in ("feed", "Feed", "feed/", "feed?a", "feed?b")})
        == 5
    )
