"""The static files of pages, read once; each has an address with its version, under which it never changes."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from shared.http.conditional import conditional, conditional_text
from shared.http.site import path_to

_PACKED: Final = ".gz"
FOREVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file with its version, which changes with its content; `packed` says that the body is gzipped."""

    body: bytes
    media: str
    version: str
    packed: bool = False


class Assets:
    """The files of a folder, served under a path such as `/static`."""

    def __init__(self, folder: Path, path: str) -> None:
        """Read the files of a folder; one that is gzipped is served under its name without `.gz`."""
        self._path = path
        self._files = {
            file.name.removesuffix(_PACKED): _asset(file) for file in sorted(folder.iterdir()) if file.is_file()
        }

    def address(self, name: str) -> str:
        """Return the address of a file, with its version."""
        return path_to(f"{self._path}/{name}?v={self._files[name].version}")

    def version(self, name: str) -> str:
        """Return the version of a file."""
        return self._files[name].version

    def route(self) -> web.AbstractRouteDef:
        """Return the route that serves them."""
        return web.get(self._path + "/{name}", self.serve)

    async def serve(self, request: web.Request) -> web.Response:
        """Answer with a file; clients may keep the one of the current version, and have to revalidate others."""
        return self._answered(request, request.match_info["name"])

    def at_root(self, name: str) -> web.AbstractRouteDef:
        """Return the route that serves one file at the root of the site, where browsers look for it."""

        async def serve_root(request: web.Request) -> web.Response:
            return self._answered(request, name)

        return web.get(f"/{name}", serve_root)

    def _answered(self, request: web.Request, name: str) -> web.Response:
        asset = self._files.get(name)
        if asset is None:
            raise web.HTTPNotFound
        current = request.query.get("v") == asset.version
        headers = {"X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
        headers["Cache-Control"] = FOREVER if current else "no-cache"
        if asset.packed and "gzip" in request.headers.get("Accept-Encoding", ""):
            packed = headers | {"Content-Encoding": "gzip"}
            return conditional(request, asset.version, asset.body, asset.media, packed)
        body = gzip.decompress(asset.body) if asset.packed else asset.body
        if asset.media.startswith("image/") and "svg" not in asset.media:
            return conditional(request, asset.version, body, asset.media, headers)
        return conditional_text(request, asset.version, body, asset.media, headers)


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    media = mimetypes.guess_type(path.name.removesuffix(_PACKED))[0] or "application/octet-stream"
    return Asset(body, media, hashlib.blake2b(body, digest_size=6).hexdigest(), path.suffix == _PACKED)
