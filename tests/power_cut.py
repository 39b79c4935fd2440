"""A power cut: a small file system on a loop device, and a copy of what had reached the device at one moment.

What is only in the kernel's memory is not in the copy. Needs root and loop devices (Linux).
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

MIB = 1024 * 1024
TRIES = 10


class Disk:
    """A mounted ext4 file system in a file: `root` is its directory."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self._folder = folder
        self._image = folder / "disk.img"
        self._stack = stack
        self._cuts = 0
        self.root = self._mount(self._image, folder / "disk")

    def cut_power(self) -> Path:
        """Copy what is on the device now; return the directory of the copy, mounted as after a power cut."""
        self._cuts += 1
        copy = self._folder / f"cut-{self._cuts}.img"
        for _ in range(TRIES):  # until nothing was written during the copy: it has to be of one moment
            before = self._image.stat().st_mtime_ns
            run("cp", "--sparse=always", str(self._image), str(copy))
            if self._image.stat().st_mtime_ns == before:
                break
        return self._mount(copy, self._folder / f"cut-{self._cuts}")

    def go_on_with(self, root: Path) -> None:
        """Use a copy from now on: the next cut copies it."""
        self._image, self.root = root.with_suffix(".img"), root

    @staticmethod
    def fill(file: Path) -> None:
        """Write a file until not one more block fits on the disk."""
        free = shutil.disk_usage(file.parent).free
        with file.open("ab", buffering=0) as filler, contextlib.suppress(OSError):
            os.posix_fallocate(filler.fileno(), filler.tell(), max(free - 16 * MIB, 1))  # quicker than to write it
        with file.open("ab", buffering=0) as filler:
            for size in (MIB, 4_096, 512):
                try:
                    while filler.write(b"\0" * size) == size:
                        pass
                except OSError:
                    continue

    def _mount(self, image: Path, directory: Path) -> Path:
        directory.mkdir()
        run("mount", "-o", "loop", str(image), str(directory))
        self._stack.callback(run, "umount", "--lazy", str(directory))
        return directory


@contextlib.contextmanager
def disk(folder: Path, size: int = 1024 * MIB) -> Iterator[Disk]:
    """Make a disk in a folder; skip the test, with the reason, where that is not possible."""
    if os.geteuid() != 0 or not shutil.which("mkfs.ext4"):
        pytest.skip("NOT TESTED: a power cut needs root and mkfs.ext4")
    folder.mkdir(exist_ok=True)
    image = folder / "disk.img"
    with image.open("wb") as file:
        file.truncate(size)
    run("mkfs.ext4", "-q", "-F", str(image))
    with contextlib.ExitStack() as stack:
        try:
            made = Disk(folder, stack)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"NOT TESTED: a power cut needs loop devices ({error.stderr.strip()})")
        yield made


def run(*command: str) -> None:
    """Run a program; its error output is in the exception."""
    subprocess.run(command, check=True, capture_output=True, text=True)
