"""Conditional responses: an ETag, and 304 if it matches."""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import ETag, web


def tag_of(body: bytes) -> str:
    """Return the tag of a body, which changes with its content."""
    return hashlib.blake2b(body, digest_size=12).hexdigest()


def conditional(request: web.Request, tag: str, body: bytes, media: str, headers: Mapping[str, str]) -> web.Response:
    """Return a response with `body`, or 304 to a client that has the content of this tag.

    The tag is weak: the same content may be compressed or not.
    """
    response = web.Response(headers=headers)
    response.etag = ETag(tag, is_weak=True)
    if any(known.value in ("*", tag) for known in request.if_none_match or ()):
        response.set_status(304)
        return response
    response.body = body
    response.content_type = media
    return response


def conditional_text(
    request: web.Request, tag: str, body: bytes, media: str, headers: Mapping[str, str]
) -> web.Response:
    """Return a text in UTF-8 like `conditional`, compressed for clients that accept it."""
    response = conditional(request, tag, body, media, headers)
    if response.status == HTTPStatus.OK:
        response.charset = "utf-8"
        response.enable_compression()
    return response
