"""Mail over TLS, to a real server with a certificate that is trusted, or is not."""

from pathlib import Path

import pytest

from tests.integration.notifier.delivery.test_outbound import self_signed
from tests.integration.notifier.mailing.mail_server import serve_mail
from tests.integration.notifier.mailing.test_email import PAPER, attempted, mailing, subscribe
from tests.integration.notifier.support import Clock, indexed

WAYS = {"starttls": "smtp://127.0.0.1:{}?starttls=always", "tls": "smtps://127.0.0.1:{}"}


@pytest.mark.parametrize("way", WAYS)
async def test_mail_goes_over_tls_to_a_server_whose_certificate_is_trusted(
    redis_url: str, qdrant_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    context = self_signed(tmp_path, "mail.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.crt"))
    async with serve_mail(tls=context, starttls=way == "starttls") as server:
        url = WAYS[way].format(server.port)
        async with mailing(redis_url, qdrant_url, tmp_path, server, smtp_url=url) as wire:
            made = await subscribe(wire)
            await wire.publish(indexed(PAPER))
            delivery = await attempted(wire, made["id"], 1)
            assert delivery["state"] == "delivered", delivery["log"]
    assert len(server.taken) == 1


@pytest.mark.parametrize("way", WAYS)
async def test_an_untrusted_certificate_is_refused_and_the_mail_is_retried(
    redis_url: str, qdrant_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """INVARIANT: where TLS is a must, nothing is told to a server that could be anybody."""
    context, clock = self_signed(tmp_path, "mail.test"), Clock()
    async with serve_mail(tls=context, starttls=way == "starttls") as server:
        url = WAYS[way].format(server.port)
        async with mailing(redis_url, qdrant_url, tmp_path, server, clock, smtp_url=url) as wire:
            made = await subscribe(wire)
            await wire.publish(indexed(PAPER))
            delivery = await attempted(wire, made["id"], 1)
            assert (delivery["state"], server.asked, server.taken) == ("pending", [], [])
            assert delivery["log"][0]["error"] == (
                "no connection to the mail server: its certificate is not trusted (self-signed certificate): "
                "set SSL_CERT_FILE to that of its issuer"
            )
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.crt"))
            clock.now += 5
            assert (await attempted(wire, made["id"], 2))["state"] == "delivered"
    assert len(server.taken) == 1
