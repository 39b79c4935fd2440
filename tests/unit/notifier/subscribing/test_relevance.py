"""What feedback does to a subscription, and that taking it back restores what was."""

from datetime import UTC, datetime

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from services.notifier.subscribing.relevance import MAX_LISTED, Entry, Kind, entry_id, given, taken_back
from services.notifier.subscription.model import Subscription
from shared.errors import PermanentError
from tests.unit.notifier.examples import subscription

AT = datetime(2026, 3, 1, tzinfo=UTC)
IDS = {"arXiv:2603.00001", "doi:10.1234/cranes"}
PAPER = "arXiv:2603.00001"


def entry(kind: Kind, about: str = PAPER) -> Entry:
    return Entry(id=entry_id(kind, about), kind=kind, about=about, title="Cranes", at=AT)


def lists(one: Subscription) -> tuple[set[str], set[str], set[str]]:
    return set(one.like), set(one.unlike), set(one.mute_authors)


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    (
        (Kind.MORE, {}, ({PAPER}, set())),
        (Kind.LESS, {}, (set(), {PAPER})),
        (Kind.MORE, {"unlike": ["10.1234/cranes", "a"]}, ({PAPER}, {"a"})),
        (Kind.LESS, {"like": ["10.1234/cranes", "a"]}, ({"a"}, {PAPER})),
    ),
)
def test_a_paper_moves_to_its_list_under_whatever_id_it_was_in_the_other(
    kind: Kind, before: dict[str, object], after: tuple[set[str], set[str]]
) -> None:
    changed, _ = given(subscription(query="cranes", **before), entry(kind), IDS)
    assert lists(changed)[:2] == after


NAMES = st.lists(st.sampled_from((PAPER, "a", "b", "c")), unique=True, max_size=3)


@hypothesis_given(st.sampled_from((Kind.MORE, Kind.LESS)), NAMES, NAMES)
def test_undoing_restores_the_lists(kind: Kind, like: list[str], unlike: list[str]) -> None:
    before = subscription(query="cranes", like=like, unlike=[name for name in unlike if name not in like])
    try:
        changed, written = given(before, entry(kind), IDS)
    except PermanentError:
        assert PAPER in (before.like if kind is Kind.MORE else before.unlike)
        return
    assert lists(taken_back(changed, written, IDS)) == lists(before)


def test_later_changes_survive_an_undo() -> None:
    changed, written = given(subscription(query="cranes"), entry(Kind.MORE), IDS)
    meanwhile = changed.model_copy(update={"like": (*changed.like, "b"), "query": "planes"})
    back = taken_back(meanwhile, written, IDS)
    assert (back.like, back.query) == (("b",), "planes")


def test_a_full_list_drops_its_oldest() -> None:
    full = subscription(query="cranes", like=[f"p{n}" for n in range(MAX_LISTED)])
    changed, _ = given(full, entry(Kind.MORE), IDS)
    assert (len(changed.like), changed.like[0], changed.like[-1]) == (MAX_LISTED, "p1", PAPER)


def test_an_author_is_muted_and_unmuted() -> None:
    changed, written = given(subscription(), entry(Kind.MUTE, "Ada Lee"), ())
    assert changed.mute_authors == ("Ada Lee",)
    with pytest.raises(PermanentError, match="already muted"):
        given(changed, entry(Kind.MUTE, "Lee, Ada"), ())
    assert taken_back(changed, written, ()).mute_authors == ()


def test_an_impossible_change_is_refused() -> None:
    with pytest.raises(PermanentError, match="exact conditions"):
        given(subscription(), entry(Kind.LESS), IDS)
    with pytest.raises(PermanentError, match="left to compare papers with"):
        given(subscription(like=[PAPER]), entry(Kind.LESS), IDS)
    with pytest.raises(PermanentError, match="already in `like`"):
        given(subscription(like=["10.1234/cranes"]), entry(Kind.MORE), IDS)
