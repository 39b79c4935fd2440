"""Owners of subscriptions. Most are API keys; the others are told apart by how they begin. Pure."""

from typing import Final

from services.notifier.fields.mailbox import identity
from services.notifier.subscription.model import derived_id

UNCONFIRMED: Final = "optin:"
"""Prefix of the owner of a subscription that an address has not confirmed yet."""
BY_KEY: Final = f"{UNCONFIRMED}key:"
"""Prefix of the owner of a row by which an address is asked whether an API key may send mail to it."""
MAIL: Final = "mail:"
"""Prefix of the owner of subscriptions that an address has confirmed without an API key."""
OPERATIONAL: Final = "operational:"
"""Prefix of the owner of an operational webhook."""


def operational_id(owner: str) -> str:
    """Return the id of the row of an owner's operational webhook."""
    return derived_id(OPERATIONAL + owner)


def mail_owner(address: str) -> str:
    """Return the owner of the subscriptions that an e-mail address has confirmed without an API key."""
    return f"{MAIL}{derived_id(identity(address))}"
