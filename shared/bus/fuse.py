"""The fuse of a consumer."""

from collections import deque


class Fuse:
    """Blows when more than half of the last `window` entries, and at least `least`, were dead letters."""

    def __init__(self, window: int = 200, least: int = 50) -> None:
        """Both are counts of entries."""
        self._outcomes: deque[bool] = deque(maxlen=window)
        self._least = least
        self.blown = False

    def record(self, *, dead: int = 0, handled: int = 0) -> None:
        """Count entries by their outcome."""
        self._outcomes.extend([True] * min(dead, self._outcomes.maxlen or 0))
        self._outcomes.extend([False] * min(handled, self._outcomes.maxlen or 0))
        lost = sum(self._outcomes)
        self.blown = self.blown or (lost >= self._least and lost * 2 > len(self._outcomes))
