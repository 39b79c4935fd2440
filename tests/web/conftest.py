"""A real browser over a real instance; anything it reports, and any request elsewhere, fails the test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request, sync_playwright

from tests.integration.search.instance import in_thread
from tests.web.reader import Reader, reading
from tests.web.wire import WIRE, prepare

HERE = Path(__file__).parent
# The shell is the same engine without windows, and takes two thirds of the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[str]:
    """The address of the instance."""
    with in_thread(tmp_path_factory.mktemp("web"), models, WIRE, prepare) as url:
        yield url


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[str]:
    """The address of an instance that has no papers."""
    with in_thread(tmp_path_factory.mktemp("empty"), models, ()) as url:
        yield url


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Reader]:
    """A reader with subscriptions, and their instance."""
    with reading(tmp_path_factory.mktemp("reader"), models) as one:
        yield one


class Chromium:
    """Chromium of this machine, for the tests of pages that follow each other in a process."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._browser: Browser | None = None

    def browser(self) -> Browser:
        """Give the browser; it is started for the first test."""
        if CHROMIUM is None:
            if os.environ.get("CI"):
                pytest.fail("the tests of the pages need chromium: install it")
            pytest.skip("NO BROWSER: the tests of the pages need chromium, and none was found on the PATH")
        if self._browser is None:
            playwright = self._open.enter_context(sync_playwright())
            self._browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            self._open.callback(self._browser.close)
        return self._browser

    def close(self) -> None:
        """End the browser."""
        self._open.close()
        self._browser = None


_chromium = Chromium()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Iterator[None]:
    """End the browser after the last test of pages: while Playwright runs, nothing else can run a loop.

    What ends with the last test of all, such as servers, comes after it.
    """
    if nextitem is None or HERE not in nextitem.path.parents:
        _chromium.close()
    yield


@pytest.fixture
def browser() -> Browser:
    """Chromium of this machine."""
    return _chromium.browser()


@contextmanager
def watched(browser: Browser, site: str, **options: Any) -> Iterator[Page]:
    """Open a page that must stay silent and among its own; `options` are those of a browser context."""
    context = browser.new_context(base_url=site, **options)
    page = context.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(f"{message.type}: {message.text} {message.location}"))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("requestfailed", lambda request: _failed(request, trouble))
    page.on("dialog", lambda dialog: _dismissed(dialog, trouble))
    page.on("request", lambda request: _at_home(request.url, site, trouble))
    yield page
    page.wait_for_load_state("load")
    context.close()
    assert trouble == []


def _dismissed(dialog: Dialog, trouble: list[str]) -> None:
    trouble.append(f"dialog: {dialog.message}")
    dialog.dismiss()


def _failed(request: Request, trouble: list[str]) -> None:
    if request.failure != "net::ERR_ABORTED":  # who leaves a page no longer waits for what it asked
        trouble.append(f"failed: {request.url} {request.failure}")


def _at_home(url: str, site: str, trouble: list[str]) -> None:
    if urlsplit(url).netloc != urlsplit(site).netloc:
        trouble.append(f"a request to another host: {url}")


@pytest.fixture(params=("with script", "without script"))
def page(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page, once with and once without JavaScript: everything but shortcuts works without."""
    with watched(browser, site, java_script_enabled=request.param == "with script") as opened:
        yield opened
