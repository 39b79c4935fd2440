"""Who holds a data directory, and how others find out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from embedded.errors import DataDirError, DataDirInUse
from embedded.lock import LOCK_NAME, lock, read_instance


def test_the_holder_is_known_while_it_holds(tmp_path: Path) -> None:
    """Addresses appear as they are published, and the instance is gone with its lock."""
    directory = tmp_path / "new"
    assert read_instance(directory) is None
    with lock(directory) as holder:
        holder.publish(redis_url="unix:///r", qdrant_url="http://q")
        holder.publish(http_url="http://h")
        instance = read_instance(directory)
        assert instance == holder.instance
        assert (instance.pid, instance.http_url, instance.redis_url) == (os.getpid(), "http://h", "unix:///r")
    assert read_instance(directory) is None


def test_a_second_holder_is_refused_in_one_line(tmp_path: Path) -> None:
    """The message names the process."""
    with (
        lock(tmp_path),
        pytest.raises(DataDirInUse, match=rf"in use by process {os.getpid()} \(") as caught,
        lock(tmp_path, 0),
    ):
        pass
    assert "\n" not in str(caught.value)


def test_the_file_holds_no_arguments_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: a key that was given as an option is not stored."""
    monkeypatch.setattr("sys.argv", ["/opt/bin/paperwire", "subscribe", "--key", "pw_secret"])
    with lock(tmp_path), pytest.raises(DataDirInUse, match=r"\(paperwire subscribe\)"), lock(tmp_path, 0):
        pass
    assert "pw_secret" not in (tmp_path / LOCK_NAME).read_text()


def test_addresses_are_for_the_owner_only(tmp_path: Path) -> None:
    """The file holds the secret path of the embedded Qdrant."""
    with lock(tmp_path / "new"):
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "new" / LOCK_NAME).stat().st_mode & 0o777 == 0o600


def test_an_unusable_directory_is_refused_in_one_line(tmp_path: Path) -> None:
    """The message says what is wrong with it, also to a command that looks for an instance."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DataDirError, match="cannot be used: "):
        read_instance(tmp_path / "file")
    with pytest.raises(DataDirError, match="cannot be used: ") as caught, lock(tmp_path / "file" / "data"):
        pass
    assert "\n" not in str(caught.value)
