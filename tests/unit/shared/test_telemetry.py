"""Log lines on a disk that takes none."""

import io

import structlog

from shared.telemetry import LogStream


class FullDisk(io.StringIO):
    """A log file whose disk is full."""

    full = True

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(text)


def test_a_line_that_cannot_be_written_raises_nothing_and_is_counted() -> None:
    file = FullDisk()
    log = structlog.WriteLogger(LogStream(file))  # type: ignore[arg-type]
    for _ in range(3):
        log.info("one")
    file.full = False
    log.info("two")
    log.info("three")
    assert file.getvalue().splitlines() == [
        "two",
        '{"event": "log lines lost", "count": 3, "level": "warning"}',
        "three",
    ]
