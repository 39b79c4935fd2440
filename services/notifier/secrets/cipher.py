"""The box that secrets rest in: keys, and what they seal.

What is sealed is a Fernet token (AES-128-CBC and HMAC-SHA256). The key comes from `PAPERWIRE_SECRET_KEY`, or from a
file in the data directory that the first start makes. Several keys may be given: the first seals, each opens.
"""

import base64
import hmac
import os
import secrets as dice
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import structlog
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.errors import ConfigurationError

KEY_FILE: Final = "secret.key"
MIN_KEY_LENGTH: Final = 32
"""Characters of a key."""
log = structlog.get_logger("notifier")


class Cipher:
    """Seals and opens texts with some keys, the newest first."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Each key is any text of at least `LEAST` characters."""
        self.changing = len(keys) > 1
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, b"seal"))) for key in keys])
        self._marker = _derived(keys[0], b"mark")
        self.open = lru_cache(maxsize=4_096)(self._opened)

    def seal(self, text: str) -> str:
        """Seal a text."""
        return self._fernet.encrypt(text.encode()).decode()

    def _opened(self, token: str) -> str:
        """Open what was sealed with one of the keys; raises `InvalidToken`."""
        return self._fernet.decrypt(token.encode()).decode()

    def mark(self, text: str) -> str:
        """Give what is the same for equal texts and tells nothing of them."""
        return hmac.digest(self._marker, text.encode(), "sha256")[:8].hex()


def load_cipher(given: str | None, data_dir: Path) -> Cipher:
    """Make the box with the keys of `PAPERWIRE_SECRET_KEY`, or with the key file of the data directory.

    Raises:
        ConfigurationError: a key is too short, or the file can be neither read nor made.

    """
    if not given:
        return Cipher([_from_file(data_dir / KEY_FILE)])
    keys = [key.strip() for key in given.split(",") if key.strip()]
    if not keys or any(len(key) < MIN_KEY_LENGTH for key in keys):
        raise ConfigurationError(
            f"PAPERWIRE_SECRET_KEY is not usable: set at least {MIN_KEY_LENGTH} random characters; separate "
            "several keys with commas."
        )
    return Cipher(keys)


def _from_file(path: Path) -> str:
    try:
        if not path.exists():
            _make(path)
        key = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The key in {path} cannot be had ({error}): set PAPERWIRE_SECRET_KEY.") from error
    if len(key) < MIN_KEY_LENGTH:
        raise ConfigurationError(f"The key in {path} is too short: restore it, or set PAPERWIRE_SECRET_KEY.")
    return key


def _make(path: Path) -> None:
    """Write a key file at one stroke: of several processes that start together one wins, and no one reads half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{dice.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(dice.token_urlsafe(32) + "\n")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()
    log.warning("made the key that secrets are sealed with: keep it, or set PAPERWIRE_SECRET_KEY", path=str(path))


def _derived(key: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"paperwire " + purpose).derive(key.encode())
