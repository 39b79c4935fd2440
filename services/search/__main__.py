"""Search as a process of its own."""

from services.search.bootstrap import build
from services.search.settings import SearchSettings
from shared.runtime import main

if __name__ == "__main__":
    main(build, SearchSettings)
