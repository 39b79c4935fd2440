"""Encryption of secrets at rest.

A sealed text is a Fernet token (AES-128-CBC and HMAC-SHA256). The key comes from `PAPERWIRE_SECRET_KEY`, or from a
file in the data directory that the first start creates. With several keys, the first encrypts and all decrypt.
"""

import base64
import hmac
import secrets
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import structlog
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.errors import ConfigurationError
from shared.files import create_file

KEY_FILE: Final = "secret.key"
MIN_KEY_LENGTH: Final = 32
"""Characters that a key has at least."""
log = structlog.get_logger("notifier")


class Cipher:
    """Encrypt and decrypt texts, with one key or several."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Derive from `keys`, the newest first, each any text of at least `MIN_KEY_LENGTH` characters."""
        self.changing = len(keys) > 1
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, b"seal"))) for key in keys])
        self._marker = _derived(keys[0], b"mark")
        self.open = lru_cache(maxsize=4_096)(self._opened)

    def seal(self, text: str) -> str:
        """Encrypt a text with the first key."""
        return self._fernet.encrypt(text.encode()).decode()

    def _opened(self, token: str) -> str:
        """Decrypt a sealed text; raise `InvalidToken` if none of the keys sealed it."""
        return self._fernet.decrypt(token.encode()).decode()

    def mark(self, text: str) -> str:
        """Return a mark that is equal for equal texts and reveals nothing about them."""
        return hmac.digest(self._marker, text.encode(), "sha256")[:8].hex()


def load_cipher(configured: str | None, data_dir: Path) -> Cipher:
    """Return the cipher for the keys of `PAPERWIRE_SECRET_KEY`, or for the key file of the data directory.

    Raises:
        ConfigurationError: a key is too short, or the file can neither be read nor created.

    """
    if not configured:
        return Cipher([_from_file(data_dir / KEY_FILE)])
    keys = [key.strip() for key in configured.split(",") if key.strip()]
    if not keys or any(len(key) < MIN_KEY_LENGTH for key in keys):
        raise ConfigurationError(
            f"PAPERWIRE_SECRET_KEY is not valid: set at least {MIN_KEY_LENGTH} random characters; separate "
            "several keys with commas."
        )
    return Cipher(keys)


def _from_file(path: Path) -> str:
    try:
        if not path.exists():
            _create_key_file(path)
        key = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The key in {path} cannot be read ({error}): set PAPERWIRE_SECRET_KEY.") from error
    if len(key) < MIN_KEY_LENGTH:
        raise ConfigurationError(
            f"The key in {path} is empty or too short: restore it from a backup, or set PAPERWIRE_SECRET_KEY. "
            "Without it, delete the file to get a new key, and set the stored secrets again."
        )
    return key


def key_file_problem(data_dir: Path) -> str | None:
    """Return what is wrong with the key file of a data directory, in one sentence; None if it is fine or missing."""
    path = data_dir / KEY_FILE
    try:
        if path.exists():
            _from_file(path)
    except ConfigurationError as error:
        return str(error)
    return None


def _create_key_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if create_file(path, (secrets.token_urlsafe(32) + "\n").encode()):
        log.warning("secret_key created", path=str(path), advice="back it up, or set PAPERWIRE_SECRET_KEY")


def _derived(key: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"paperwire " + purpose).derive(key.encode())
