from services.search.ranking.own_lists import LARGE, OwnLists


def test_a_paper_passes_that_is_in_every_wanted_list_and_in_no_other() -> None:
    own = OwnLists((frozenset("ab"), frozenset("bc")), frozenset("d"))
    assert [name for name in "abcd" if own.lets_through(name)] == ["b"]
    assert OwnLists((), frozenset("d")).lets_through("a")
    assert not OwnLists((frozenset(),)).lets_through("a")


def test_lists_are_large_together() -> None:
    names = frozenset(map(str, range(LARGE)))
    assert not OwnLists((names,)).large
    assert OwnLists((names, frozenset("x"))).large
    assert OwnLists((), names | {"x"}).large
