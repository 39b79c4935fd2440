"""The `paperwire` command; the only part that sees several services and the embedded Redis and Qdrant."""

from services.cli.app import main

__all__ = ["main"]
