"""The composition root of the notifier. It may import every room and names every adapter; no room imports it."""

from services.notifier.bootstrap.build import build
from services.notifier.bootstrap.foundation import ClockAndRandom

__all__ = ["ClockAndRandom", "build"]
