"""A process that ends its parent when no thread of it runs: `python freeze_guard.py PARENT_PID TICK_SECONDS`.

The parent writes a byte into standard input at each tick. A function in C may hold the interpreter's lock for ever,
as a regular expression can; then neither a signal handler nor a thread of that process runs, so another one has to
look. Ticks are counted here, and not while the parent is stopped (Ctrl-Z), so a machine that sleeps ends nothing.

It is run by path under `python -I -S`, so that it starts in milliseconds: standard library only.
"""

import os
import select
import signal
import sys
from pathlib import Path

FROZEN_TICKS = 8
"""While a process ends its threads do not run any more; on a busy machine the interpreter takes seconds for that."""


def main(parent: int, tick: float) -> None:
    """Read until the parent ends, or end it."""
    for number in (signal.SIGINT, signal.SIGTERM):  # a terminal sends them to its whole process group
        signal.signal(number, signal.SIG_IGN)
    silent = 0
    while silent < FROZEN_TICKS:
        ready, _, _ = select.select([0], [], [], tick)
        if ready:
            if not os.read(0, 4096):
                return
            silent = 0
        elif not _is_stopped(parent):
            silent += 1
    sys.stderr.write(f"paperwire: process {parent} does not run any more (silent for {silent * tick:g} s): ended\n")
    if os.getppid() == parent:
        os.kill(parent, signal.SIGKILL)


def _is_stopped(process: int) -> bool:
    """Return whether a process is stopped, as by Ctrl-Z; only Linux says so."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in ("T", "t")
    except (OSError, IndexError):
        return False


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
