"""The address of the instance, and paths below it."""

from contextvars import copy_context

import pytest

from shared.http.site import Site, address, enter, inner_path, path_to


def test_paths_begin_with_the_base_of_the_request() -> None:
    assert path_to("/search") == "/search"

    def answer() -> None:
        enter(Site.of("https://example.org:8443/a/papers"))
        assert address() == "https://example.org:8443/a/papers"
        assert path_to("/search") == "/a/papers/search"

    copy_context().run(answer)


@pytest.mark.parametrize(
    ("path", "inner"),
    (("/papers", "/"), ("/papers/", "/"), ("/papers/search", "/search"), ("/paperss", "/paperss"), ("/", "/")),
)
def test_the_base_is_dropped_where_it_is(path: str, inner: str) -> None:
    assert inner_path(path, "/papers") == inner
    assert inner_path(path, "") == path
