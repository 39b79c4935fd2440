"""Errors in the form of Qdrant, and the one place that classifies the errors of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class ApiError(Exception):
    """A request that was not carried out; ``status`` is the HTTP status."""

    status = 500


class DiskFull(ApiError):  # noqa: N818
    """Too little space is left on the disk for a change; reading goes on."""


class DiskFailed(ApiError):  # noqa: N818
    """The log could not be written, so nothing in memory counts: the server ends, and a new one reads the disk."""


class BadRequest(ApiError):  # noqa: N818  (named after the HTTP status)
    """The request is well formed but cannot be carried out."""

    status = 400


class NotFound(ApiError):  # noqa: N818
    """A collection or point does not exist."""

    status = 404


class Conflict(ApiError):  # noqa: N818
    """A collection already exists."""

    status = 409


class Invalid(ApiError):  # noqa: N818
    """A value is out of range."""

    status = 422


@contextmanager
def parsing() -> Iterator[None]:
    """Turn whatever a malformed body trips over into a 400. Only translation of JSON belongs inside.

    Bodies are walked, not validated against a schema first: a schema would be a second copy of Qdrant's, and slow.
    """
    try:
        yield
    except (KeyError, IndexError) as error:
        raise BadRequest(f"Format error in JSON body: missing field `{error.args[0]}`") from error
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BadRequest(f"Format error in JSON body: {error}") from error


@contextmanager
def engine() -> Iterator[None]:
    """Turn the engine's refusals into Qdrant's; the engine raises bare ``Exception`` and Rust panics."""
    try:
        yield
    except ApiError:
        raise
    except Exception as error:
        raise _refusal(str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # it cannot be imported, and is not an Exception
            raise
        raise ApiError(f"Service internal error: {error}") from error


def _refusal(text: str) -> ApiError:
    if text.startswith("No point with id"):
        return NotFound(f"Not found: {text} found")
    if text.startswith("Service runtime error"):
        return ApiError(f"Service internal error: {text}")
    if text.startswith(("No range index", "No appropriate index")):
        return BadRequest(f"Bad request: {text}")
    return BadRequest(f"Wrong input: {text}")
