"""The form of a subscription: what it reads, what it describes, and what it says of mistakes."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from services.notifier.fields.likes_from import OwnPapers, ZoteroItems
from services.notifier.fields.secret import Secret
from services.notifier.pages.form_choices import CHANGES, MORE_INPUTS
from services.notifier.pages.form_problems import FormError
from services.notifier.pages.place_inputs import PLACES
from services.notifier.pages.subscribe_form import MAX_LEFT_OUT, SubscribeForm
from services.notifier.subscription.model import Subscription, SubscriptionPatch
from shared.papers.paper import ChangeKind
from tests.unit.notifier.examples import subscription

MAIL = {"address": ["reader@example.org"]}


def read(**fields: Any) -> SubscribeForm:
    return SubscribeForm.read({name: [value] if isinstance(value, str) else value for name, value in fields.items()})


def test_every_condition_is_read() -> None:
    form = read(
        q=" cranes ", category="cs.RO, cs.LG", authors=["Ada Roe"], authors_more="Jane  Doe\n\nAda Roe", must="paper",
        any=["a", "b"], mute_authors="Poe", sources="arxiv", has_code="true", per_week="5", **{"not": "swans"}, **MAIL,
    )  # fmt: skip
    one = form.subscription()
    assert (one.query, one.categories, one.authors) == ("cranes", ("cs.RO", "cs.LG"), ("Ada Roe", "Jane Doe"))
    assert (one.must, one.any, one.not_, one.mute_authors) == (("paper",), ("a", "b"), ("swans",), ("Poe",))
    assert (one.sources, one.has_code) == (("arxiv",), True)
    assert one.changes == (ChangeKind.NEW, ChangeKind.CODE_ADDED)
    assert one.model_dump()["sensitivity"] == {"per_week": 5}


@pytest.mark.parametrize(
    ("fields", "trending"),
    (({}, True), ({"category": "cs.RO"}, True), ({"authors": ["Ada"]}, False), ({"q": "x"}, False)),
)
def test_without_a_condition_trending_papers_are_meant(fields: dict[str, Any], *, trending: bool) -> None:
    one = read(**fields, **MAIL).subscription()
    assert (one.changes == (ChangeKind.TRENDING,)) is trending


def test_a_chat_gets_alerts_at_once_and_mail_a_digest_unless_another_schedule_is_chosen() -> None:
    assert read(q="x", channel="slack").often == "instant"
    assert read(q="x", channel="slack", often="daily").often == "daily"
    assert read(q="x", channel="feed").often == "daily"
    assert read(q="x").often == "daily"


@pytest.mark.parametrize(
    ("fields", "said"),
    (
        ({"q": "x"}, "E-mail address is required."),
        ({"q": "x", "address": "nobody"}, "E-mail address must be an e-mail address"),
        ({"q": "x", "channel": "telegraph"}, "Choose where the papers are sent."),
        (
            {"q": "x", "channel": "webhook", "webhook.url": "ftp://x"},
            "Address must be a complete http or https address.",
        ),
        ({"q": "x", "channel": "telegram"}, "Bot token is required."),
        ({"q": "x", "often": "daily", "at": "8"} | MAIL, "The time must be hours and minutes, such as 08:00."),
        ({"q": "x", "timezone": "Nowhere/Land"} | MAIL, "The time zone must be the name of a time zone"),
        ({"q": "x", "per_week": "0"} | MAIL, "The number of papers a week must be greater than 0."),
        ({"channel": "slack", "slack.url": "https://h.example", "often": "instant"}, "The subscription needs a daily"),
    ),
)
def test_a_mistake_is_said_with_the_name_of_its_field(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match="^" + said.replace(".", r"\.")):
        read(**fields).subscription()


def test_a_form_of_a_subscription_changes_nothing_of_it() -> None:
    one = subscription(
        query="cranes", like=["arXiv:2603.00002"], must=["paper"], authors=["Ada Roe"], has_code=True, sensitivity=0.6,
        changes=["new", "revised"], min_signals={"stars": 5}, **{"not": ["swans"]},
        schedule={"weekly": {"day": "friday", "at": "07:30"}, "timezone": "Europe/Paris", "when_complete": True},
    )  # fmt: skip
    patch = SubscribeForm.of(one).patch()
    assert patched(one, patch) == one
    assert "min_signals" not in patch.model_fields_set


PLACE = {"type": "zotero", "library": "users/475425", "collection": "FOLD2345", "key": "a-key-of-zotero"}


def test_a_place_of_liked_papers_is_read_and_its_key_is_not_shown_again() -> None:
    form = read(
        likes_from="zotero", **{"zotero.library": "users/475425", "zotero.key": "hush", "zotero.tag": "to read"}, **MAIL
    )
    one = form.subscription()
    assert isinstance(one.likes_from, ZoteroItems)
    assert (one.likes_from.library, one.likes_from.tag) == ("users/475425", "to read")
    assert one.likes_from.key == Secret.of("hush")
    assert form.safe.typed == {
        "zotero.library": "users/475425",
        "zotero.tag": "to read",
        "address": "reader@example.org",
    }
    assert form.safe.dropped == {"zotero.key"}


@pytest.mark.parametrize(
    ("fields", "name", "said"),
    (
        (
            {"likes_from": "zotero", "zotero.library": "mine"},
            "zotero.library",
            "Library must be users/ or groups/ and a number, such as users/475425.",
        ),
        ({"likes_from": "zotero"}, "zotero.library", "Library is required."),
        (
            {"likes_from": "orcid", "orcid.id": "0000"},
            "orcid.id",
            "ORCID iD must be an ORCID iD, such as 0000-0002-1825-0097.",
        ),
        ({"likes_from": "semantic-scholar"}, "semantic-scholar.author", "Author is required."),
        (
            {"q": "x", "timezone": "Nowhere/Land"},
            "timezone",
            "The time zone must be the name of a time zone, such as Europe/Paris.",
        ),
        (
            {"q": "x", "must_more": "!"},
            "must_more",
            "Phrases that must all occur must contain at least one letter or digit.",
        ),
        (
            {"cites": "2603.00001 0000-0002-1825-0098"},
            "cites",
            (
                "The field for your papers takes an ORCID iD, an author of Semantic Scholar, or DOIs and arXiv ids: "
                "“0000-0002-1825-0098” is none of these."
            ),
        ),
        (
            {"cites": "2603.00001", "changes": ["new", "revised"]},
            "cites",
            "Papers that cite yours are sent once, as new ones: check only “is new”.",
        ),
    ),
)
def test_a_mistake_is_said_beside_its_input(fields: dict[str, str], name: str, said: str) -> None:
    with pytest.raises(FormError) as raised:
        read(**fields, **MAIL).subscription()
    assert raised.value.problems == {name: said}
    assert (name in MORE_INPUTS) is (name in {"cites", "must_more"}), "what is wrong is in no part that is closed"


@pytest.mark.parametrize(
    ("typed", "ids"),
    (
        ("2603.00001,10.5555/a,10.5555/b", ("arXiv:2603.00001", "doi:10.5555/a", "doi:10.5555/b")),
        ("10.5555/a,b, arXiv:2603.00001,", ("doi:10.5555/a,b", "arXiv:2603.00001")),
        ("https://doi.org/10.5555/a ,\n10.5555/b", ("doi:10.5555/a", "doi:10.5555/b")),
    ),
)
def test_papers_of_a_reader_are_told_apart_and_stay_as_they_are(typed: str, ids: tuple[str, ...]) -> None:
    cites = read(cites=typed, **MAIL).subscription().cites
    assert isinstance(cites, OwnPapers)
    assert cites.ids == ids
    one = subscription(cites={"type": "papers", "ids": ids})
    assert patched(one, SubscribeForm.of(one).patch()) == one


def test_all_mistakes_are_said_at_once() -> None:
    with pytest.raises(FormError) as raised:
        read(likes_from="orcid", timezone="Nowhere/Land", address="nobody").subscription()
    assert raised.value.problems.keys() == {"orcid.id", "timezone", "address"}


def test_a_place_keeps_its_key_until_another_is_typed() -> None:
    one = subscription(likes_from=PLACE, only_if="there is a user study", language="de")
    form = SubscribeForm.of(one)
    assert form.keeps_key
    assert patched(one, form.patch()) == one
    other = replace(form, typed={**form.typed, "zotero.library": "groups/4711", "zotero.key": "another-key-of-zotero"})
    place = patched(one, other.patch()).likes_from
    assert isinstance(place, ZoteroItems)
    assert (place.library, place.key) == ("groups/4711", Secret.of("another-key-of-zotero"))


def test_what_a_form_does_not_show_stays_and_what_is_emptied_goes() -> None:
    one = subscription(query="cranes", likes_from=PLACE, only_if="there is a user study", language="de")
    hidden = patched(one, read(name=one.name, q="cranes", per_week="kept").patch())
    assert (hidden.likes_from, hidden.only_if, hidden.language) == (one.likes_from, one.only_if, "de")
    emptied = patched(one, read(name=one.name, q="cranes", likes_from="", only_if="", language="").patch())
    assert (emptied.likes_from, emptied.only_if, emptied.language) == (None, None, None)


def test_a_place_that_is_not_known_is_not_read() -> None:
    assert read(q="x", likes_from="nowhere").likes_from is None


def test_every_place_has_a_name_and_inputs_with_names() -> None:
    for id_, place in PLACES.items():
        assert place.label != id_
        assert all(one.label[0].isupper() and one.hint for one in place.inputs)


def test_what_is_removed_in_the_form_is_removed() -> None:
    one = subscription(query="cranes", must=["paper"], has_code=True, sensitivity={"per_week": 5})
    form = SubscribeForm.read(
        {"name": ["Cranes"], "q": [""], "category": ["cs.LG"], "authors": ["Ada"], "per_week": ["5"]}
    )
    changed = patched(one, form.patch())
    assert (changed.query, changed.must, changed.has_code, changed.authors) == (None, (), None, ("Ada",))
    assert (changed.name, changed.categories, changed.sensitivity) == ("Cranes", ("cs.LG",), 0.45)


def patched(one: Subscription, patch: SubscriptionPatch) -> Subscription:
    given = patch.model_dump(by_alias=True, exclude_unset=True)
    whole = one.model_dump(by_alias=True) | given
    return Subscription.model_validate({name: value for name, value in whole.items() if value is not None})


def test_secrets_are_not_shown_again() -> None:
    typed = {"slack.url": "https://hooks.example/1", "webhook.headers": "A: b", "telegram.chat": "-100"}
    assert read(**typed).safe.typed == {"telegram.chat": "-100"}


def test_the_address_of_a_form_has_its_conditions_and_nothing_of_its_channel() -> None:
    form = read(
        q="a&b", authors=["Ada", "Bo"], left_out=["after:2024"], channel="slack", **{"slack.url": "https://h.example"}
    )
    assert form.query.startswith("?")
    assert parse_qs(form.query[1:]) == {"q": ["a&b"], "authors": ["Ada", "Bo"], "left_out": ["after:2024"]}
    assert read().query == ""


def test_a_paper_is_shown_by_its_title_where_it_is_known() -> None:
    form = replace(read(like=["x:1", "x:2"]), titles={"x:1": "Cranes"})
    assert [form.chip("like", id_) for id_ in form.lists["like"]] == ["like “Cranes”", "like x:2"]


def test_every_change_is_offered() -> None:
    assert set(CHANGES) == {kind.value for kind in ChangeKind}


def test_what_a_search_leaves_out_is_bounded() -> None:
    form = read(left_out=["x" * 500] * 50)
    assert (len(form.left_out), len(form.left_out[0])) == (MAX_LEFT_OUT, 100)
