"""The enricher as a process of its own."""

from services.enricher.bootstrap import build
from services.enricher.settings import EnricherSettings
from shared.runtime import main

if __name__ == "__main__":
    main(build, EnricherSettings)
