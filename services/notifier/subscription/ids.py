"""Ids that follow from what they name, so that naming it twice gives one id. Pure."""

import uuid
from typing import Final

_NAMESPACE: Final = uuid.UUID("0a4d7c1e-2f0b-5b58-8f3b-6a1c2b7e9d40")


def derived_id(name: str) -> str:
    """Return the UUID that belongs to a name, the same one every time."""
    return str(uuid.uuid5(_NAMESPACE, name))
