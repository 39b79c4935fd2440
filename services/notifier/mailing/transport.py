"""Where mail is handed over, as the operator has set it: to an SMTP server, or into the outbox."""

from email.headerregistry import Address
from typing import Final

from services.notifier.mailing.mime import sender_of
from services.notifier.mailing.outbox import Outbox
from services.notifier.mailing.smtp import Smtp, read_url
from services.notifier.settings import NotifierSettings
from shared.errors import ConfigurationError

_STEP_TIMEOUT: Final = 30.0
"""Seconds that a mail server may take for one answer; RFC 5321 would give it minutes."""
_NOBODY: Final = "Paperwire <paperwire@localhost.localdomain>"


def open_transport(settings: NotifierSettings) -> Smtp | Outbox:
    """Make what takes messages.

    Raises:
        ConfigurationError: `PAPERWIRE_SMTP_URL` is not usable; the text holds nothing of it.

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
    """Give who mail comes from.

    Raises:
        ConfigurationError: `PAPERWIRE_MAIL_FROM` is no address, or it is missing and there is a mail server.

    """
    if settings.mail_from is None and settings.smtp_url is not None:
        raise ConfigurationError("PAPERWIRE_MAIL_FROM is missing: say who mail comes from, as Paperwire <news@…>.")
    try:
        return sender_of(settings.mail_from or _NOBODY)
    except ValueError as error:
        raise ConfigurationError(f"PAPERWIRE_MAIL_FROM is not usable: {error}") from error


def address_of(settings: NotifierSettings) -> str:
    """Give the address of the instance for links: the public one, or the one on this machine."""
    return settings.public_url or settings.front_url or settings.local_url
