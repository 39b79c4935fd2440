"""Structured logs and metrics. Every log line of an entry carries its paper and its correlation id."""

import logging
import sys
from typing import Final, TextIO

import structlog
from prometheus_client import Counter, Gauge, Histogram

ENTRIES: Final = Counter("paperwire_entries", "Stream entries by outcome", ["stream", "group", "outcome"])
HANDLING: Final = Histogram("paperwire_batch_seconds", "Time to handle one batch of entries", ["stream", "group"])
PUBLISHED: Final = Counter("paperwire_published", "Events published", ["stream"])
EMBEDDED: Final = Counter("paperwire_papers_embedded", "Papers embedded by the model")
INDEX_DIFFERENCES: Final = Gauge(
    "paperwire_index_differences", "Papers that differed between the index and the records at the last check", ["kind"]
)
INDEX_REPAIRED: Final = Counter("paperwire_index_repaired", "Papers that were missing in the index and written again")
REQUESTS: Final = Histogram("paperwire_http_seconds", "Time to answer a request", ["route", "method", "status"])
DELIVERIES: Final = Counter("paperwire_deliveries", "Delivery attempts by outcome", ["channel", "outcome"])
PICTURES: Final = Counter("paperwire_pictures", "Papers whose picture was looked for, by outcome", ["outcome"])
UP: Final = Gauge("paperwire_service_up", "1 while the service is ready", ["service"])

LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
# Their chatter says nothing an operator acts on; what matters of them is logged by the code that calls them.
QUIET: Final = ("httpx", "httpcore", "aiohttp.access", "aiohttp.server", "fastembed", "faststream", "asyncio")


class LogStream:
    """The stream that log lines go to. A line that cannot be written never stops the work that it is about.

    On a full disk a log file takes nothing; the number of lines that were lost is written once it does again.
    """

    def __init__(self, stream: TextIO | None) -> None:
        """Without a stream, lines go to what is standard error at that moment."""
        self._stream = stream
        self._lost = 0

    def write(self, line: str) -> None:
        """Write a line at once."""
        target = self._stream or sys.stderr
        try:
            target.write(line)
            target.flush()
            if self._lost:
                target.write(f'{{"event": "log lines lost", "count": {self._lost}, "level": "warning"}}\n')
                self._lost = 0
        except OSError:
            self._lost += 1

    def flush(self) -> None:
        """Do nothing: each line is flushed as it is written."""


def configure_logging(level: str = "info", stream: TextIO | None = None) -> None:
    """Send logs to a stream, by default to standard error: JSON lines, or readable ones on a terminal.

    Safe to call again.
    """
    target, lines = stream or sys.stderr, LogStream(stream)
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if target.isatty()
        else structlog.processors.JSONRenderer()
    )
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if not target.isatty():
        processors.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*processors, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *_: structlog.WriteLogger(lines),  # type: ignore[arg-type]  # it calls nothing else
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=lines, format="%(levelname)s %(name)s %(message)s")
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
