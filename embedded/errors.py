"""The errors of the embedded servers; each says in one sentence what to do."""


class EmbeddedError(Exception):
    """The base of the errors of the embedded servers."""


class DataDirError(EmbeddedError):
    """The data directory cannot be used: missing, not a directory, or not writable."""


class DataDirInUse(DataDirError):  # noqa: N818  (reads as the fact it states)
    """Another process holds the data directory."""


class DataDamaged(DataDirError):  # noqa: N818  (reads as the fact it states)
    """A file in the data directory cannot be read; the message says how to repair it."""


class BinaryNotFound(EmbeddedError):  # noqa: N818
    """A required program is not installed."""


class StartFailed(EmbeddedError):  # noqa: N818
    """A child process ended, or was not ready in time; the message carries the end of its log."""
