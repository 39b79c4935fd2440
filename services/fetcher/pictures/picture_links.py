"""Finds the picture that a web page offers: its `og:image`, or the first figure of a paper. Pure.

The parser of the standard library takes quadratic time for some pages of strangers; these patterns take linear time.
"""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urljoin

from services.fetcher.sources.fields import http_url

MAX_PAGE: Final = 2_000_000
"""Characters of a page that are read."""
MAX_TAG: Final = 4_000
"""Characters of one tag; a longer one is passed over."""
_MARK: Final = re.compile(r"<!--|-->|<(/?)(script|base|meta|figure|img)(?=[\s/>])([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""(?<![^\s"'/])([^\s=>"'/]++)\s*+=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_OFFERED: Final = frozenset({"og:image", "og:image:url"})
_FIGURE: Final = "ltx_figure"
"""The class that LaTeXML gives to a figure."""
_RASTER: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif")

Tag = tuple[str, dict[str, str]]
"""The name of a tag, with a slash before it at its end, and its attributes."""


def offered_picture(page: str, address: str) -> str | None:
    """Return the address of the picture that a page offers for links to it (`og:image`)."""
    base = ""
    for name, given in _tags(page):
        if name == "base":
            base = base or given.get("href", "")
        elif name == "meta" and _is_offer(given) and (link := given.get("content", "").strip()):
            return _whole(link, base, address)
    return None


def first_figure(page: str, address: str) -> str | None:
    """Return the address of the first figure of a paper as arXiv shows it, if it is no drawing (SVG)."""
    base, depth = "", 0
    for name, given in _tags(page):
        if name == "base":
            base = base or given.get("href", "")
        elif name == "figure" and (depth or _FIGURE in given.get("class", "").split()):
            depth += 1
        elif name == "/figure":
            depth = max(depth - 1, 0)
        elif name == "img" and depth and (link := given.get("src", "").strip()).lower().endswith(_RASTER):
            return _whole(link, base, address)
    return None


def _is_offer(given: Mapping[str, str]) -> bool:
    return given.get("property", given.get("name", "")).lower() in _OFFERED


def _tags(page: str) -> Iterator[Tag]:
    """Yield the tags that say where pictures are, without those in comments and scripts."""
    hidden = ""
    for found in _MARK.finditer(page[:MAX_PAGE]):
        name = f"{found[1]}{found[2]}".lower() if found[2] else found[0]
        if hidden:
            hidden = "" if name == hidden else hidden
        elif name in {"<!--", "script"}:
            hidden = "-->" if name == "<!--" else "/script"
        elif found[2] and len(found[3]) <= MAX_TAG:
            rows = reversed(_ATTRIBUTE.findall(found[3]))  # of two attributes of a name, the first counts
            yield name, {row[0].lower(): html.unescape("".join(row[1:])) for row in rows}


def _whole(link: str, base: str, address: str) -> str | None:
    try:
        return http_url(urljoin(urljoin(address, base), link))
    except ValueError:  # half an IPv6 address
        return None
