"""The process of a worker: `python -m shared.worker.child package.module:function LIMITS`, where LIMITS is JSON.

It reads calls from standard input and writes answers to what was standard output; what a function prints goes to
standard error. The kernel ends a call that takes too long, and with it the process.
"""

import contextlib
import importlib
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import BinaryIO, Final

from shared.worker.protocol import HEAD, Limits, Sign, frame

MAX_ERROR: Final = 500
"""Characters of an error that are passed on."""
_LOOK_S: Final = 1.0
Function = Callable[[bytes], bytes]


def main(name: str, limits: Limits) -> None:
    """Answer calls until there are no more."""
    parent = os.getppid()
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    os.nice(limits.niceness)
    function = _find(name)
    if limits.memory is not None:
        with contextlib.suppress(ValueError, OSError):  # systems that have no such limit
            resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    answers.write(frame(Sign.READY))
    answers.flush()
    while (request := _read(calls)) is not None:
        answers.write(_answer(function, request, limits))
        answers.flush()


def _follow(parent: int) -> None:
    """End this process when its parent has ended, also in the middle of a call."""
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os._exit(1)


def _find(name: str) -> Function:
    module, _, attribute = name.partition(":")
    function: Function = getattr(importlib.import_module(module), attribute)
    return function


def _read(calls: BinaryIO) -> bytes | None:
    head = calls.read(HEAD.size)
    return calls.read(HEAD.unpack(head)[1]) if len(head) == HEAD.size else None


def _answer(function: Function, request: bytes, limits: Limits) -> bytes:
    """Answer one call. Nobody handles SIGALRM and SIGPROF, so each of them ends the process."""
    signal.setitimer(signal.ITIMER_REAL, limits.seconds)
    signal.setitimer(signal.ITIMER_PROF, limits.processor or 0)
    try:
        return frame(Sign.DONE, function(request))
    except MemoryError:
        return frame(Sign.MEMORY)
    except Exception as error:  # noqa: BLE001  # one bad call must not end the process that others wait for
        return frame(Sign.ERROR, f"{type(error).__name__}: {error}"[:MAX_ERROR].encode("utf-8", "replace"))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    main(sys.argv[1], Limits(**json.loads(sys.argv[2])))
