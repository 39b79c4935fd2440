"""What is wrong with an argument is said in plain words, without those of the validator behind it."""

import pytest
from typer import rich_utils
from typer.testing import CliRunner

from services.cli.app import app


@pytest.mark.parametrize(
    ("words", "said"),
    (
        (("backfill", "arxiv", "--from", "yesterday"), "'--from': 'yesterday' is not a date such as 2026-01-31 "),
        (("keys", "create", "--scope", "root"), "'--scope': 'root' is not one of 'read', 'subscribe', 'admin' "),
        (("subscribe", "x", "--threshold", "7"), "'--threshold': must be less than or equal to 1 "),
        (("up", "--port", "x"), "'--port': must be a valid integer "),
    ),
)
def test_a_wrong_argument_is_told_without_words_of_the_validator(
    words: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rich_utils, "MAX_WIDTH", 120)  # read from the environment once, at the import
    ended = CliRunner().invoke(app, words, terminal_width=120, env={"COLUMNS": "120", "TERMINAL_WIDTH": "120"})
    assert ended.exit_code == 2
    assert said in ended.output
