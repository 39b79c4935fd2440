"""The version of this program, and that of what it stores in Redis and Qdrant, which a start compares. Pure.

Records are read tolerantly within a version: fields may be added with a default, and unknown ones are ignored. A change
that an earlier program would misread raises the version, and the new program keeps a reader of the earlier records.
"""

from functools import cache
from importlib.metadata import version
from typing import Final

from shared.errors import ConfigurationError

DATA_VERSION: Final = 1
KEY: Final = "data:version"
"""The key in Redis. It is missing in data from before the first release, which every version reads."""
FIELD: Final = "data_version"
"""The field in the metadata of a collection, and in the payload of a point that is derived from Redis."""
_SHOWN: Final = 20


def check_data_version(place: str, found: object) -> None:
    """Check the version that a place states, or None where it states none.

    Raises:
        ConfigurationError: it is newer than this program, or no version.

    """
    text = found.decode(errors="replace") if isinstance(found, bytes) else str(found)
    if found is None or (text.isascii() and text.isdigit() and int(text[:_SHOWN]) <= DATA_VERSION):
        return
    message = (
        f"{place} holds data of version {text[:_SHOWN]!r}, but this Paperwire reads versions up to {DATA_VERSION}: "
        "upgrade Paperwire, or restore a backup that this version wrote."
    )
    raise ConfigurationError(message)


@cache
def own_version() -> str:
    """Return the version of this program, such as `1.4.0`; it is read once, as to look for it takes milliseconds."""
    return version("paperwire")


def user_agent(contact: str) -> str:
    """Return how requests to others name this program, and where its operator is reached."""
    return f"Paperwire/{own_version()} (+{contact})"
