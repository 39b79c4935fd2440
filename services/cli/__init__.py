"""The `paperwire` command; the only code that sees several services and the embedded Redis and Qdrant."""

from services.cli.app import main

__all__ = ["main"]
