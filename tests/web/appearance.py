"""The appearance of pages: color schemes and screens, the findings of axe, and whether a page fits its screen."""

from typing import Any, Final, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

Scheme = Literal["light", "dark"]
DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 800}
PHONE: Final[ViewportSize] = {"width": 375, "height": 740}
_SHORT: Final = {"resultTypes": ["violations"]}  # what passes is not described node by node
_ALL: Final[dict[str, Any]] = _SHORT | {"rules": {"target-size": {"enabled": True}}}
"""All rules, and one that axe leaves out unless asked: what a finger can hit (WCAG 2.2, 2.5.8)."""
_OF_COLORS: Final[dict[str, Any]] = _SHORT | {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
}
"""The rules whose result depends on colours."""
APPEARANCES: Final[tuple[tuple[Scheme, ViewportSize, dict[str, Any]], ...]] = (
    ("light", DESKTOP, _ALL),
    ("dark", DESKTOP, _OF_COLORS),
    ("dark", PHONE, _ALL),
)
_SHOWN: Final = ("minor", "moderate")
"""What axe finds less than serious."""


def unfolded(page: Page) -> Page:
    """Open what is folded."""
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    return page


def serious(page: Page) -> list[tuple[str, str]]:
    """List the serious findings of axe in every appearance: where, the rule, and the first element that breaks it."""
    found: list[tuple[str, str]] = []
    for scheme, viewport, rules in APPEARANCES:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(viewport)
        rows = Axe().run(page, options=rules).response["violations"]
        where = f"{scheme}, {viewport['width']} px"
        found += [(f"{where}: {row['id']}", row["nodes"][0]["html"]) for row in rows if row["impact"] not in _SHOWN]
    return found


def width(page: Page) -> int:
    """Measure what there is to scroll through, in pixels."""
    pixels: int = page.evaluate("document.documentElement.scrollWidth")
    return pixels
