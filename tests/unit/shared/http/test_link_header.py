"""The header `Link` stays small, and keeps its first links."""

from shared.http.link_header import MAX_BYTES, Link, header


def test_links_are_written_with_their_relation_and_type() -> None:
    links = [Link("/v1/search?cursor=x", "next"), Link("/openapi.json", "service-desc", "application/json")]
    assert (
        header(links)
        == '</v1/search?cursor=x>; rel="next", </openapi.json>; rel="service-desc"; type="application/json"'
    )


def test_what_does_not_fit_is_left_out() -> None:
    long = Link("/search?q=" + "x" * MAX_BYTES, "alternate")
    assert header([Link("/a", "next"), long, Link("/b", "first")]) == '</a>; rel="next"'
    assert header([]) == ""
