"""A process that renders the templates of strangers: `python -m services.notifier.sending.renderer`.

The sandbox of Jinja2 keeps a template from reaching out, not from running for ever, and constant expressions are
computed already when it is read. Here a template may use half a second of the processor and half a gigabyte; what wants
more is ended by the kernel, and the process with it. Reads requests and writes answers, each a line of JSON.
"""

import contextlib
import json
import resource
import signal
import sys
from typing import Any, Final, TextIO

from services.notifier.sending.rendering import UnusableTemplateError, rendered

PROCESSOR: Final = 0.5
"""Seconds."""
MEMORY: Final = 512 * 1024 * 1024
"""Bytes of address space."""


def answer(request: dict[str, Any]) -> dict[str, str]:
    """Render one template, under the limit of time."""
    signal.setitimer(signal.ITIMER_PROF, PROCESSOR)  # whoever ignores SIGPROF is ended by it
    try:
        return {"text": rendered(request["template"], request["event"])}
    except UnusableTemplateError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "the template needs too much memory"}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def main(requests: TextIO, answers: TextIO) -> None:
    """Answer until there is nothing more to read."""
    with contextlib.suppress(ValueError, OSError):  # systems that have no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    answers.write("ready\n")
    answers.flush()
    for line in requests:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
