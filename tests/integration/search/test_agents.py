"""The server of agents, asked by the official client over both of its transports, before a real instance."""

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from services.cli.commands.mcp_server import accepted_hosts
from tests.integration.search.instance import free_port
from tests.web.proxies import running

COMMAND = ("-m", "services", "mcp")


def environment(instance_url: str, data: Path) -> dict[str, str]:
    """Point the command at the instance; a Redis address means that nothing is to be started."""
    return {
        **os.environ,
        "PAPERWIRE_REDIS_URL": "redis://127.0.0.1:1",
        "PAPERWIRE_HTTP_PORT": str(urlsplit(instance_url).port),
        "PAPERWIRE_DATA_DIR": str(data),
    }


@contextlib.asynccontextmanager
async def over_stdio(env: dict[str, str]) -> AsyncIterator[Client]:
    """Start the server as an agent does, and speak through its standard input and output."""
    parameters = StdioServerParameters(command=sys.executable, args=list(COMMAND), env=env)
    async with Client(parameters, read_timeout_seconds=60) as client:
        yield client


@contextlib.asynccontextmanager
async def over_http(env: dict[str, str]) -> AsyncIterator[Client]:
    """Start the server on a port of its own, and speak to it through a proxy, by the name of the public address."""
    port, public = free_port(), {"PAPERWIRE_PUBLIC_URL": "https://papers.example.org/papers"}
    command = (*COMMAND, "--http", "--port", str(port))
    process = await asyncio.create_subprocess_exec(sys.executable, *command, env=env | public)
    try:
        await listening(port)
        with running("caddy with agents", port, Path(env["PAPERWIRE_DATA_DIR"])) as proxy:
            named = create_mcp_http_client(headers={"Host": "papers.example.org"})
            through = streamable_http_client(f"{proxy}/papers/mcp", http_client=named)
            async with named, Client(through, read_timeout_seconds=60) as client:
                yield client
    finally:
        process.terminate()
        await process.wait()


async def listening(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        await asyncio.sleep(0.05)
    pytest.fail(f"nobody listens on {port}")


async def used(client: Client) -> dict[str, Any]:
    """Use every tool that reads, and one that may not be used."""
    tools = {tool.name for tool in (await client.list_tools()).tools}
    search = await client.call_tool("search", {"query": "folding proteins", "limit": 3, "until": "2024-01-02"})
    paper = await client.call_tool("paper", {"id": "hep-th/9901001v2"})
    similar = await client.call_tool("similar", {"id": "2401.00001", "limit": 2, "by": "method"})
    trending = await client.call_tool("trending", {"window": "month"})
    mistyped = await client.call_tool("search", {"query": "x", "catgory": "cs.RO"})
    filtered = await client.call_tool("search", {"category": "cs.RO", "author": "Ada Origami", "since": "2024-01-03"})
    explained = await client.call_tool("explain_search", {"query": "folding", "paper": "2401.00001"})
    unknown = await client.call_tool("paper", {"id": "2401.99999"})
    refused = await client.call_tool("subscribe", {"query": "proteins", "webhook": "https://example.org/"})
    assert unknown.is_error
    assert refused.is_error
    return {
        "tools": tools,
        "search": search.structured_content,
        "paper": paper.structured_content,
        "similar": similar.structured_content,
        "trending": trending.structured_content,
        "mistyped": str(mistyped.content),
        "filtered": filtered.structured_content,
        "explained": explained.structured_content,
        "unknown": str(unknown.content),
        "refused": str(refused.content),
    }


def test_a_stranger_s_name_is_not_accepted() -> None:
    accepted = accepted_hosts("127.0.0.1", "https://papers.example.org/papers")
    assert accepted is not None
    assert accepted.allowed_hosts == ["127.0.0.1:*", "localhost:*", "[::1]:*", "papers.example.org"]
    assert accepted.allowed_origins[-1] == "https://papers.example.org"
    assert accepted_hosts("::1", None) is None
    assert accepted_hosts("0.0.0.0", "https://papers.example.org") is None  # noqa: S104  # not bound


async def test_a_line_that_is_no_message_is_answered_and_the_next_one_is_read(
    instance_url: str, tmp_path: Path
) -> None:
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    lines = (
        "{nope",
        '{"jsonrpc": "1.0"}',
        json.dumps({"jsonrpc": "2.0", "id": 7, "method": "initialize", "params": hello}),
    )
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, *COMMAND, env=environment(instance_url, tmp_path), stdin=pipe, stdout=pipe
    )
    output, _ = await asyncio.wait_for(process.communicate("\n".join((*lines, "")).encode()), 60)
    answers = [json.loads(line) for line in output.splitlines()]
    assert [(row["id"], row.get("error", {}).get("code")) for row in answers] == [
        (None, -32700), (None, -32600), (7, None)
    ]  # fmt: skip


@pytest.mark.parametrize("transport", (over_stdio, over_http))
async def test_an_agent_can_search_and_read(transport: Any, instance_url: str, tmp_path: Path) -> None:
    async with transport(environment(instance_url, tmp_path)) as client:
        answers = await used(client)
    assert answers["tools"] == {
        *("search", "paper", "similar", "trending", "explain_search", "subscribe"),
        *("subscriptions", "explain", "save", "reading_list"),
    }
    assert answers["search"]["papers"][0]["id"] == "arXiv:2401.00001"
    assert [paper["id"] for paper in answers["filtered"]["papers"]] == ["arXiv:2401.00003"]
    assert "has no argument catgory; the nearest is category." in answers["mistyped"]
    assert answers["explained"]["paper"]["id"] == "arXiv:2401.00001"
    assert "We predict how proteins fold." in answers["search"]["papers"][0]["gist"]
    assert answers["paper"]["title"] == "Old papers have slashes in their ids"
    assert len(answers["similar"]["papers"]) == 2
    assert answers["trending"]["papers"] == [], "our papers are years old"
    assert "is not in the index" in answers["unknown"]
    assert "needs an API key" in answers["refused"]
