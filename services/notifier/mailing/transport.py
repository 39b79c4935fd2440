"""The mail transport that the settings choose: an SMTP server, or the outbox."""

from email.headerregistry import Address
from typing import Final

from services.notifier.mailing.mime import sender_of
from services.notifier.mailing.outbox import Outbox
from services.notifier.mailing.return_path import ReturnPath
from services.notifier.mailing.smtp import Smtp, read_url
from services.notifier.settings import NotifierSettings
from shared.errors import ConfigurationError

_STEP_TIMEOUT: Final = 30.0
"""Seconds that a mail server may take for one reply; RFC 5321 allows minutes."""
_DEFAULT_SENDER: Final = "Paperwire <paperwire@localhost.localdomain>"


def open_transport(settings: NotifierSettings) -> Smtp | Outbox:
    """Return the transport.

    Raises:
        ConfigurationError: `PAPERWIRE_SMTP_URL` is not valid. The text repeats nothing of it.

    """
    if settings.smtp_url is None:
        return Outbox(settings.data_dir / "outbox")
    try:
        server = read_url(settings.smtp_url.get_secret_value())
    except ValueError as error:
        raise ConfigurationError(f"PAPERWIRE_SMTP_URL {error}.") from None
    name = sender(settings).domain
    return Smtp(server, name=name, connections=settings.smtp_connections, timeout=_STEP_TIMEOUT)


def sender(settings: NotifierSettings) -> Address:
    """Return the sender of mail.

    Raises:
        ConfigurationError: `PAPERWIRE_MAIL_FROM` is not an address, or is missing although a mail server is set.

    """
    if settings.mail_from is None and settings.smtp_url is not None:
        raise ConfigurationError(
            "PAPERWIRE_MAIL_FROM is missing: set it to a sender, such as Paperwire <news@example.org>."
        )
    try:
        return sender_of(settings.mail_from or _DEFAULT_SENDER)
    except ValueError as error:
        raise ConfigurationError(f"PAPERWIRE_MAIL_FROM is not valid: {error}") from error


def return_path(settings: NotifierSettings) -> ReturnPath | None:
    """Return the return path of mail, or None if bounces come back to its sender.

    Raises:
        ConfigurationError: `PAPERWIRE_MAIL_RETURN_PATH` is not an address, or has no room for a token.

    """
    try:
        return ReturnPath.parse(settings.mail_return_path) if settings.mail_return_path else None
    except ValueError as error:
        raise ConfigurationError(f"PAPERWIRE_MAIL_RETURN_PATH is not valid: {error}") from error


def address_of(settings: NotifierSettings) -> str:
    """Return the address of the instance for links in mail: the public one, else the one on this machine."""
    return settings.public_url or settings.front_url or settings.local_url
