"""The return path of mail, an address for each delivery: a bounce comes back to it, and names what it is about. Pure.

This is VERP: `bounce+<token>@domain`. The token is the id of the delivery with a signature over it and the address
that it was sent to. So nobody else can write a token, the address is not in it, and it is void once the subscription
has another address. It is in base32, as servers may change the case of an address.
"""

import hmac
import re
import uuid
from base64 import b32decode, b32encode
from dataclasses import dataclass
from typing import Final, Self

from services.notifier.fields.mailbox import identity, mailbox

MAX_LOCAL: Final = 64
"""Characters before the @ of an address (RFC 5321, section 4.5.3.1.1)."""
_SIGNATURE: Final = 12
"""Bytes of a signature."""
_LENGTH: Final = 45
"""Characters of a token."""
_SALT: Final = b"paperwire return path 1\0"
"""Separates these signatures from whatever else is signed with the key."""
_TOKEN: Final = re.compile(rb"\+([A-Za-z2-7]{%d})@" % _LENGTH)
_MAX_TOKENS: Final = 8


@dataclass(frozen=True, slots=True)
class ReturnPath:
    """The address that mail which cannot be delivered comes back to."""

    local: str
    domain: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse an address such as `bounce@example.org`.

        Raises:
            ValueError: it is no address, or has no room for a token; the text says which.

        """
        local, _, domain = mailbox(text).rpartition("@")
        if len(local) + 1 + _LENGTH > MAX_LOCAL:
            raise ValueError(f"The part before the @ has at most {MAX_LOCAL - 1 - _LENGTH} characters.")
        mailbox(f"{local}+{'a' * _LENGTH}@{domain}")  # as long as it will be
        return cls(local, domain)

    def of(self, key: bytes, delivery: str, address: str) -> str:
        """Return the return path of a delivery (a UUID) to an address."""
        named = uuid.UUID(delivery)
        token = b32encode(named.bytes + _signature(key, named, address)).decode().rstrip("=").lower()
        return f"{self.local}+{token}@{self.domain}"


@dataclass(frozen=True, slots=True)
class Token:
    """What a return path says: the id of a delivery, which nothing proves before the signature is checked."""

    delivery: str
    signature: bytes

    def proves(self, key: bytes, address: str) -> bool:
        """Return whether we made the token, for this delivery to this address."""
        return hmac.compare_digest(self.signature, _signature(key, uuid.UUID(self.delivery), address))


def find_tokens(text: bytes) -> list[Token]:
    """Return the first different tokens that occur in a text."""
    found = dict.fromkeys(match[1].upper() for match in _TOKEN.finditer(text))
    raw = [b32decode(token + b"=" * (-_LENGTH % 8)) for token in list(found)[:_MAX_TOKENS]]
    return [Token(str(uuid.UUID(bytes=one[:16])), one[16:]) for one in raw]


def _signature(key: bytes, delivery: uuid.UUID, address: str) -> bytes:
    signed = _SALT + delivery.bytes + identity(address).encode()
    return hmac.digest(key, signed, "sha256")[:_SIGNATURE]
