"""`--key` takes a key, or the file that holds it."""

from pathlib import Path

import pytest
import typer

from services.cli.commands.subscribe import read_key


def test_a_key_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("pw_secret\n")
    assert read_key(f"@{tmp_path}/key") == "pw_secret"
    assert read_key("pw_other") == "pw_other"
    assert read_key(None) is None


@pytest.mark.parametrize("name", ["missing", ""])
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(typer.BadParameter, match="cannot be read"):
        read_key(f"@{tmp_path}/{name}")


@pytest.mark.parametrize("text", ["pw_one\r\npw_two", "pw_\x1b[31m"])
def test_what_no_header_can_carry_is_refused_as_a_key(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    for given in (text, f"@{tmp_path}/key"):
        with pytest.raises(typer.BadParameter, match="give one key"):
            read_key(given)
    assert read_key("pw_secret\r\n") == "pw_secret"
