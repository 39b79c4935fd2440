"""The pages about one form of a subscription: to fill it in, to edit it, and to show a secret once."""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Final

from services.notifier.insight.preview import Preview
from services.notifier.pages import form_choices
from services.notifier.pages.channel_inputs import INPUTS
from services.notifier.pages.page import Page
from services.notifier.pages.place_inputs import PLACES
from services.notifier.pages.subscribe_form import SubscribeForm
from services.notifier.pages.visits import Visit
from services.notifier.subscription.model import Subscription

_NONE: Final[Mapping[str, str]] = {}
_FEW: Final = "The index has too few papers of the last weeks to tell how many a week will come."


def form_page(
    form: SubscribeForm,
    visit: Visit | None,
    *,
    edited: Subscription | None = None,
    problems: Mapping[str, str] = _NONE,
    preview: Preview | None = None,
    model: bool = False,
) -> Page:
    """Return the form: for a new subscription, or for one that is `edited`. Only who is signed in has every channel.

    `problems` are sentences by the names of inputs; `model` says whether the instance has a language model.
    """
    context = {
        "form": form.safe,
        "visit": visit,
        "edited": edited,
        "problems": problems,
        "model": model,
        "preview": preview,
        "about_preview": preview_line(preview) if preview else None,
        "choices": form_choices,
        "channels": list(INPUTS.values()),
        "places": list(PLACES.values()),
        "zones": _zones(),
    }
    return Page("subscribe.html", context, scripts=True)


def preview_line(preview: Preview) -> str:
    """Return a sentence about what a subscription would have sent lately, and how many papers a week that is."""
    days = "day" if preview.days == 1 else f"{preview.days:g} days"
    count = preview.count
    if not count:
        found = f"No paper of the last {days} would have been sent, of {preview.papers:,} in the index."
    elif count == 1:
        found = f"This paper of the last {days} would have been sent."
    elif count == len(preview.alerts):
        found = f"These {count} papers of the last {days} would have been sent."
    else:
        found = f"{count:,} papers of the last {days} would have been sent; these are the latest."
    rate = f" That is about {round(preview.per_week, 1):g} a week." if count else ""
    return found + (rate if preview.enough else f" {_FEW}")


def secret_page(visit: Visit, one: Subscription, secret: str, title: str, status: int = HTTPStatus.OK) -> Page:
    """Return the page that shows the secret of a webhook, which no other page does."""
    return Page("secret.html", {"visit": visit, "one": one, "secret": secret, "title": title}, status)


@cache
def _zones() -> list[str]:
    return form_choices.zones()
