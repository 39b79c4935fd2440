"""The content of messages: formulas."""

from services.notifier.mailing.contents import MailContext, render

PAPER = {
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
