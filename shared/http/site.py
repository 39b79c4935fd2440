"""Where readers reach this instance: its address, and the path below which its pages are. Each request has its own.

A public address may have a path (`https://example.org/papers`): then every link of a page begins with it.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from yarl import URL


@dataclass(frozen=True, slots=True)
class Site:
    """An address without a slash at its end: `origin` is scheme and host, `base` the path or ""."""

    origin: str = ""
    base: str = ""

    @classmethod
    def of(cls, address: str) -> "Site":
        """Split an address such as `https://example.org/papers`."""
        url = URL(address, encoded=True)
        return cls(str(url.origin()), url.raw_path.rstrip("/"))

    @property
    def address(self) -> str:
        """The whole address."""
        return self.origin + self.base


_UNKNOWN: Final = Site()
_CURRENT: Final[ContextVar[Site]] = ContextVar("site", default=_UNKNOWN)


def enter(site: Site) -> None:
    """Set the site of the request that this task answers."""
    _CURRENT.set(site)


def origin() -> str:
    """Return scheme and host of the instance, as the client of this request reaches it."""
    return _CURRENT.get().origin


def address() -> str:
    """Return the address of the instance, as the client of this request reaches it."""
    return _CURRENT.get().address


def path_to(path: str) -> str:
    """Return the path of one of our pages or files, as the client of this request reaches it: the one URL helper."""
    return _CURRENT.get().base + path


def inner_path(path: str, base: str) -> str:
    """Return a path without the base; one that does not begin with it stays, as some proxies drop it themselves."""
    if path == base:
        return "/"
    return path.removeprefix(base) if path.startswith(base + "/") else path
