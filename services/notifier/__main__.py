"""Run the notifier as a process of its own: `python -m services.notifier`."""

from services.notifier.bootstrap import build
from services.notifier.settings import NotifierSettings
from shared.runtime import main

if __name__ == "__main__":
    main(build, NotifierSettings)
