"""Links to code and project pages, found in the text of an abstract."""

import re
from typing import Final
from urllib.parse import urlsplit

_URL = re.compile(r"https?://[^\s<>\"'{}|\\^`\[\]]{1,2000}", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w/.@-])(?:www\.)?(?:github|gitlab)\.com/[\w.-]+/[\w.-]+", re.IGNORECASE)
_CODE_HOSTS: Final = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org"})
_NOT_PROJECTS: Final = (
    ".arxiv.org", ".doi.org", ".orcid.org", ".creativecommons.org", ".youtube.com", ".youtu.be", ".wikipedia.org",
)  # fmt: skip


def find_links(text: str) -> tuple[tuple[str, ...], str | None]:
    """Return the repositories that a text names, in order, and the first other page as that of the project."""
    urls = [_trim(url) for url in _URL.findall(text)] if "://" in text else []
    if any(name in text.lower() for name in ("github.com/", "gitlab.com/")):
        urls += [f"https://{_trim(bare)}" for bare in _BARE.findall(_URL.sub(" ", text))]
    code: dict[str, None] = {}
    project = None
    for url in urls:
        if repository := _repository(url):
            code[repository] = None
        elif project is None and _is_project(url):
            project = url
    return tuple(code), project


def _trim(url: str) -> str:
    """Drop the punctuation of the sentence; a closing parenthesis stays if the address has the opening one."""
    url = url.rstrip(".,;:!?'\"*")
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(".,;:!?")
    return url


def _parts(url: str) -> tuple[str, list[str]]:
    try:
        split = urlsplit(url)
    except ValueError:
        return "", []
    return (split.hostname or "").removeprefix("www."), [part for part in split.path.split("/") if part]


def _repository(url: str) -> str | None:
    host, path = _parts(url)
    if host not in _CODE_HOSTS or len(path) < 2:  # noqa: PLR2004  # owner and name
        return None
    name = path[1].removesuffix(".git").rstrip(".")
    return f"https://{host}/{path[0]}/{name}" if name else None


def _is_project(url: str) -> bool:
    host, _ = _parts(url)
    return "." in host and host not in _CODE_HOSTS and not f".{host}".endswith(_NOT_PROJECTS)
