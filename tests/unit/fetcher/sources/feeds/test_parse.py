"""Feeds of our own making, well and badly formed."""

import json
import time

import pytest

from services.fetcher.sources.feeds.parse import parse_feed
from services.fetcher.sources.port import Poll, Refusal
from shared.errors import TransientError
from shared.papers.events import Item, PaperFetched
from shared.papers.names import doi
from shared.papers.paper import Appearance
from tests.support import NOW

DC = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" '
    'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
)


def rss(*entries: str, title: str = "Cranes weekly") -> bytes:
    items = "".join(f"<item>{entry}</item>" for entry in entries)
    return (
        f'<?xml version="1.0"?><rss version="2.0" {DC}><channel><title>{title}</title>{items}</channel></rss>'.encode()
    )


ARXIV = "https://rss.arxiv.org/rss/cs.RO"


def parse(body: bytes, most: int = 100, base: str = "https://x.example/feed") -> Poll:
    return parse_feed(body, "cranes", base, most)


def one(entry: str, base: str = "https://x.example/feed") -> Item:
    items = parse(rss(entry), base=base).items
    assert len(items) == 1
    return items[0]


@pytest.mark.parametrize(
    ("ttl", "seconds"),
    [("60", 3_600.0), ("", None), ("-5", None), ("soon", None), ("9" * 8, 86_400.0), ("9" * 400, None)],
)
def test_the_ttl_of_a_feed_is_read(ttl: str, seconds: float | None) -> None:
    body = rss("<title>Paper cranes</title>").replace(b"<channel>", f"<channel><ttl>{ttl}</ttl>".encode())
    assert parse(body).fresh_for == seconds


def test_rss_2_is_parsed() -> None:
    poll = parse(
        rss(
            "<title>Paper cranes</title><link>https://x.example/1</link><guid>https://x.example/1</guid>"
            "<description>&lt;p&gt;Folded.&lt;/p&gt;</description><category>folding</category>"
            "<dc:creator>Ada Origami</dc:creator><pubDate>Tue, 02 Jan 2024 08:00:00 +0200</pubDate>"
        )
    )
    assert poll.detail == "Cranes weekly"
    assert poll.refusals == []
    assert poll.items == [
        Item(
            source="cranes",
            id="https://x.example/1",
            title="Paper cranes",
            abstract="<p>Folded.</p>",
            authors=("Ada Origami",),
            categories=("folding",),
            published="2024-01-02T06:00:00Z",
            url="https://x.example/1",
        )
    ]


def test_rss_1_is_parsed() -> None:
    body = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" {DC}>
      <channel rdf:about="https://x.example/"><title>Cranes</title></channel>
      <item rdf:about="https://x.example/1"><title>Paper cranes</title><link>https://x.example/1</link>
      <description>Folded.</description><dc:creator>Ada Origami</dc:creator><dc:date>2024-01-02</dc:date></item>
    </rdf:RDF>"""
    item = parse(body.encode()).items[0]
    assert (item.id, item.title, item.abstract) == ("https://x.example/1", "Paper cranes", "Folded.")
    assert item.authors == ("Ada Origami",)
    assert (item.published, item.updated) == ("2024-01-02", "2024-01-02")


def test_atom_and_the_arxiv_api_are_parsed() -> None:
    body = f"""<feed xmlns="http://www.w3.org/2005/Atom" {DC}><title>Query</title><entry>
      <id>http://arxiv.org/abs/2401.00001v2</id><title>Paper
        cranes</title><summary> Folded. </summary><published>2024-01-02T08:00:00Z</published>
      <updated>2024-02-03T08:00:00Z</updated><author><name>Ada Origami</name></author>
      <author><name>Bo Fold</name></author>
      <category term="cs.RO"/><category term="cs.LG"/><arxiv:doi>10.1000/x</arxiv:doi>
      <link href="http://arxiv.org/abs/2401.00001v2" rel="alternate"/></entry></feed>"""
    item = parse(body.encode(), base="https://export.arxiv.org/api/query").items[0]
    assert (item.source, item.id, item.version) == ("arxiv", "arXiv:2401.00001", 2)
    assert (item.published, item.updated) == ("2024-01-02T08:00:00Z", "2024-02-03T08:00:00Z")
    assert item.authors == ("Ada Origami", "Bo Fold")
    assert item.categories == ("cs.RO", "cs.LG")
    assert item.identifiers == {"doi": "10.1000/x"}
    assert item.url == "https://arxiv.org/abs/2401.00001"


@pytest.mark.parametrize("kind", ("new", "cross", "replace", "replace-cross", "absonly"))
def test_the_rss_of_arxiv_is_parsed(kind: str) -> None:
    item = one(
        "<title>Paper cranes</title><link>https://arxiv.org/abs/2401.00001</link>"
        f"<description>arXiv:2401.00001v3 Announce Type: {kind} \nAbstract: Folded.</description>"
        '<guid isPermaLink="false">oai:arXiv.org:2401.00001v3</guid><category>cs.RO</category>'
        "<pubDate>Tue, 02 Jan 2024 00:00:00 -0500</pubDate>"
        f"<arxiv:announce_type>{kind}</arxiv:announce_type>"
        "<dc:creator>Ada Origami (1, 2), Bo Fold (Institute of Folding, Kyoto, Japan), Cy Crease (MIT (CSAIL), USA)"
        "</dc:creator>",
        ARXIV,
    )
    assert (item.source, item.id, item.version, item.announced) == ("arxiv", "arXiv:2401.00001", 3, kind)
    assert item.abstract == "Folded."
    assert item.authors == ("Ada Origami", "Bo Fold", "Cy Crease")
    assert item.published is None, "the date of an announcement is not the paper's"
    assert item.announced_on == "2024-01-02"


@pytest.mark.parametrize(
    ("head", "day"),
    (
        ("<pubDate>Tue, 02 Jan 2024 00:00:00 -0500</pubDate>", "2024-01-02"),
        ("<lastBuildDate>Wed, 03 Jan 2024 05:00:01 +0000</lastBuildDate>", "2024-01-03"),
        ("<dc:date>2024-01-04</dc:date>", "2024-01-04"),
        ("", None),
    ),
)
def test_an_announcement_without_a_date_has_that_of_its_feed(head: str, day: str | None) -> None:
    entry = "<title>Cranes</title><guid>https://x.example/1</guid>"
    body = rss(ANNOUNCED, entry).replace(b"<channel>", f"<channel>{head}".encode())
    announced, other = parse(body, base=ARXIV).items
    assert (announced.published, announced.announced_on) == (None, day)
    assert (other.published, other.announced_on) == (None, None)


@pytest.mark.parametrize(
    ("dates", "published"),
    (
        ("<dc:date>2024</dc:date>", "2024"),
        ("<dc:date>2024-02</dc:date>", "2024-02"),
        ("<dc:date>2024-02-03T23:30:00-05:00</dc:date>", "2024-02-04T04:30:00Z"),
        ("<prism:coverDate>March 2024</prism:coverDate>", "2024-03"),
        ("<prism:coverDate>2024-03-00</prism:coverDate><pubDate>Thu, 01 Feb 2024 00:00:00 Z</pubDate>",
         "2024-02-01T00:00:00Z"),
        ("<pubDate>Thu, 01 Feb 2024 00:00:00 Z</pubDate><prism:publicationDate>2023-12-30</prism:publicationDate>",
         "2023-12-30"),
        ("<prism:publicationDate>2024-02</prism:publicationDate><dc:date>2024-02-03</dc:date>", "2024-02-03"),
        ("<prism:publicationDate>soon</prism:publicationDate>", None),
        ("<pubDate>2024/03/05</pubDate>", "2024-03-05"),
        ("<pubDate>March 5, 2024</pubDate>", "2024-03-05"),
        ("<pubDate>March 2024</pubDate>", "2024-03"),
        ("<pubDate>2024 Mar-Apr</pubDate>", "2024"),
        ("<dc:date>2024-05/2024-07</dc:date>", "2024-05"),
        ("<description>Cranes, Volume 3, Issue 2, May 2024.</description>", "2024-05"),
        ("<description>Publication date: 4 May 2024 Source: Cranes, 12</description>", "2024-05-04"),
    ),
)  # fmt: skip
def test_the_date_of_publication_is_read_as_far_as_it_is_known(dates: str, published: str | None) -> None:
    assert one(f"<title>Paper cranes</title>{dates}").published == published


ANNOUNCED = (
    "<title>Paper cranes</title><guid>oai:arXiv.org:2401.00001v3</guid>"
    "<description>arXiv:2401.00001v3 Announce Type: new \nAbstract: Folded.</description>"
)


@pytest.mark.parametrize(
    ("base", "source"),
    (
        (ARXIV, "arxiv"),
        ("", "arxiv"),
        ("https://x.example/arxiv.org", "cranes"),
        ("https://arxiv.org.x.example/", "cranes"),
        ("https://notarxiv.org/", "cranes"),
    ),
)
def test_only_arxiv_speaks_for_arxiv(base: str, source: str) -> None:
    """INVARIANT: an entry in the form of arXiv's has its trust only from arXiv's hosts, a file or a driver."""
    item = one(ANNOUNCED, base)
    assert (item.source, item.id, item.abstract) == (source, "arXiv:2401.00001", "Folded.")


def test_a_blog_that_links_to_arxiv_is_not_arxiv() -> None:
    entry = "<title>Weekly links</title><link>https://arxiv.org/abs/2401.00001v2</link><guid>blog-17</guid>"
    for base in ("", "https://x.example/feed", ARXIV):
        item = one(entry, base)
        assert (item.source, item.id, item.version) == ("cranes", "arXiv:2401.00001", None)


def test_a_blog_does_not_withdraw_a_paper_of_arxiv() -> None:
    title = "<title>RETRACTED: Paper cranes</title>"
    assert not one(f"{title}<link>https://arxiv.org/abs/2401.00001</link><guid>blog-18</guid>").withdrawn
    assert one(f"{title}<link>https://www.science.org/doi/10.1126/crane.1</link>").withdrawn


DOI = "10.1000/crane.7"


@pytest.mark.parametrize(
    "field",
    (
        f"<prism:doi>{DOI}</prism:doi>",
        f"<dc:identifier>doi:{DOI}</dc:identifier>",
        f"<citation_doi>https://doi.org/{DOI}</citation_doi>",
        f"<prism:url>http://dx.doi.org/{DOI}</prism:url>",
        f"<doi>{DOI}</doi>",
    ),
)
def test_the_doi_is_read(field: str) -> None:
    assert doi(one(f"<title>x</title><link>https://x.example/1</link>{field}").identifiers["doi"]) == DOI


def test_an_identifier_that_is_no_doi_is_left_out() -> None:
    assert one("<title>x</title><dc:identifier>S0012345</dc:identifier>").identifiers == {}


@pytest.mark.parametrize("ids", (("pmid:1", f"doi:{DOI}"), (f"doi:{DOI}", "pmid:1", "pmc:PMC1")))
def test_the_doi_is_read_among_other_ids(ids: tuple[str, ...]) -> None:
    entry = "".join(f"<dc:identifier>{each}</dc:identifier>" for each in ids)
    assert one(f"<title>x</title><guid>pubmed:1</guid>{entry}").identifiers == {"doi": f"doi:{DOI}"}


def test_a_doi_that_is_stated_is_that_of_its_address() -> None:
    link = "<link>http://biorxiv.org/cgi/content/short/2026.10.02.912345v1?rss=1</link>"
    item = one(f"<title>x</title>{link}<dc:identifier>doi:10.64898/2026.10.02.912345</dc:identifier>")
    assert item.id == "doi:10.64898/2026.10.02.912345"


def test_a_summary_of_boilerplate_gives_way_to_the_content() -> None:
    whole = "<content:encoded>&lt;h2>ABSTRACT&lt;/h2>&lt;p>We fold.&lt;/p></content:encoded>"
    for summary in ("Cranes, EarlyView.", "We fold."):
        assert "We fold." in one(f"<title>x</title><description>{summary}</description>{whole}").abstract
    assert one(f"<title>x</title><description>Cranes.</description>{whole}").abstract == "Cranes."


@pytest.mark.parametrize(
    "field",
    (
        "<dc:date>2026-05-02</dc:date>",
        "<prism:publicationDate>2026-05-02</prism:publicationDate>",
        "<prism:coverDate>2026-05-02</prism:coverDate>",
    ),
)
def test_dates_of_publishers_are_dates_of_publication(field: str) -> None:
    assert (one(f"<title>x</title>{field}").published or "")[:10] == "2026-05-02"


def test_the_change_of_an_atom_entry_is_no_publication() -> None:
    body = (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {DC}><entry><title>x</title><updated>2026-05-02T00:00:00Z</updated>'
    )
    assert parse(f"{body}</entry></feed>".encode()).items[0].published is None


def test_one_text_of_names_is_left_for_the_grammar_of_lists_unless_arxiv_wrote_it() -> None:
    line = "Origami, A. B., Fold, C."
    assert one(f"<title>x</title><dc:creator>{line}</dc:creator>").authors == (line,)


@pytest.mark.parametrize(
    "field", ("arxiv:journal_reference", "arxiv:journal_ref", "prism:publicationName"), ids=("rss", "api", "publisher")
)
def test_the_venue_is_read(field: str) -> None:
    text = "J. Fold. 12\n (2026) 3-14&#x7f;"
    assert one(f"<title>x</title><{field}>{text}</{field}>").venue == "J. Fold. 12 (2026) 3-14"
    assert one("<title>x</title>").venue is None


def test_one_creator_string_of_a_blog_is_one_author() -> None:
    assert one("<title>x</title><dc:creator>Origami, Ada</dc:creator>").authors == ("Origami, Ada",)


@pytest.mark.parametrize(
    "body",
    (
        b"",
        b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>",
        b'<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><body>Sign in</body></html>',
        b'<?xml version="1.0"?>',
        b'{"error": "rate limited"}',
        b"Rate exceeded.",
        b"\x00\xff\xfe",
    ),
)
def test_an_answer_that_is_not_a_feed_is_a_temporary_failure(body: bytes) -> None:
    """INVARIANT: a challenge page with status 200 is a failure, not an empty feed."""
    with pytest.raises(TransientError, match="not a feed"):
        parse(body)


def test_an_empty_feed_is_no_failure() -> None:
    assert parse(rss()).items == []


def test_a_feed_that_reports_an_error_is_refused() -> None:
    with pytest.raises(TransientError, match="reports an error: Feed error for query"):
        parse(rss(title="Feed error for query cs.XX"))


def test_a_feed_of_one_entry_that_reports_an_error_is_a_failure() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>q</title><entry><id>http://arxiv.org/api/errors#bad</id>
      <title>Error</title><summary>incorrect id format</summary></entry></feed>"""
    with pytest.raises(TransientError, match="the source reports an error: incorrect id format"):
        parse(body)


def test_an_entry_without_a_title_is_refused_alone() -> None:
    poll = parse(rss("<link>https://x.example/1</link>", "<title>Cranes</title>", "<title>\x7f </title>"))
    assert [item.title for item in poll.items] == ["Cranes"]
    assert [(r.where, r.reason) for r in poll.refusals] == [("entry 1", "no title"), ("entry 3", "no title")]


def test_two_entries_with_one_id_are_two_items() -> None:
    poll = parse(rss("<title>One</title><guid>urn:x:1</guid>", "<title>Two</title><guid>urn:x:1</guid>"))
    assert [(item.id, item.title) for item in poll.items] == [("cranes:One", "One"), ("cranes:Two", "Two")]


@pytest.mark.parametrize(
    ("entry", "own"),
    (
        ("<guid>urn:uuid:1</guid>", "urn:uuid:1"),
        ("<guid>tag:x.example,2024:1</guid>", "tag:x.example,2024:1"),
        ('<guid isPermaLink="false">17</guid><link>https://x.example/1</link>', "cranes:17"),
        ("<link>https://x.example/1</link>", "https://x.example/1"),
        ("", "cranes:Paper cranes: a tale"),
        ('<guid isPermaLink="false">10.1000/X</guid>', "doi:10.1000/x"),
        ('<guid isPermaLink="false">a\x7fb</guid>', "cranes:ab"),
    ),
)
def test_a_local_id_is_qualified_with_its_feed(entry: str, own: str) -> None:
    """INVARIANT: items numbered 17 of two feeds are two works."""
    assert one(f"<title>Paper cranes: a tale</title>{entry}").id == own


def test_the_secrets_of_a_feeds_address_are_in_nothing_that_it_brings() -> None:
    """INVARIANT: what is relative in a private feed becomes public without the password and the token of the feed."""
    body = rss("<title>Cranes</title><guid>17</guid><link>papers/17</link>", "<title>Boats</title><link>#boats</link>")
    poll = parse_feed(body, "cranes", "https://me:pass@x.example/private/feed?token=t")
    assert [item.url for item in poll.items] == [
        "https://x.example/private/papers/17",
        "https://x.example/private/feed#boats",
    ]
    assert not any(secret in repr(poll) for secret in ("me:pass", "token"))


@pytest.mark.parametrize(
    "link", ("javascript:alert(1)", "data:text/html,x", "vbscript:x", "https://x.example/a b", "mailto:a@x.example")
)
def test_only_http_links_are_kept(link: str) -> None:
    assert one(f"<title>x</title><link>{link}</link><guid>urn:x:1</guid>").url is None


@pytest.mark.parametrize(
    "date",
    (
        "Wed, 31 Feb 2024 25:61:61 GMT",
        "Mon, 01 Jan 0001 00:00:00 GMT",
        "Fri, 31 Dec 99999 00:00:00 GMT",
        "-1",
        "soon",
        "1709622000",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "",
    ),
)
def test_an_impossible_date_is_left_out(date: str) -> None:
    assert one(f"<title>x</title><pubDate>{date}</pubDate>").published is None


def test_an_entity_bomb_does_not_go_off() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "boom" * 10}">' for n in range(9))
    body = f"<?xml version='1.0'?><!DOCTYPE r [{levels}]>".encode() + rss("<title>a &e8;</title>").split(b"?>", 1)[1]
    started = time.thread_time()
    assert all(len(item.title) < 100 for item in parse(body).items)
    assert time.thread_time() - started < 5


def test_no_entity_reads_a_file() -> None:
    body = b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
    body += rss("<title>hello &x;</title>").split(b"?>", 1)[1]
    assert "root" not in parse(body).items[0].title


@pytest.mark.parametrize(
    "entry",
    (
        b"<title>A &#xD83D;&#xde00;&#55357;&#56832; B</title><guid>urn:&#xD800;</guid>",
        b"<title>A &#xD800; B</title><guid>urn:x</guid><br>",
        b"<title>A\x00B</title><guid>urn:a\x00b\x01</guid>",
        b"<title>A</title><guid>urn:x</guid><author>\xed\xa0\xbd</author><category>\x1b[31m</category>",
        b"<title>&lt;script&gt;alert(1)&lt;/script&gt;</title><link>\x00javascript:x</link>",
        b"<title>A</title><arxiv:announce_type>&#xDC00;new</arxiv:announce_type><b>",
    ),
)
def test_characters_that_cannot_be_stored_never_come_through(entry: bytes) -> None:
    (item,) = parse(rss("<i/>").replace(b"<i/>", entry)).items
    text = PaperFetched(item=item, fetched_at=NOW).model_dump_json()
    assert "\\u00" not in text
    assert json.loads(text)["item"]["title"]


def test_a_parser_failure_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.fetcher.sources.feeds.library.feedparser.parse", lambda *_, **__: 1 / 0)
    with pytest.raises(TransientError, match=r"^the feed cannot be read: ZeroDivisionError: division by zero$"):
        parse(rss())


def test_a_truncated_feed_returns_its_whole_entries() -> None:
    body = rss("<title>One</title><guid>urn:x:1</guid>", "<title>Two</title><guid>urn:x:2</guid>")
    poll = parse(body[: body.rindex(b"</title>")])
    assert [item.title for item in poll.items] == ["One"]
    assert poll.refusals == [Refusal("entry 2", "the feed was cut in it; half an entry is left out")]
    assert poll.state == "partial"


def test_a_wrong_charset_in_the_prolog_loses_no_entry() -> None:
    body = rss("<title>Caf\u00e9</title>").replace(b'version="1.0"', b'version="1.0" encoding="us-ascii"', 1)
    assert parse(body).items[0].title in {"Café", "CafÃ©"}


def test_fifty_thousand_items_are_bounded() -> None:
    entries = (f'<title>{n}</title><guid isPermaLink="false">{n}</guid>' for n in range(50_000))
    poll = parse(rss(*entries), most=2_000)
    assert len(poll.items) == 2_000
    assert [r.reason for r in poll.refusals] == ["only the first 2,000 of 50,000 are taken"]


def test_where_a_paper_appeared_is_read_as_publishers_say_it() -> None:
    fields = {"volume": "12", "number": "3", "startingPage": "4", "endingPage": "9"}
    text = "".join(f"<prism:{name}>{value}</prism:{name}>" for name, value in fields.items())
    assert one(f"<title>x</title>{text}").appeared == Appearance(volume="12", number="3", pages="4-9")
    assert one("<title>x</title>").appeared is None


def test_the_orcid_of_an_author_is_read_from_the_address() -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>x</title><id>urn:x</id>'
        "<author><name>Ada Origami</name><uri>https://orcid.org/0000-0002-1825-0097</uri></author>"
        "<author><name>Bo Fold</name><uri>https://x.example/bo</uri></author></entry></feed>"
    )
    assert parse(body.encode()).items[0].orcids == {"Ada Origami": "0000-0002-1825-0097"}
