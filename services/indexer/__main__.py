"""The indexer as a process of its own."""

from services.indexer.bootstrap import build
from services.indexer.settings import IndexerSettings
from shared.runtime import main

if __name__ == "__main__":
    main(build, IndexerSettings)
