"""Mail as a reader sees it: real digests in a real browser, light and dark, on a phone and on a desk."""

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import orjson
import pytest
from playwright.sync_api import Browser, Page

from services.cli.transfer.sample import sample_papers
from services.notifier.alerts import digest_body
from services.notifier.alerts.digest_body import Period
from services.notifier.mailing.compose import Task, compose
from services.notifier.matching import alert_body
from services.notifier.matching.match import Match
from services.notifier.sending.mail_samples import sample_mail
from shared.papers.paper import Author, Change, ChangeKind, CodeLink, Links
from tests.unit.notifier.examples import NOW, paper, subscription

HOSTILE = '<script>alert(1)</script> "quotes" & <b>bold</b>'
KINDS = (ChangeKind.NEW, ChangeKind.REVISED, ChangeKind.WITHDRAWN, ChangeKind.TRENDING)


def alerted(number: int) -> Any:
    titles = ("Folding cranes with two arms and a camera", HOSTILE, "Unbreakable" * 30, "折り紙の論文")
    about = paper(
        id=f"arXiv:2603.{number:05d}",
        title=titles[number % 4],
        abstract="We fold paper cranes with a robot arm. " * 30,
        authors=tuple(Author(name=f"Ada Q. Origami-Fold {n}") for n in range(number)),
        published="2026-02-28",
        status="withdrawn" if number == 2 else "active",
        links=Links(abs="https://example.org/abs", pdf="javascript:alert(2)", code=(CodeLink(url="https://x.org/c"),)),
    )
    reasons = ("change: new", "about “paper cranes” (61%)", "mentions “robot arm”")
    return orjson.loads(
        alert_body.compose(subscription(), about, Match(Change(kind=KINDS[number % 4]), 0.6, 0.45, reasons), NOW)
    )


def message(body: Any, **fields: Any) -> EmailMessage:
    base: dict[str, Any] = {
        "id": "one", "to": "reader@example.org", "sender": "Paperwire <news@example.org>",
        "made": NOW.timestamp(), "at": NOW.timestamp(), "confirms": False, "subscription": subscription().id,
        "name": "cranes", "timezone": "Asia/Kathmandu", "when": "every day at 08:00", "meaning": True,
        "site": "https://papers.example.org", "key": "00" * 32, "feed": "https://papers.example.org/feeds/private/t.atom",
    }  # fmt: skip
    parsed = message_from_bytes(compose(Task(**base | fields), body), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found
    text: str = found.get_content()
    return text


def a_digest() -> EmailMessage:
    period = Period(NOW - timedelta(days=14), NOW)
    alerts = [alerted(number) for number in range(12)]
    note = "No announcement today: arXiv observes a holiday <b>."
    return message(orjson.loads(digest_body.compose(subscription(name=HOSTILE), alerts, 50, period, note)))


def sample(kind: str) -> EmailMessage:
    """Make a message as `paperwire mail preview` does."""
    parsed = message_from_bytes(sample_mail(kind, sample_papers(5), "https://x.example", NOW), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


MAILS: dict[str, Callable[[], EmailMessage]] = {
    "digest": a_digest,
    "alert": lambda: message(alerted(1)),
    "confirm": lambda: message({}, confirms=True),
    "trending": lambda: sample("trending"),
}


@pytest.mark.parametrize("scheme", ("light", "dark"))
@pytest.mark.parametrize("width", (320, 375, 800))
@pytest.mark.parametrize("name", MAILS)
def test_mail_fits_its_window_and_runs_nothing(browser: Browser, name: str, width: int, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(part(MAILS[name](), "html"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.scripts.length") == 0
    assert asked == []
    assert contrast(page) >= 4.5
    context.close()


def contrast(page: Page) -> float:
    """Give the least contrast of text to what is behind it (WCAG 2.2, 1.4.3)."""
    least: float = page.evaluate("""() => {
        const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const behind = e => { for (; e; e = e.parentElement) {
            const c = getComputedStyle(e).backgroundColor; if (c !== 'rgba(0, 0, 0, 0)') return c; }
            return 'rgb(255, 255, 255)'; };
        const ratios = [...document.querySelectorAll('td, p, h1, h2, a, span, strong')]
            .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
            .map(e => [light(getComputedStyle(e).color), light(behind(e))])
            .map(([a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
        return Math.min(...ratios);
    }""")
    return least


def test_untrusted_text_stays_text() -> None:
    html = part(a_digest(), "html")
    assert "<script>" not in html
    assert "javascript:" not in html
    assert "holiday &lt;b&gt;" in html
    assert "<script>alert(1)</script>" in part(a_digest(), "plain")


def test_a_tldr_is_shown_with_its_source() -> None:
    body = alerted(0)
    body["data"]["paper"]["tldr"] = {"text": "Robots <b>fold</b> cranes.", "source": "semantic-scholar"}
    mail = message(body)
    assert "TLDR by Semantic Scholar: Robots &lt;b&gt;fold&lt;/b&gt; cranes." in part(mail, "html")
    assert "TLDR by Semantic Scholar: Robots <b>fold</b> cranes." in part(mail, "plain")
    assert "We fold paper cranes with a robot arm." not in part(mail, "plain")


def test_a_digest_is_described_in_both_bodies() -> None:
    mail = a_digest()
    assert str(mail["Subject"]).startswith("50 papers: ")
    for kind in ("html", "plain"):
        text = " ".join(part(mail, kind).split())
        assert "15 February – 1 March 2026" in text
        assert "12 best of 50 papers" in text
        assert "And 38 more papers matched" in text
        assert text.count("https://papers.example.org/papers/arXiv:2603.") == 12
    plain = part(mail, "plain")
    assert "Unsubscribe: https://papers.example.org/f/" in plain
    assert all(len(line) <= 76 or "http" in line or "Unbreakable" in line for line in plain.splitlines())
