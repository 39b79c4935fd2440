"""The base errors; one place turns them into ack, retry or dead letter."""


class PaperwireError(Exception):
    """The base of all errors of Paperwire. Its text is one clear sentence for the reader of a log or terminal."""


class ConfigurationError(PaperwireError):
    """The operator has to change the configuration; the command line exits with status 2."""


class PermanentError(PaperwireError):
    """A retry cannot help: the entry goes to its dead-letter stream with this text as the reason."""


class TransientError(PaperwireError):
    """A dependency is down or slow: retry later, and do not count the delivery against the entry."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        """`retry_after` is in seconds, when the other side named a time."""
        super().__init__(message)
        self.retry_after = retry_after


class AccessRefusedError(TransientError):
    """A dependency answers and lets nobody in, until its operator changes a key, a right or a certificate."""
