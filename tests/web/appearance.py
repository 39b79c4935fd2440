"""The appearance of pages: color schemes and screens, the findings of axe, and whether a page fits its screen."""

from typing import Any, Final, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

Scheme = Literal["light", "dark"]
DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 800}
PHONE: Final[ViewportSize] = {"width": 375, "height": 740}
APPEARANCES: Final[tuple[tuple[Scheme, ViewportSize], ...]] = (("light", DESKTOP), ("dark", PHONE))
_SHOWN: Final = ("minor", "moderate")
"""What axe finds less than serious."""
_OF_THE_LOOK: Final = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
"""The rules whose result depends on colours and sizes."""
_MORE: Final = {"target-size": {"enabled": True}}
"""A rule that axe leaves out unless asked: what a finger can hit (WCAG 2.2, 2.5.8)."""


def unfolded(page: Page) -> Page:
    """Open what is folded."""
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    return page


def serious(page: Page) -> list[tuple[str, str]]:
    """List the serious findings of axe in every look: where, the rule, and the first element that breaks it.

    All rules are applied to the first look, and to the others those whose result depends on colours and sizes.
    """
    found: list[tuple[str, str]] = []
    options: dict[str, Any] = {"rules": _MORE}
    for scheme, viewport in APPEARANCES:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(viewport)
        rows = Axe().run(page, options=options).response["violations"]
        look = f"{scheme}, {viewport['width']} px"
        found += [(f"{look}: {row['id']}", row["nodes"][0]["html"]) for row in rows if row["impact"] not in _SHOWN]
        options = {"runOnly": {"type": "rule", "values": _OF_THE_LOOK}}
    return found


def width(page: Page) -> int:
    """Measure what there is to scroll through, in pixels."""
    pixels: int = page.evaluate("document.documentElement.scrollWidth")
    return pixels
