"""The static files of pages, read once; each has an address with its version, under which it never changes."""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from shared.http.conditional import conditional_text
from shared.http.site import path_to

FOREVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file with its version, which changes with its content."""

    body: bytes
    media: str
    version: str


class Assets:
    """The files of a folder, served under a path such as `/static`."""

    def __init__(self, folder: Path, path: str) -> None:
        """Read the files of a folder."""
        self._path = path
        self._files = {file.name: _asset(file) for file in sorted(folder.iterdir()) if file.is_file()}

    def address(self, name: str) -> str:
        """Return the address of a file, with its version."""
        return path_to(f"{self._path}/{name}?v={self._files[name].version}")

    def route(self) -> web.AbstractRouteDef:
        """Return the route that serves them."""
        return web.get(self._path + "/{name}", self.serve)

    async def serve(self, request: web.Request) -> web.Response:
        """Answer with a file; clients may keep the one of the current version, and have to revalidate others."""
        asset = self._files.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        current = request.query.get("v") == asset.version
        headers = {"X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
        headers["Cache-Control"] = FOREVER if current else "no-cache"
        return conditional_text(request, asset.version, asset.body, asset.media, headers)


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(body, media, hashlib.blake2b(body, digest_size=6).hexdigest())
