"""Where alerts go: one module a channel."""
