"""SMTP with reused connections: hands messages over, and reports the reply and the step it belongs to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from ssl import SSLCertVerificationError
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

MAX_IDLE: Final = 60.0
"""Seconds after which an idle connection is not reused: servers close them after some minutes."""
_PORTS: Final = {"smtp": 25, "smtps": 465}
_FAILURES: Final = (SMTPException, OSError, ValueError)


class Step(StrEnum):
    """The step at which a message failed. After `data` without a reply the server may have taken it."""

    CONNECT = "connect"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Reply:
    """The last reply of the server and its step. Without a reply `code` is None and `text` says what happened."""

    step: Step
    code: int | None
    text: str

    @property
    def accepted(self) -> bool:
        """Return whether the server has taken the message."""
        return self.step is Step.DATA and self.code is not None and 200 <= self.code < 300  # noqa: PLR2004  # RFC 5321


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server. `starttls`: True requires it, None uses it where the server offers it, False does not use it."""

    host: str
    port: int
    tls: bool = False
    starttls: bool | None = None
    user: str | None = None
    password: str | None = None


def read_url(url: str) -> SmtpServer:
    """Parse `smtp://user:password@host:port?starttls=always|auto|never`, or `smtps://…`.

    With a password TLS is required, unless `starttls` says otherwise or the server is on this machine.

    Raises:
        ValueError: the address is not valid. The text repeats nothing of it, because it may contain a password.

    """
    try:
        parts = urlsplit(url)
        host, port, options = parts.hostname, parts.port, dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:
        host, port, options = None, None, {}
    choice = options.pop("starttls", None)
    odd = options or parts.path not in ("", "/") or parts.fragment or choice not in (None, "always", "auto", "never")
    if not host or parts.scheme not in _PORTS or odd or (parts.scheme == "smtps" and choice):
        raise ValueError("must look like smtp://user:password@host:587?starttls=always or smtps://user:password@host")
    required = True if parts.password and not _is_local(host) else None
    starttls = {"always": True, "never": False, "auto": None}.get(choice or "", required)
    return SmtpServer(
        host,
        port or _PORTS[parts.scheme],
        tls=parts.scheme == "smtps",
        starttls=False if parts.scheme == "smtps" else starttls,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def _failure_text(error: Exception) -> str:
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message}): set SSL_CERT_FILE to that of its issuer"
        cause = cause.__cause__ or cause.__context__
    return f"{type(error).__name__}: {error}"[:500]


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Smtp:
    """Hands messages to a mail server, over at most `connections` connections."""

    def __init__(self, server: SmtpServer, *, name: str, connections: int, timeout: float) -> None:
        """`name` is the name of this host for HELO; `timeout` is in seconds, for each step."""
        self._server = server
        self._name = name
        self._timeout = timeout
        self._slots = asyncio.Semaphore(connections)
        self._idle: list[tuple[SMTP, float]] = []

    async def send(self, _id: str, sender: str, recipient: str, message: bytes) -> Reply:
        """Hand one message over; failures are in the reply."""
        async with self._slots:
            reply, reused = await self._attempt(sender, recipient, message, fresh=False)
            if reused and reply.code is None and reply.step is not Step.DATA:
                reply = (await self._attempt(sender, recipient, message, fresh=True))[
                    0
                ]  # the server had closed the reused one
            return reply

    async def failure(self) -> str | None:
        """Log in without sending anything; return why that fails, or None."""
        try:
            async with self._connection(fresh=True) as (smtp, _):
                await smtp.noop()
        except SMTPResponseException as error:
            return f"{error.code} {error.message}"
        except _FAILURES as error:
            return _failure_text(error)
        return None

    async def _attempt(self, sender: str, recipient: str, message: bytes, *, fresh: bool) -> tuple[Reply, bool]:
        step, reused = Step.CONNECT, False
        try:
            async with self._connection(fresh=fresh) as (smtp, reused):
                step = Step.SENDER
                await smtp.mail(sender)
                step = Step.RECIPIENT
                await smtp.rcpt(recipient)
                step = Step.DATA
                response = await smtp.data(message)
                return Reply(step, response.code, response.message), reused
        except SMTPResponseException as error:
            return Reply(step, error.code, error.message), reused
        except _FAILURES as error:
            return Reply(step, None, _failure_text(error)), reused

    @asynccontextmanager
    async def _connection(self, *, fresh: bool) -> AsyncIterator[tuple[SMTP, bool]]:
        """Provide a connection. After a refusal it is reset and kept; after any other error it is closed."""
        smtp = None if fresh else self._take()
        reused = smtp is not None
        if smtp is None:
            smtp = self._client()
            try:
                await smtp.connect()
            except BaseException:
                smtp.close()
                raise
        try:
            yield smtp, reused
        except SMTPResponseException:
            await self._reset(smtp)
            raise
        except BaseException:
            smtp.close()
            raise
        self._keep(smtp)

    def _client(self) -> SMTP:
        server = self._server
        return SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls,
            start_tls=server.starttls,
            validate_certs=server.tls or server.starttls is True,  # opportunistic TLS takes any certificate
            local_hostname=self._name,
            timeout=self._timeout,
        )

    def _take(self) -> SMTP | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            smtp, since = self._idle.pop()
            if smtp.is_connected and now - since < MAX_IDLE:
                return smtp
            smtp.close()
        return None

    def _keep(self, smtp: SMTP) -> None:
        if smtp.is_connected:
            self._idle.append((smtp, asyncio.get_running_loop().time()))

    async def _reset(self, smtp: SMTP) -> None:
        try:
            await smtp.rset()
        except (SMTPException, OSError):
            smtp.close()
        self._keep(smtp)

    async def close(self) -> None:
        """Close the connections."""
        for smtp, _ in self._idle:
            try:
                await smtp.quit(timeout=1.0)
            except (SMTPException, OSError):
                smtp.close()
        self._idle.clear()
