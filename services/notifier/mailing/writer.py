"""A process that writes messages: `python -m services.notifier.mailing.writer`. Tasks and answers are lines of JSON."""

import sys
from typing import Final, TextIO

import orjson

from services.notifier.mailing.compose import Task, written

READY: Final = b"ready\n"


def answer(line: str) -> bytes:
    """Write the message of one task; what cannot be written is answered with the reason."""
    try:
        return orjson.dumps({"message": written(Task.model_validate_json(line)).decode("ascii")})
    except Exception as error:  # noqa: BLE001  # one odd paper must not end the process that others wait for
        return orjson.dumps({"error": f"{type(error).__name__}: {error}"[:500]})


def main(tasks: TextIO) -> None:
    """Answer until there is nothing more to read."""
    answers = sys.stdout.buffer
    answers.write(READY)
    answers.flush()
    for line in tasks:
        answers.write(answer(line) + b"\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.stdin)
