"""Which endpoints attempts may reach: no private addresses, no untrusted certificates."""

import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import TCPConnector, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.notifier.sending.http_senders import Post
from shared.outbound import outbound_session
from tests.integration.notifier.support import Receiver, Wire, notifier

WANTS = {"categories": ["cs.RO"]}


def self_signed(directory: Path, name: str) -> ssl.SSLContext:
    """Return the TLS context of a server with a self-signed certificate."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    files = directory / "server.crt", directory / "server.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = serialization.NoEncryption()
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, secret)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return context


@asynccontextmanager
async def served(host: str, port: int = 0, context: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """Receive webhooks at a loopback address."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, host, port, ssl_context=context).start()
    receiver.port = runner.addresses[0][1]
    try:
        yield receiver
    finally:
        await runner.cleanup()


async def tried(wire: Wire, url: str) -> Any:
    """Subscribe an address, and return the attempt of a test."""
    made = await wire.subscribe(url, **WANTS)
    return (await wire.call("POST", f"/v1/subscriptions/{made['id']}/test", status=200))["log"][0]


async def test_an_untrusted_certificate_is_refused_with_the_reason(wire: Wire, tmp_path: Path) -> None:
    async with served("127.0.0.1", context=self_signed(tmp_path, "localhost")) as receiver:
        for host in ("localhost", "127.0.0.1"):
            attempt = await tried(wire, f"https://{host}:{receiver.port}/hook")
            assert attempt["status"] is None
            assert "certificate verify failed: self-signed certificate" in attempt["error"]
        assert receiver.arrived == []


async def test_a_plain_http_server_at_an_https_address_is_reported(wire: Wire, receiver: Receiver) -> None:
    attempt = await tried(wire, receiver.url().replace("http:", "https:"))
    assert attempt["status"] is None
    assert "SSL" in attempt["error"] or "ssl" in attempt["error"]
    assert receiver.arrived == []


Resolve = Callable[[str], list[str]]


def resolving(monkeypatch: pytest.MonkeyPatch, resolve: Resolve) -> None:
    """Resolve names of `.example`, in place of the system's resolver."""
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if not str(host).endswith(".example"):
            return real(host, port, *args, **kwargs)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))
            for address in resolve(str(host))
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


async def test_a_name_that_resolves_to_a_private_address_later_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: the address that is dialled is the address that was checked."""
    answers = ["127.0.0.2", "127.0.0.1"]
    resolving(monkeypatch, lambda _: [answers.pop(0)])
    allowed = (ipaddress.ip_network("127.0.0.2/32"),)
    async with (
        served("127.0.0.1") as inside,
        served("127.0.0.2", inside.port) as outside,
        outbound_session(allowed, "test", total=5) as session,
    ):
        url, post = f"http://rebinding.example:{inside.port}/", Post(session)
        assert (await post.send(url, b"{}", {"connection": "close"})).status == 204
        assert isinstance(session.connector, TCPConnector)
        session.connector.clear_dns_cache()  # as time does
        refused = await post.send(url, b"{}", {"connection": "close"})
        assert "leads to a private address" in str(refused.error)
        assert "127.0.0.1" not in str(refused.error)
        assert (len(outside.arrived), inside.arrived, answers) == (1, [], [])


async def test_only_the_allowed_addresses_of_a_name_are_dialled(
    redis_url: str, qdrant_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, lambda _: ["127.0.0.1", "10.0.0.1", "127.0.0.2"])
    async with (
        served("127.0.0.1") as inside,
        served("127.0.0.2", inside.port) as outside,
        notifier(redis_url, qdrant_url, tmp_path, allow_private_endpoints="127.0.0.2/32") as wire,
    ):
        assert (await tried(wire, f"http://mixed.example:{inside.port}/"))["status"] == 204
        assert (len(outside.arrived), inside.arrived) == (1, [])


FORMS = (
    "127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0", "127.1", "2130706433", "0x7f.1", "0177.0.0.1",  # noqa: S104
    "①②⑦.⓪.⓪.①", "127。0。0。1", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]",
    "169.254.169.254", "[fd00:ec2::254]", "10.0.0.1", "192.168.0.1", "100.64.0.1", "[fec0::1]", "224.0.0.1",
)  # fmt: skip


async def test_no_spelling_of_a_private_address_is_taken(redis_url: str, qdrant_url: str, tmp_path: Path) -> None:
    async with notifier(redis_url, qdrant_url, tmp_path, allow_private_endpoints="") as wire:
        made = await wire.subscribe("https://example.org/hook", **WANTS)
        for form in FORMS:
            url = f"http://{form}/hook"
            channels: tuple[dict[str, Any], ...] = ({"type": "webhook", "url": url}, {"type": "slack", "url": url})
            for channel in channels:
                problem = await wire.call("POST", "/v1/subscriptions", WANTS | {"channel": channel}, status=422)
                assert "PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS" in problem["detail"], form
            change = {"channel": channels[0]}
            await wire.call("PATCH", f"/v1/subscriptions/{made['id']}", change, status=422)
            await wire.call("PUT", "/v1/operational-webhook", {"url": url}, status=422)
        assert len((await wire.call("GET", "/v1/subscriptions"))["subscriptions"]) == 1


async def test_an_error_does_not_name_what_an_internal_name_resolves_to(
    redis_url: str, qdrant_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, lambda name: {"refused.example": ["10.1.2.3"]}.get(name, ["127.0.0.7", "127.0.0.8"]))
    async with notifier(redis_url, qdrant_url, tmp_path) as wire:
        refused = await tried(wire, "http://refused.example/hook")
        assert "leads to a private address" in refused["error"]
        assert "10.1.2.3" not in str(refused)
        closed = await tried(wire, "http://closed.example:1/hook")
        assert "127.0.0" not in str(closed)
        assert "refused" in closed["error"].lower()
