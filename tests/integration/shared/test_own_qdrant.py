"""A Qdrant behind TLS of a private authority, with a key: the engine is the embedded one, TLS and key are in front."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp
import pytest
from aiohttp import web

from services.indexer.bootstrap import build
from shared.errors import AccessRefusedError, ConfigurationError
from shared.qdrant import PAPERS, ensure_papers, open_qdrant, outages
from shared.runtime import running
from shared.settings import Settings
from tests.authority import write_certificates
from tests.integration.notifier.support import WordEmbedder

KEY: Final = "5ecret"


@asynccontextmanager
async def in_front(qdrant_url: str, folder: Path) -> AsyncIterator[str]:
    """Serve Qdrant over TLS to who sends the key."""
    write_certificates(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.crt", folder / "server.key")
    async with aiohttp.ClientSession() as session:

        async def forward(request: web.Request) -> web.Response:
            if request.headers.get("api-key") != KEY:
                return web.Response(status=401, text="Must provide an API key or an Authorization bearer token")
            body, url = await request.read(), f"{qdrant_url}{request.path_qs}"
            async with session.request(request.method, url, data=body, headers=request.headers) as answer:
                return web.Response(body=await answer.read(), status=answer.status, content_type=answer.content_type)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", forward)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        yield f"https://127.0.0.1:{runner.addresses[0][1]}"
        await runner.cleanup()


@pytest.fixture
async def own(qdrant_url: str, tmp_path: Path) -> AsyncIterator[str]:
    """The address of the server."""
    async with in_front(qdrant_url, tmp_path) as url:
        yield url


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the authority, as docs/servers.md says."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


@pytest.mark.usefixtures("trusted")
async def test_the_key_is_sent_over_tls_of_a_private_authority(settings: Settings, own: str) -> None:
    client = open_qdrant(Settings.load(**settings.model_dump() | {"qdrant_url": own, "qdrant_api_key": KEY}))
    await ensure_papers(client, "model", 4)
    assert (await client.ask(PAPERS, "/count", {"exact": True}))["count"] == 0, "by both ways of the client"
    await client.ping()
    await client.close()


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("key", ["wr0ng", None])
async def test_a_refused_key_is_told_as_such(settings: Settings, own: str, key: str | None) -> None:
    text = await refused(Settings.load(**settings.model_dump() | {"qdrant_url": own, "qdrant_api_key": key}))
    assert "Qdrant refused access (status 401): set PAPERWIRE_QDRANT_API_KEY to a valid key" in text
    assert "wr0ng" not in text


async def test_an_untrusted_certificate_is_told_as_such(settings: Settings, own: str) -> None:
    text = await refused(Settings.load(**settings.model_dump() | {"qdrant_url": own, "qdrant_api_key": KEY}))
    assert "The certificate of Qdrant is not trusted: set SSL_CERT_FILE" in text
    assert KEY not in text


async def refused(settings: Settings) -> str:
    """Return why a service does not start; a request during its run says the same."""
    with pytest.raises(ConfigurationError) as start:
        async with running([build], settings, http=False, embedder=WordEmbedder()):
            pass
    assert "No Qdrant answers" not in str(start.value)
    client = open_qdrant(settings)
    with pytest.raises(AccessRefusedError) as request:
        async with outages():
            await client.ask(PAPERS, "/count", {})
    await client.close()
    assert str(request.value) in str(start.value)
    return str(start.value)
