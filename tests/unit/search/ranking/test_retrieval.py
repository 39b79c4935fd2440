from services.search.ranking.retrieval import FEW, crowded, without

RANKED = [(f"p{n}", 1.0 - n / 100) for n in range(50)]


def test_withdrawn_papers_may_be_incomplete_only_if_they_reach_the_last_ranked_score() -> None:
    assert not crowded(RANKED, [("p3", 0.97)])
    assert not crowded(RANKED, [*RANKED[: FEW - 1], ("far", 0.1)])
    assert crowded(RANKED, RANKED[:FEW])
    assert crowded(RANKED, [*RANKED[: FEW - 1], RANKED[-1]])
    assert not crowded([], [])


def test_a_ranking_keeps_its_order_without_some() -> None:
    assert without(RANKED[:4], [("p0", 1.0), ("p2", 0.98), ("other", 0.5)]) == [RANKED[1], RANKED[3]]
