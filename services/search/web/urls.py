"""The addresses of our pages and feeds, and which external addresses may be links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from services.search.query.filters import Filters
from services.search.query.parser import Query
from services.search.query.subscribable import subscribable
from shared.http.site import path_to
from shared.papers.names import point_id
from shared.papers.paths import author_path, paper_path, picture_path

Pairs = Sequence[tuple[str, object]]
_MATCHING: Final = ("query", "must", "categories", "authors", "sources")
"""The fields of which a subscription needs one."""


def external(url: str | None) -> str | None:
    """Return an address if it is HTTP or HTTPS, else None: `javascript:` and other schemes are no links."""
    try:
        return url if url and urlsplit(url).scheme in ("http", "https") else None
    except ValueError:
        return None


def host(url: str) -> str:
    """Return the host of an address that `external` returned."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


def page_of(paper_id: str) -> str:
    """Return the address of a paper's page."""
    return path_to(paper_path(paper_id))


def json_of(paper_id: str) -> str:
    """Return the address of a paper as JSON."""
    return path_to("/v1" + paper_path(paper_id))


def anchor(paper_id: str) -> str:
    """Return the name of a paper's card on its page."""
    return f"p-{point_id(paper_id)[:8]}"


def similar_feed(paper_id: str, suffix: str = "atom") -> str:
    """Return the address of the feed of papers similar to one, in the format `atom` or `json`."""
    return path_to(f"/feeds{paper_path(paper_id)}/similar.{suffix}")


def picture_of(paper_id: str, picture: Mapping[str, Any]) -> str:
    """Return the address of the picture of a paper."""
    return path_to(picture_path(paper_id, picture["version"]))


def unapi_id(paper_id: str) -> str:
    """Return the id of a paper for `<abbr class="unapi-id">`: Zotero puts it into an address as it is."""
    return quote(paper_id, safe="/:;,.()")


def author_page(name: str) -> str:
    """Return the address of an author's page."""
    return address(author_path(name))


def author_feed(name: str, suffix: str) -> str:
    """Return the address of the feed of an author, in the format `atom` or `json`."""
    return path_to(f"/feeds{author_path(name)}.{suffix}")


def address(path: str, pairs: Pairs = ()) -> str:
    """Return the address of a page with parameters; those without a value are left out."""
    query = urlencode([(name, value) for name, value in pairs if value not in (None, "")])
    return path_to(f"{path}?{query}" if query else path)


def search_for(**parameters: object) -> str:
    """Return the address of a search."""
    return address("/search", list(parameters.items()))


def subscription_to(query: Query, filters: Filters) -> str | None:
    """Return the address of the form that subscribes to a search; None for one that a subscription can have nothing of.

    The form says what a subscription lacks.
    """
    found = subscribable(query, filters)
    if not any(found.fields.get(name) for name in _MATCHING):
        return None
    pairs: list[tuple[str, object]] = []
    for name, value in found.fields.items():
        if name == "query":
            pairs.append(("q", value))
        elif name == "categories":
            pairs.append(("category", " ".join(value)))
        elif isinstance(value, list):
            pairs += ((name, one) for one in value)
        else:
            pairs.append((name, str(value).lower()))
    return address("/subscribe", [*pairs, *(("left_out", term) for term in found.left_out)])


@dataclass(frozen=True, slots=True)
class Here:
    """The search that a page shows, as the pairs of its address; the links of the page are built from it."""

    pairs: tuple[tuple[str, str], ...]

    def set(self, **parameters: object) -> str:
        """Return the address of this search with other values, from its first page; None removes a parameter."""
        rest = [(name, value) for name, value in self.pairs if name not in parameters and name != "cursor"]
        return address("/search", [*rest, *parameters.items()])

    def without(self, name: str, value: str) -> str:
        """Return the address of this search without one of its values."""
        return address("/search", [pair for pair in self.pairs if pair != (name, value) and pair[0] != "cursor"])

    def plus(self, name: str, value: str) -> str:
        """Return the address of this search with one more value of a repeatable parameter."""
        rest = [pair for pair in self.pairs if pair[0] != "cursor"]
        return address("/search", [*rest, (name, value)])

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values of a parameter."""
        return tuple(value for key, value in self.pairs if key == name)

    def feed(self, suffix: str) -> str:
        """Return the address of this search as a feed."""
        return address(f"/feeds/search.{suffix}", self.papers)

    @property
    def papers(self) -> Pairs:
        """The parameters of an export of this search."""
        return [pair for pair in self.pairs if pair[0] not in ("cursor", "limit", "hidden")]
