"""The protocol between a worker and its process: limits, how a call ends, and frames of bytes. Pure."""

import struct
from dataclasses import dataclass
from enum import Enum
from typing import Final

HEAD: Final = struct.Struct(">cI")
"""A frame is one byte that says what it is, four bytes of length, and so many bytes."""


class Sign(bytes, Enum):
    """The kinds of frames."""

    READY = b"!"
    CALL = b"?"
    DONE = b"+"
    ERROR = b"-"
    MEMORY = b"m"


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a call. None is no limit.

    `seconds` of time and `processor` seconds of computing are for one call, `memory` bytes of address space are for the
    process. A process ends after `calls` calls, and takes up to `start` seconds to start; an answer has up to `answer`
    bytes.
    """

    seconds: float
    processor: float | None = None
    memory: int | None = None
    calls: int | None = None
    start: float = 30.0
    answer: int = 64 * 1024 * 1024
    niceness: int = 0


class Reason(Enum):
    """The reasons why a call has no answer."""

    ERROR = "error"
    TIME = "time"
    PROCESSOR = "processor"
    MEMORY = "memory"
    SIZE = "size"
    ENDED = "ended"


class CallFailedError(Exception):
    """A call without an answer. The text continues a sentence such as "the template …"."""

    def __init__(self, reason: Reason, text: str) -> None:
        """`text` says what happened."""
        super().__init__(text)
        self.reason = reason


def frame(sign: Sign, body: bytes = b"") -> bytes:
    """Return a frame."""
    return HEAD.pack(sign.value, len(body)) + body


def failure(reason: Reason, limits: Limits, detail: str = "") -> CallFailedError:
    """Return the error of a call that failed for a reason."""
    texts = {
        Reason.ERROR: detail,
        Reason.TIME: f"was not done within {limits.seconds:g} s",
        Reason.PROCESSOR: f"takes more than {limits.processor or 0:g} s of the processor",
        Reason.MEMORY: "needs too much memory",
        Reason.SIZE: f"makes more than {limits.answer:,} bytes",
        Reason.ENDED: f"ended its process ({detail})",
    }
    return CallFailedError(reason, texts[reason])
