"""Runs the fetcher as a process of its own."""

from services.fetcher.bootstrap import build
from services.fetcher.settings import FetcherSettings
from shared.runtime import main

if __name__ == "__main__":
    main(build, FetcherSettings)
