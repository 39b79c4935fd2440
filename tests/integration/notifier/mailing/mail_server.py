"""A mail server that answers as it is told, on a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ssl import SSLContext
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass
class MailServer:
    """Keeps what it takes. `refusals`: answers to RCPT, by address, in turn; `drops`: connections to end after DATA."""

    port: int = 0
    refusals: dict[str, list[str]] = field(default_factory=dict)
    drops: int = 0
    keep_dropped: bool = True
    greeting: list[str] = field(default_factory=list)
    taken: list[EmailMessage] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    sessions: set[int] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_MAIL(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:  # noqa: N802  # aiosmtpd's names
        if self.greeting:
            return self.greeting.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:  # noqa: N802
        self.asked.append(address)
        if self.refusals.get(address):
            return self.refusals[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        dropping = self.drops > 0
        if not dropping or self.keep_dropped:
            parsed = message_from_bytes(envelope.original_content or b"", policy=default)
            assert isinstance(parsed, EmailMessage)
            self.taken.append(parsed)
            self.senders.append(envelope.mail_from or "")
        if dropping:
            self.drops -= 1
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        self.sessions.add(id(session))
        return "250 taken"

    def authenticate(self, _: Any, __: Any, ___: Any, ____: str, data: Any) -> AuthResult:
        self.logins.append(f"{data.login.decode()}:{data.password.decode()}")
        return AuthResult(success=data.password == b"p@ss/word")

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.taken if message["To"] == address]


@asynccontextmanager
async def serve_mail(
    *, auth: bool = False, tls: SSLContext | None = None, starttls: bool = False
) -> AsyncIterator[MailServer]:
    """Serve; with `tls` encrypted from the beginning on, or from the command STARTTLS on, which then is a must."""
    mail = MailServer()
    loop = asyncio.get_running_loop()
    more: dict[str, Any] = {"authenticator": mail.authenticate, "auth_require_tls": False}

    sessions: list[SMTP] = []

    def session() -> SMTP:
        secure: dict[str, Any] = {"tls_context": tls, "require_starttls": True} if starttls else {}
        sessions.append(SMTP(mail, loop=loop, hostname="mail.test", **secure, **(more if auth else {})))
        return sessions[-1]

    server = await loop.create_server(session, "127.0.0.1", 0, ssl=None if starttls else tls)
    mail.port = server.sockets[0].getsockname()[1]
    try:
        yield mail
    finally:
        server.close()
        for one in sessions:
            if isinstance(one.transport, asyncio.Transport):
                one.transport.abort()  # whose client is still there, or was never told
