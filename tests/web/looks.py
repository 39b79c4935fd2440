"""How pages are looked at: schemes and screens, what axe says of them, and whether they fit."""

from typing import Final, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

Scheme = Literal["light", "dark"]
DESK: Final[ViewportSize] = {"width": 1280, "height": 800}
PHONE: Final[ViewportSize] = {"width": 375, "height": 740}
LOOKS: Final[tuple[tuple[Scheme, ViewportSize], ...]] = (("light", DESK), ("dark", DESK), ("dark", PHONE))
_SHOWN: Final = ("minor", "moderate")
"""What axe finds less than serious."""
_MORE: Final = {"target-size": {"enabled": True}}
"""A rule that axe leaves out unless asked: what a finger can hit (WCAG 2.2, 2.5.8)."""


def unfolded(page: Page) -> Page:
    """Open what is folded."""
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    return page


def serious(page: Page) -> list[tuple[str, str]]:
    """List the serious findings of axe: the rule, and the first element that breaks it."""
    found = Axe().run(page, options={"rules": _MORE}).response["violations"]
    return [(row["id"], row["nodes"][0]["html"]) for row in found if row["impact"] not in _SHOWN]


def width(page: Page) -> int:
    """Measure what there is to scroll through, in pixels."""
    pixels: int = page.evaluate("document.documentElement.scrollWidth")
    return pixels
