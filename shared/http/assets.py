"""The few static files of pages: read once, and for ever the same under an address that carries their version."""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import ETag, web

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
        """Read them."""
        self._path = path
        self._files = {file.name: _asset(file) for file in sorted(folder.iterdir()) if file.is_file()}

    def address(self, name: str) -> str:
        """Give the address of a file, with its version."""
        return f"{self._path}/{name}?v={self._files[name].version}"

    def route(self) -> web.AbstractRouteDef:
        """Give the route that serves them."""
        return web.get(self._path + "/{name}", self.serve)

    async def serve(self, request: web.Request) -> web.Response:
        """Answer with a file; under its version it may be kept for ever, else it is asked for again each time."""
        asset = self._files.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        current = request.query.get("v") == asset.version
        response = web.Response(headers={"Cache-Control": FOREVER if current else "no-cache"})
        response.etag = ETag(asset.version, is_weak=True)  # weak: the same text may be compressed or not
        response.headers.update({"X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"})
        if any(known.value in ("*", asset.version) for known in request.if_none_match or ()):
            response.set_status(304)
            return response
        response.body = asset.body
        response.content_type, response.charset = asset.media, "utf-8"
        response.enable_compression()
        return response


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(body, media, hashlib.blake2b(body, digest_size=6).hexdigest())
