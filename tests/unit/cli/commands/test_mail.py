"""`paperwire mail preview`: every kind of mail, as it would be sent."""

from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli.app import app
from services.notifier.mailing.contents import TEMPLATES, Rendered, fill
from services.notifier.sending.mail_samples import SAMPLES

KINDS = {"confirm": "Confirm your subscription", "withdrawn": "Withdrawn: ", "trending": "17 trending papers: "}


def run(*arguments: str, folder: Path, status: int = 0) -> str:
    result = CliRunner().invoke(app, ["mail", "preview", *arguments, "--data-dir", str(folder)])
    assert result.exit_code == status, result.output
    return result.output


def test_every_kind_is_written_in_three_forms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled: set[str] = set()

    def noted(template: str, subject: str, **context: Any) -> Rendered:
        filled.add(template)
        return fill(template, subject, **context)

    monkeypatch.setattr("services.notifier.mailing.contents.fill", noted)
    monkeypatch.setattr("services.notifier.mailing.compose.fill", noted)
    printed = run("--output", str(tmp_path / "out" / "mail"), folder=tmp_path)
    files = {path.name for path in (tmp_path / "out" / "mail").iterdir()}
    assert files == {f"{kind}.{form}" for kind in SAMPLES for form in ("html", "txt", "eml")}
    assert all(name in printed for name in files)
    assert filled == {path.stem for path in TEMPLATES.glob("*.html")} - {"base"}, "a template has no preview"
    assert not (tmp_path / "redis").exists()
    for kind, subject in KINDS.items():
        raw = (tmp_path / "out" / "mail" / f"{kind}.eml").read_bytes()
        assert str(message_from_bytes(raw, policy=policy.default)["Subject"]).startswith(subject)


def test_one_kind_is_printed(tmp_path: Path) -> None:
    text = run("digest", folder=tmp_path)
    assert "The 5 best of 17 papers." in text
    assert "Why: about “language models that use tools” (71%)" in text
    trending = run("trending", folder=tmp_path)
    assert "change: " not in text + trending
    assert "48 upvotes, 12 citations, 230 stars, 3 comments" in trending
    assert run("alert", "--form", "html", folder=tmp_path).startswith("<!doctype html>")
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in run("alert", "--form", "eml", folder=tmp_path)
    assert "confirm" in run("nothing", folder=tmp_path, status=2)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = CliRunner().invoke(app, ["mail", "preview", "-o", str(tmp_path / "file"), "--data-dir", str(tmp_path)])
    assert "cannot be written: File exists." in str(result.exception)
