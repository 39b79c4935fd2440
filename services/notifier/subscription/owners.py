"""Rows that wait for the answer of an address: how they are known, and how long."""

from typing import Final

WAITING: Final = "optin:"
"""What their owners begin with."""
LIFETIME: Final = 48 * 3_600
"""Seconds in which the mail that asks has to be answered."""
