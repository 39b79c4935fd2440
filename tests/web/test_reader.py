"""The pages of a reader: the form, their subscriptions, the links of mail, the outbox, by real parts."""

import re

import httpx
import pytest
from playwright.sync_api import Browser, expect

from shared.readers.sessions import COOKIE
from tests.web.appearance import PHONE, serious, unfolded, width
from tests.web.conftest import watched
from tests.web.reader import ADDRESS, Reader, confirmation
from tests.web.wire import SCRIPT

PAGES = (
    "form", "filled form", "every channel", "door", "list", "one", "edit", "paused", "outbox", "confirm", "nothing",
    "more", "mute", "pause", "manage", "unsubscribe",
)  # fmt: skip
PUBLIC = ("form", "door")


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(browser: Browser, reader: Reader, name: str) -> None:
    context = browser.new_context(base_url=reader.url, **reader.browser(name))
    page = context.new_page()
    page.goto(reader.pages[name])
    found = serious(unfolded(page))
    context.close()
    assert found == []


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_shows_reader_pages_without_sideways_scrolling(browser: Browser, reader: Reader, name: str) -> None:
    with watched(browser, reader.url, viewport=PHONE, is_mobile=True, **reader.browser(name)) as page:
        page.route("**/f/nothing", lambda route: route.fulfill(status=200, response=route.fetch()))
        page.goto(reader.pages[name])
        assert width(unfolded(page)) <= PHONE["width"]


@pytest.mark.parametrize("name", PAGES)
def test_reader_pages_have_landmarks_and_a_skip_link(browser: Browser, reader: Reader, name: str) -> None:
    with watched(browser, reader.url, **reader.browser(name)) as page:
        page.route("**/f/nothing", lambda route: route.fulfill(status=200, response=route.fetch()))
        page.goto(reader.pages[name])
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        for landmark in ("banner", "main", "contentinfo", "search"):
            expect(page.get_by_role(landmark)).to_have_count(1)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)


@pytest.mark.parametrize("name", PAGES)
def test_reader_pages_have_strict_headers_and_no_foreign_files(reader: Reader, name: str) -> None:
    credentials = (reader.credentials["username"], reader.credentials["password"])
    headers = {"Accept-Encoding": "gzip"} | ({"Cookie": f"{COOKIE}={reader.session}"} if name != "door" else {})
    answer = httpx.get(reader.url + reader.pages[name], headers=headers, auth=credentials)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers.get("X-Robots-Tag") == (None if name in PUBLIC else "noindex")
    head = re.sub(r'="[^"]*"', '=""', answer.text.partition("<main")[0])  # a title of the page is in attributes too
    assert not re.search(r"<[^>]*\sstyle=|<style|<script>|<[^>]*\son\w+=", head)


@pytest.mark.parametrize("name", ("form", "one"))
def test_the_first_load_is_small(browser: Browser, reader: Reader, name: str) -> None:
    sizes: list[int] = []
    with watched(browser, reader.url, **reader.browser()) as page:
        page.on("response", lambda response: sizes.append(len(response.body())))
        page.goto(reader.pages[name], wait_until="networkidle")
    assert len(sizes) >= 4  # the page, its two styles, its script
    assert sum(sizes) < 100_000


def test_the_files_of_these_pages_are_kept_under_their_version(reader: Reader) -> None:
    session = {"Cookie": f"{COOKIE}={reader.session}"}
    paths = ("/subscribe", reader.pages["one"])
    text = "".join(httpx.get(reader.url + path, headers=session).text for path in paths)
    addresses = set(re.findall(r'"(/subscribe/static/[^"]+)"', text))
    assert {re.split(r"[/?]", address)[3] for address in addresses} == {"subscribe.css", "volume.js", "zone.js"}
    for address in addresses:
        assert httpx.get(reader.url + address).headers["Cache-Control"].endswith("immutable")


@pytest.mark.parametrize("script", (True, False))
def test_an_address_subscribes_confirms_and_unsubscribes(browser: Browser, reader: Reader, *, script: bool) -> None:
    address = f"script-{script}@example.org"
    with watched(browser, reader.url, http_credentials=reader.credentials, java_script_enabled=script) as page:
        page.goto("/subscribe")
        page.get_by_label("Interest, in plain words").fill("robots that fold paper")
        page.get_by_label("E-mail address").fill(address)
        page.get_by_role("button", name="Subscribe").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("No mail is sent yet")  # no mail server is set
        with httpx.Client(base_url=reader.url) as http:
            confirmation(http, reader.key, address)
        page.get_by_role("link", name="Outbox").click()
        message = page.get_by_role("article").filter(has_text=address)
        message.get_by_role("link", name="Confirm your subscription").click()
        page.get_by_role("link", name="Confirm subscription").click()
        page.get_by_role("button", name="Confirm").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("You are subscribed")
        page.get_by_role("link", name="Manage this subscription").click()
        page.get_by_role("link", name="All my subscriptions").click()
        expect(page.get_by_role("article")).to_have_count(1)
        page.get_by_role("link", name="robots that fold paper").click()
        page.get_by_label("Delete this subscription permanently").check()
        page.get_by_role("button", name="Delete").click()
        expect(page.locator("p[role=status]")).to_have_text("“robots that fold paper” was deleted.")
        expect(page.get_by_text("You have no subscriptions yet.")).to_be_visible()


@pytest.mark.parametrize("script", (True, False))
def test_a_key_opens_its_own_subscriptions(browser: Browser, reader: Reader, *, script: bool) -> None:
    with watched(browser, reader.url, http_credentials=reader.credentials, java_script_enabled=script) as page:
        page.goto("/my")
        page.get_by_label("Your API key").fill(reader.key)
        page.get_by_role("button", name="Show my subscriptions").click()
        own = page.get_by_role("region", name="Subscriptions").get_by_role("article")
        expect(own.get_by_role("heading")).to_have_text(["folding cranes", SCRIPT])
        page.get_by_role("link", name="folding cranes").click()
        page.get_by_role("button", name="Pause").click()
        expect(page.locator("p[role=status]")).to_contain_text("Paused")
        page.get_by_role("button", name="Resume").click()
        expect(page.locator("p[role=status]")).to_contain_text("Resumed")
        page.get_by_text("Alerts of each threshold").click()
        expect(page.locator("#rungs tbody tr").first).to_be_visible()
        page.get_by_label("Or papers a week").fill("3")
        page.get_by_role("button", name="Use this volume").click()
        expect(page.locator("p[role=status]")).to_contain_text("about 3 a week")
        page.get_by_role("button", name="Send a sample alert").click()
        expect(page.get_by_role("region", name="Deliveries").get_by_text("failed").first).to_be_visible()


def test_the_slider_shows_the_number_of_alerts(browser: Browser, reader: Reader) -> None:
    with watched(browser, reader.url, **reader.browser()) as page:
        page.goto(reader.pages["one"])
        slider, rate = page.get_by_label("Threshold: a higher one sends fewer papers"), page.locator("#rate")
        slider.press("Home")
        most = rate.inner_text()
        slider.press("End")
        expect(rate).to_contain_text(": about 0 a week")
        assert most != rate.inner_text()
        page.get_by_role("button", name="Use this threshold").click()
        expect(page.locator("p[role=status]")).to_contain_text("The threshold is")


def test_an_invalid_form_shows_its_errors_and_keeps_its_values(browser: Browser, reader: Reader) -> None:
    with watched(browser, reader.url, http_credentials=reader.credentials) as page:
        page.route("**/subscribe", lambda route: route.fulfill(status=200, response=route.fetch()))
        page.goto("/subscribe")
        page.get_by_label("Interest, in plain words").fill(SCRIPT)
        page.get_by_label("Time zone").fill("Nowhere/Land")
        page.get_by_label("E-mail address").fill(ADDRESS)
        page.get_by_role("button", name="Subscribe").click()
        expect(page.get_by_role("alert")).to_contain_text("The time zone")
        expect(page.get_by_label("Interest, in plain words")).to_have_value(SCRIPT)
        assert serious(page) == []


def test_mail_is_subscribed_to_with_five_clicks_from_the_home_page(browser: Browser, reader: Reader) -> None:
    """INVARIANT: the link, the button, the link in the mail, and its confirmation; the outbox stands for a mailbox."""
    address = "clicks@example.org"
    with watched(browser, reader.url, **reader.browser("form")) as page:
        page.goto("/")
        page.get_by_role("link", name="Subscribe", exact=True).first.click()
        page.get_by_label("E-mail address").fill(address)
        page.get_by_role("button", name="Subscribe").click()
        with httpx.Client(base_url=reader.url) as http:
            page.goto(confirmation(http, reader.key, address))
        page.get_by_role("button", name="Confirm").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("You are subscribed")


@pytest.mark.parametrize("script", (True, False))
def test_a_search_becomes_a_webhook_that_is_tested_and_edited(
    browser: Browser, reader: Reader, *, script: bool
) -> None:
    with watched(browser, reader.url, **reader.browser(), java_script_enabled=script) as page:
        page.goto("/search?q=folding+cranes+-swans+after:2020&author=Ada+Roe")
        page.get_by_role("link", name="Subscribe to this search").click()
        expect(page.get_by_text("A subscription cannot have this condition of the search")).to_contain_text(
            "after:2020"
        )
        page.get_by_label("by Ada Roe").uncheck()
        page.get_by_label("Webhook", exact=True).check()
        page.get_by_label("Address", exact=True).fill("http://127.0.0.1:9/hook")
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_role("region", name="Preview").get_by_role("article")).to_have_count(7)
        expect(page.get_by_label("by Ada Roe")).to_have_count(0)
        page.get_by_role("button", name="Subscribe").click()
        expect(page.locator("code.secret")).to_contain_text("whsec_")
        page.get_by_role("button", name="Send a sample alert").click()
        expect(page.get_by_role("region", name="Deliveries").get_by_text("failed")).to_be_visible()
        page.get_by_role("link", name="Edit").click()
        page.get_by_label("not “swans”").uncheck()
        page.get_by_label("Frequency").select_option("weekly")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("p[role=status]")).to_have_text("Saved.")
        expect(page.get_by_text("every Monday at 08:00")).to_be_visible()
        page.get_by_label("Delete this subscription permanently").check()
        page.get_by_role("button", name="Delete").click()


def test_a_checkbox_is_beside_its_label_for_fingers(browser: Browser, reader: Reader) -> None:
    with watched(browser, reader.url, viewport=PHONE, is_mobile=True, has_touch=True, **reader.browser()) as page:
        page.goto("/subscribe")
        box = unfolded(page).get_by_label("is revised").bounding_box()
        label = page.locator("label", has_text="is revised").bounding_box()
        assert box
        assert label
        assert (box["height"] < 24, label["height"] >= 44) == (True, True)


@pytest.mark.parametrize("name", ("form", "one"))
def test_reader_pages_lead_to_the_saved_papers(reader: Reader, name: str) -> None:
    session = {"Cookie": f"{COOKIE}={reader.session}"}
    assert 'href="/saved"' in httpx.get(reader.url + reader.pages[name], headers=session).text
