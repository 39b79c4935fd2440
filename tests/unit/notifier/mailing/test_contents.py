"""The content of messages: formulas, and the mark of sample papers."""

from typing import Any

from services.notifier.mailing.contents import MailContext, render

PERIOD = {"from": "2026-03-03T00:00:00Z", "to": "2026-03-04T00:00:00Z"}
PAPER: dict[str, Any] = {
    "id": "pw:a",
    "title": "Folds of y² < 3",
    "title_tex": "Folds of $y^2 < 3$",
    "abstract": "We fold <b>T_eff</b>.",
    "abstract_tex": r"We fold <b>$T_{\rm eff}$</b>.",
}


def test_a_message_has_raised_and_lowered_indices_in_html_and_unicode_in_text() -> None:
    data = {"subscription": {"id": "s", "name": "Folds"}, "paper": PAPER, "match": {"reasons": []}}
    body = {"type": "paper.new", "timestamp": "2026-03-04T00:00:00Z", "data": data}
    message = render(body, MailContext(public_url="http://x.example"))
    assert "Folds of y<sup>2</sup> &lt; 3</a>" in message.html
    assert "We fold &lt;b&gt;T<sub>eff</sub>&lt;/b&gt;." in message.html
    assert message.subject == "Folds of y² < 3"
    assert "Folds of y² < 3" in message.text


def test_a_sample_paper_is_marked_in_mail() -> None:
    for paper, marked in ((PAPER | {"sample": True}, True), (PAPER, False)):
        subscription = {"id": "s", "name": "Folds"}
        alert: dict[str, Any] = {"paper": paper, "match": {"reasons": []}}
        entry = {"type": "paper.new", "timestamp": "2026-03-04T00:00:00Z"} | alert
        digest = {"subscription": subscription, "alerts": [entry], "more": 0, "note": None, "period": PERIOD}
        for body in (
            {"type": "paper.new", "timestamp": "2026-03-04T00:00:00Z", "data": {"subscription": subscription} | alert},
            {"type": "digest", "timestamp": "2026-03-04T00:00:00Z", "data": digest},
        ):
            message = render(body, MailContext(public_url="http://x.example"))
            assert (">Sample</strong>" in message.html) is marked
            assert ("Sample" in message.text.split()) is marked


def test_a_digest_links_the_rest_of_a_series_under_its_first_paper_and_counts_it() -> None:
    entry: dict[str, Any] = {"type": "paper.new", "timestamp": "2026-03-04T00:00:00Z", "paper": PAPER}
    entry |= {"match": {"reasons": []}, "also": [{"id": "pw:b", "title": "Folds <II>"}, {"id": "pw:c", "title": ""}]}
    data = {
        "subscription": {"id": "s", "name": "Folds"},
        "alerts": [entry],
        "more": 4,
        "note": None,
        "period": PERIOD,
    }
    body = {"type": "digest", "timestamp": "2026-03-04T00:00:00Z", "data": data}
    message = render(body, MailContext(public_url="http://x.example"))
    assert message.subject == "7 papers: Folds of y² < 3 and 6 more"
    assert "The 3 best of 7 papers" in message.html
    assert ">Folds &lt;II&gt;</a>" in message.html
    assert ">pw:c</a>" in message.html
    assert "And 2 more of the same series:" in message.text
    assert "http://x.example/papers/pw:b" in message.text
