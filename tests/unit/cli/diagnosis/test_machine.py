"""What `paperwire doctor` says of a machine that lacks something."""

import time
from pathlib import Path
from typing import Any

import pytest

from services.cli.diagnosis.finding import Finding, State
from services.cli.diagnosis.machine import check_machine
from services.cli.instance.context import Context
from services.fetcher.polling.disk_space import GIB, Space


def checked(directory: Path, what: str, **machine: Any) -> Finding:
    """Return what is found of one thing on a machine that has plenty of the others."""
    plenty = {"space": lambda _: Space(100 * GIB, 90 * GIB), "files": lambda: 20_000, "now": time.time}
    found = {each.what: each for each in check_machine(Context.load(directory), **plenty | machine)}
    return found[what]


def test_a_machine_with_plenty_of_everything_is_in_order(tmp_path: Path) -> None:
    plenty: Any = {"space": lambda _: Space(100 * GIB, 90 * GIB), "files": lambda: 20_000}
    found = list(check_machine(Context.load(tmp_path), **plenty))
    assert {each.state for each in found} == {State.OK}
    assert len(found) == 6


def test_without_a_redis_server_it_says_how_to_install_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("embedded.redis.binary.importlib.util.find_spec", lambda _: None)
    found = checked(tmp_path, "Redis server")
    assert (found.state, "apt install redis-server" in found.advice) == (State.PROBLEM, True)
    monkeypatch.setenv("PAPERWIRE_REDIS_URL", "redis://127.0.0.1:1")
    assert checked(tmp_path, "Redis server").state is State.OK


@pytest.mark.parametrize(("free", "state"), [(90, State.OK), (8, State.NOTICE), (4, State.PROBLEM)])
def test_a_disk_that_gets_full_is_told(free: int, state: State, tmp_path: Path) -> None:
    found = checked(tmp_path, "disk", space=lambda _: Space(100 * GIB, free * GIB))
    assert (found.state, bool(found.advice)) == (state, state is not State.OK)


def test_a_clock_before_the_installation_is_wrong(tmp_path: Path) -> None:
    found = checked(tmp_path, "clock", now=lambda: 0.0)
    assert (found.state, found.detail) == (
        State.PROBLEM,
        "1970-01-01 00:00:00 UTC is before Paperwire was installed",
    )


def test_a_low_limit_of_files_is_told_with_the_command_that_raises_it(tmp_path: Path) -> None:
    found = checked(tmp_path, "open files", files=lambda: 256)
    assert (found.state, "ulimit -n" in found.advice) == (State.NOTICE, True)


def test_a_model_of_a_hub_is_told_to_need_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERWIRE_EMBEDDING_MODEL", "BAAI/bge-small-en-v1.5")
    found = checked(tmp_path, "embedding model")
    assert (found.state, "huggingface.co" in found.advice) == (State.NOTICE, True)
