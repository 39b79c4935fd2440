"""`paperwire bounce` as a mail server calls it: what its status says."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli.app import app
from services.cli.commands.bounce import take_mail
from services.cli.instance.context import Context
from tests.integration.notifier.support import free_port
from tests.unit.notifier.mailing.returned import recipient, status_report


def run(folder: Path, redis_url: str, raw: bytes, *arguments: str, **env: str) -> Any:
    options = ["--data-dir", str(folder), *arguments]
    return CliRunner().invoke(app, ["bounce", *options], input=raw, env={"PAPERWIRE_REDIS_URL": redis_url} | env)


async def test_a_closed_standard_input_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(OSError, match="standard input is closed"):
        await take_mail(Context.load(tmp_path), None)


def test_what_is_ignored_is_a_success(tmp_path: Path, redis_url: str) -> None:
    report = status_report("bounce@papers.example.org", recipient())
    for raw in (report, b"", report + b"x" * 3_000_000):
        result = run(tmp_path, redis_url, raw, "--json")
        assert (result.exit_code, json.loads(result.stdout)["ignored"]) == (0, 1)
        assert "it has no return path" in result.stderr or not raw


@pytest.mark.parametrize(
    ("env", "words"), (({}, "No Redis answers"), ({"PAPERWIRE_LOG_LEVEL": "loud"}, "PAPERWIRE_LOG_LEVEL"))
)
def test_what_may_pass_is_tried_again_later(tmp_path: Path, env: dict[str, str], words: str) -> None:
    result = run(tmp_path, f"redis://127.0.0.1:{free_port()}", b"", **env)
    assert result.exit_code == os.EX_TEMPFAIL
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_without_an_instance_mail_is_tried_again_later(tmp_path: Path) -> None:
    folder = tmp_path / "mistyped"
    result = CliRunner().invoke(app, ["bounce", "--data-dir", str(folder)], input=status_report("b@x.example", ""))
    assert (result.exit_code, folder.exists()) == (os.EX_TEMPFAIL, False)
    assert f"No instance runs on {folder}." in result.stderr
