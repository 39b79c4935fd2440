import pytest

from services.fetcher.pictures.picture_links import MAX_PAGE, first_figure, offered_picture
from tests.support import cpu_time

PAGE = "https://cranes.example/paper/index.html"
HEAD = '<html><head><meta charset="utf-8">{}</head><body><img src="logo.png"></body></html>'


@pytest.mark.parametrize(
    ("meta", "expected"),
    (
        ('<meta property="og:image" content="https://cdn.example/a.png">', "https://cdn.example/a.png"),
        ("<meta content='teaser.jpg' property='og:image'/>", "https://cranes.example/paper/teaser.jpg"),
        ('<meta name="og:image" content="/a.png?w=1&amp;h=2">', "https://cranes.example/a.png?w=1&h=2"),
        ('<META PROPERTY="OG:Image" CONTENT=" //cdn.example/a.png ">', "https://cdn.example/a.png"),
        ('<base href="/v2/"><meta property="og:image:url" content="a.png">', "https://cranes.example/v2/a.png"),
        (
            '<meta property="og:image" content="one.png"><meta property="og:image" content="two.png">',
            "https://cranes.example/paper/one.png",
        ),
    ),
)
def test_the_picture_that_a_page_offers_is_found(meta: str, expected: str) -> None:
    assert offered_picture(HEAD.format(meta), PAGE) == expected


@pytest.mark.parametrize(
    "meta",
    (
        "",
        '<meta property="og:image">',
        '<meta property="og:image" content="">',
        '<meta property="og:title" content="a.png">',
        '<meta property="og:image" content="data:image/png;base64,AAAA">',
        '<meta property="og:image" content="javascript:alert(1)">',
        '<meta property="og:image" content="file:///etc/passwd">',
        '<meta property="og:image" content="http://[half/a.png">',
        f'<meta property="og:image" content="https://cdn.example/{"x" * 5_000}.png">',
        '<!-- <meta property="og:image" content="a.png"> -->',
        "<script>\"<meta property='og:image' content='a.png'>\"</script>",
    ),
)
def test_a_page_without_a_usable_picture_has_none(meta: str) -> None:
    assert offered_picture(HEAD.format(meta), PAGE) is None


def test_the_first_figure_of_a_paper_is_found() -> None:
    page = """<base href="/html/2401.00001v2/"><img src="logo.png"><figure class="ltx_table"><img src="t.png"></figure>
    <figure id="S1.F1" class="ltx_figure ltx_align_center"><figure class="ltx_figure_panel"><img src="d.svg"></figure>
    <img src="data:image/png;base64,AA" alt=""><img class="ltx_graphics" src="x1.png" width="300"></figure>
    <figure class="ltx_figure"><img src="x2.png"></figure>"""
    assert first_figure(page, "https://arxiv.org/html/2401.00001v2") == "https://arxiv.org/html/2401.00001v2/x1.png"


def test_a_paper_without_a_drawn_figure_has_none() -> None:
    assert first_figure('<figure class="ltx_figure"><svg></svg></figure><img src="x.png">', PAGE) is None


@pytest.mark.parametrize(
    "piece",
    ("<", "<img ", "<!--", "&", "<figure class=ltx_figure>", "</", "<script>", '<img b="', "<meta a", "<meta a='"),
)
def test_no_page_takes_long(piece: str) -> None:
    """INVARIANT: a page of a stranger takes linear time, or the limit of the process ends it."""
    page = piece * (MAX_PAGE // 8 // len(piece))
    assert cpu_time(lambda: first_figure(page, PAGE)) < 5
