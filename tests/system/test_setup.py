"""When `make` makes its environment again, and when from nothing: what is half there must not count as installed."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

SOURCES = ("deploy/locks/cli.lock", "deploy/locks/build.lock", "pyproject.toml", "requirements.lock")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the Makefile, and an environment as `make run` leaves it; the name has a blank and a quote."""
    folder = tmp_path / "reader's papers"
    (folder / ".venv" / "bin").mkdir(parents=True)
    for name in SOURCES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    shutil.copy(ROOT / "Makefile", folder)
    python = folder / ".venv" / "bin" / "python"
    python.symlink_to(sys.executable)
    (python.parent / "paperwire").write_text(f"#!{python}\n")
    (folder / ".venv" / ".runtime").touch()
    return folder


def make(folder: Path, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
    """Run make as from a shell, whatever make runs the tests."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=check)


def made(folder: Path) -> str | None:
    """Return how `make run` would make the environment, or None where it would only start."""
    run = make(folder, "-n", "run")
    assert run.stdout.splitlines()[-1].startswith(".venv/bin/paperwire up")
    found = re.search(r"python3 -m venv (.*)", run.stdout)
    return found and " ".join(found[1].split())


def _moved(folder: Path) -> Path:
    return folder.rename(folder.with_name("elsewhere"))


def _without_its_python(folder: Path) -> Path:
    (folder / ".venv" / "bin" / "python").unlink()
    (folder / ".venv" / "bin" / "python").symlink_to("/nonexistent/python3.11")
    return folder


def _interrupted(folder: Path) -> Path:
    (folder / ".venv" / ".runtime").unlink()
    return folder


def _with_a_newer_lock(folder: Path) -> Path:
    earlier = (folder / "deploy/locks/cli.lock").stat().st_mtime - 1  # a lock of the future would be warned about
    os.utime(folder / ".venv" / ".runtime", (earlier, earlier))
    return folder


def _linked(folder: Path) -> Path:
    shutil.move(folder / ".venv", folder.with_name("disk"))
    (folder / ".venv").symlink_to(folder.with_name("disk"))
    return folder


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda folder: folder, None),
        (_linked, None),
        (_with_a_newer_lock, ".venv"),
        (_interrupted, "--clear .venv"),
        (_without_its_python, "--clear .venv"),
        (_moved, "--clear .venv"),
    ],
)
def test_an_environment_is_made_again_where_it_would_not_run(
    clone: Path, change: Callable[[Path], Path], expected: str | None
) -> None:
    assert made(change(clone)) == expected


def test_the_second_of_two_makes_is_told_to_wait_for_the_first(clone: Path) -> None:
    """Both would install into one folder; the lock of a make that has ended holds nobody up.

    Neither does a process that is no make and has its number since.
    """
    _with_a_newer_lock(clone)
    python = clone / "python"  # waits where Python makes the environment, and fails there
    python.write_text(
        '#!/bin/sh\n[ "$2" = venv ] && { touch begun; while [ ! -e go ]; do sleep 0.05; done; exit 1; }\n'
        f'exec {sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    with subprocess.Popen(["true"]) as ended:
        pass
    for left in (ended.pid, None, os.getpid()):  # the second time the lock of the first one is there
        if left:
            (clone / ".venv.lock").write_text(str(left))
        with _installing(clone):
            second = make(clone, "run", "PYTHON=./python", check=False)
        assert second.returncode != 0
        said = second.stderr.splitlines()[0]
        assert re.fullmatch(r"Another make \(process \d+\) installs into .venv: wait until it has ended, .*", said)


def test_one_make_does_not_find_itself_in_the_way(clone: Path) -> None:
    """With -j two targets would make the one environment at once."""
    _with_a_newer_lock(clone)
    stops = clone / "python"
    stops.write_text(f'#!/bin/sh\n[ "$2" = venv ] && exit 1\nexec {sys.executable} "$@"\n')
    stops.chmod(0o755)
    run = make(clone, "-j4", "run", "setup", "PYTHON=./python", check=False)
    assert run.returncode != 0
    assert "1/3 Making" in run.stdout
    assert "Another make" not in run.stderr


@contextlib.contextmanager
def _installing(clone: Path) -> Iterator[None]:
    begun, go = clone / "begun", clone / "go"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "run", "PYTHON=./python"]
    with subprocess.Popen(command, cwd=clone, env=environment, stderr=subprocess.DEVNULL) as first:
        try:
            while not begun.exists():
                assert first.poll() is None, "nothing holds it up"
                time.sleep(0.05)
            yield
        finally:
            go.touch()
    begun.unlink()
    go.unlink()


def test_an_environment_does_not_count_as_made_while_it_is_made(clone: Path) -> None:
    """A stop in the middle, such as Ctrl-C, leaves no stamp behind."""
    _with_a_newer_lock(clone)
    (clone / ".venv" / ".installed").touch()
    make(clone, "run", "PYTHON=false", check=False)
    assert (clone / ".venv" / ".runtime").exists(), "nothing was begun"
    stops = clone / "python"  # does what Python does until it makes the environment
    stops.write_text(f'#!/bin/sh\n[ "$2" = venv ] && exit 1\nexec {sys.executable} "$@"\n')
    stops.chmod(0o755)
    run = make(clone, "run", "PYTHON=./python", check=False)
    assert run.returncode != 0
    assert not list((clone / ".venv").glob(".[ri]*"))
