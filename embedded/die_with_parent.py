"""Run a program that dies with its parent: ``python die_with_parent.py PARENT_PID PROGRAM [ARGUMENT…]``.

On Linux this process becomes the program after asking the kernel to kill it when the parent ends. That needs no code
between fork and exec, where threads of the parent could leave locks held. Elsewhere it stays, and watches.

It is run by path under ``python -I -S``, so that it starts in milliseconds: standard library only.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.2


def main(arguments: list[str]) -> int:
    """Become the program, or watch over it; the exit status is the program's own."""
    parent, program = int(arguments[0]), arguments[1:]
    if os.uname().sysname == "Linux":
        # SIGKILL is safe for both children: what they acknowledged is in their logs already.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the request was made
            return 1
        os.execv(program[0], program)  # noqa: S606  (no shell is the point)
    return watch(parent, program)


def watch(parent: int, program: list[str]) -> int:
    """Run the program as a child, pass SIGTERM on, and kill it when ``parent`` is gone."""
    child = subprocess.Popen(program)  # noqa: S603  (the command comes from our own code)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while child.poll() is None:
        if os.getppid() != parent:
            child.kill()
        time.sleep(POLL_SECONDS)
    return child.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
