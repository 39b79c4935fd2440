"""A process that writes messages: `python -m services.notifier.mailing.writer`.

It reads a task as two lines of JSON: what the message is for, and the body of the delivery as it is stored. It answers
with a line, `+` or `-` and a number of bytes, and so many bytes of a message, or of the reason why there is none.
"""

import sys
from typing import BinaryIO, Final

import orjson

from services.notifier.mailing.compose import Task, written

READY: Final = b"ready\n"


def answer(task: bytes, body: bytes) -> bytes:
    """Write the message of one task; what cannot be written is answered with the reason."""
    try:
        sign, text = b"+", written(Task.model_validate_json(task), orjson.loads(body))
    except Exception as error:  # noqa: BLE001  # one odd paper must not end the process that others wait for
        sign, text = b"-", f"{type(error).__name__}: {error}"[:500].encode("ascii", "replace")
    return b"%s%d\n%s" % (sign, len(text), text)


def main(tasks: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there is nothing more to read."""
    answers.write(READY)
    answers.flush()
    while task := tasks.readline():
        answers.write(answer(task, tasks.readline()))
        answers.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
