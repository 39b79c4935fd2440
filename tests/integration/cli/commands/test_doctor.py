"""`paperwire doctor` tries what Paperwire talks to, and says of each problem what to do."""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from embedded.lock import lock
from services.cli.app import app
from shared.board import PICTURE_STOCK, PictureStockRow
from tests.integration.search.instance import address, instance


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def doctor(directory: Path, *words: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Run the command; return its status, and what it found by group and by thing."""
    arguments = ["doctor", "--data-dir", str(directory), "--json", *words]
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    report = json.loads(result.stdout)
    return result.exit_code, {group: {each["what"]: each for each in found} for group, found in report.items()}


async def test_a_new_machine_without_a_network_has_nothing_wrong(tmp_path: Path) -> None:
    status, report = await doctor(tmp_path / "data", "--offline")
    assert status == 0, report
    assert {each["state"] for found in report.values() for each in found.values()} == {"ok", "notice"}
    assert list(report) == ["data", "machine", "reachable", "settings"]
    assert report["reachable"]["sources and providers"]["state"] == "notice"


async def test_servers_that_do_not_answer_are_problems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = closed_port()
    monkeypatch.setenv("PAPERWIRE_REDIS_URL", f"redis://:hidden-password@127.0.0.1:{port}")
    monkeypatch.setenv("PAPERWIRE_QDRANT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("PAPERWIRE_SMTP_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("PAPERWIRE_MAIL_FROM", "news@example.org")
    status, report = await doctor(tmp_path, "--offline")
    assert status == 1
    states = {what: report["reachable"][what]["state"] for what in ("Redis", "Qdrant", "mail")}
    assert states == {"Redis": "problem", "Qdrant": "problem", "mail": "problem"}
    assert all(report["reachable"][what]["advice"] for what in states)
    assert "hidden-password" not in json.dumps(report)


async def test_hosts_of_sources_and_providers_are_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sources = tmp_path / "sources.toml"
    tables = (
        f'[[source]]\nname = "{name}"\ntype = "feed"\nurl = "http://127.0.0.1:{at}/feed"\n'
        for name, at in (("near", port), ("gone", closed_port()))
    )
    sources.write_text("\n".join(tables))
    monkeypatch.setenv("PAPERWIRE_SOURCES_FILE", str(sources))
    monkeypatch.setenv("PAPERWIRE_PROVIDERS", "github,llm")
    monkeypatch.setenv("PAPERWIRE_LLM_URL", f"http://127.0.0.1:{port}/v1")
    monkeypatch.setenv("PAPERWIRE_LLM_MODEL", "small")
    monkeypatch.setenv("PAPERWIRE_GITHUB_URL", f"http://127.0.0.1:{port}")
    async with server:
        status, report = await doctor(tmp_path / "data")
    found = report["reachable"]
    states = [found[what]["state"] for what in ("source near", "source gone", "provider github", "provider llm")]
    assert (status, states) == (0, ["ok", "notice", "ok", "ok"])
    assert "tried again" in found["source gone"]["advice"]


async def test_settings_that_name_no_hosts_keep_nothing_from_being_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERWIRE_SOURCES_FILE", str(tmp_path / "gone.toml"))
    monkeypatch.setenv("PAPERWIRE_PROVIDERS", "gitub")
    status, report = await doctor(tmp_path / "data")
    found = report["reachable"]
    assert (status, found["Redis"]["state"], found["mail"]["state"]) == (1, "ok", "ok")
    assert "gone.toml cannot be read" in found["sources"]["advice"]
    assert "there is no provider 'gitub'" in found["providers"]["advice"]


async def test_failed_searches_for_pictures_are_told(tmp_path: Path, models: Path) -> None:
    row: PictureStockRow = {"kept": 812, "bytes": 4 << 20, "wanted": 3, "failed": 2, "last_error": "arxiv: 503"}
    folder = tmp_path / "search"
    folder.mkdir()
    with lock(tmp_path) as holder:
        async with instance(folder, models, ()) as runtime:
            await PICTURE_STOCK.put(runtime.redis, {"all": row})
            holder.publish(http_url=address(runtime))
            _, report = await doctor(tmp_path, "--offline")
    found = report["reachable"]["pictures"]
    assert found["state"] == "notice"
    assert found["detail"] == "812 kept (4.0 MiB), 3 wanted; 2 searches failed, the last: arxiv: 503"
