"""Which generation of a collection a process uses, and which one is filled."""

from shared.qdrant.generations import Generation, following, generations_of, newest, outlived, target, used_by

A, B = "one/model", "Other/Model"


def whole(number: int, model: str) -> Generation:
    return Generation("papers" if number == 1 else f"papers-{number}", number, model, complete=True)


def begun(number: int, model: str) -> Generation:
    return Generation(f"papers-{number}", number, model, complete=False)


def test_generations_are_told_from_other_collections_by_their_names() -> None:
    names = ["papers-10", "papers-2", "papers", "papers-1", "papers-x", "papers-02", "my-papers", "papers-2000000"]
    assert generations_of("papers", names) == ["papers", "papers-2", "papers-10"]
    assert generations_of("subscriptions", names) == []


def test_metadata_says_the_model_and_whether_all_is_in_it() -> None:
    assert Generation.of("papers", None) == Generation("papers", 1, "", complete=True)
    assert Generation.of("papers-12", {"embedding_model": A, "filling": True}) == begun(12, A)
    assert Generation.of("papers-3", {"embedding_model": A, "filling": False}) == whole(3, A)


def test_a_process_uses_the_newest_whole_generation_of_its_model() -> None:
    found = [whole(1, A), whole(2, B), whole(3, A), begun(4, A)]
    assert used_by(A, "papers", found, None) == "papers-3"
    assert used_by(B.lower(), "papers", found, "papers-7") == "papers-2"
    assert used_by(A, "papers", [whole(2, B), begun(4, A)], None) == "papers-4"
    assert used_by(A, "papers", [], "papers-3") == "papers"


def test_a_process_never_moves_to_vectors_of_another_model() -> None:
    """At its start it is refused by what it finds there."""
    assert used_by(A, "papers", [whole(2, B)], "papers") == "papers"
    assert used_by(A, "papers", [whole(1, B), whole(2, B), begun(3, B)], None) == "papers-2"
    assert used_by(A, "papers", [begun(3, B)], None) == "papers-3"


def test_what_was_begun_is_filled_on_and_else_the_next_one() -> None:
    assert target("papers", [whole(1, A)], B, anew=False) == "papers-2"
    assert target("papers", [whole(1, A), begun(2, B)], B, anew=False) == "papers-2"
    assert target("papers", [whole(1, A), whole(2, B)], B, anew=False) == "papers-2"
    assert target("papers", [whole(1, A), begun(2, B)], A, anew=True) == "papers-3"
    assert target("papers", [whole(1, A), begun(2, A)], A, anew=True) == "papers-2"
    assert target("papers", [begun(2, B), whole(3, B)], B, anew=False) == "papers-3"
    assert target("papers", [], A, anew=True) == "papers"


def test_numbers_go_on_after_earlier_ones_were_deleted() -> None:
    assert following("papers", ["papers-2"]) == "papers-3"
    assert following("papers", ["papers-9", "papers-10"]) == "papers-11"


def test_only_the_newest_whole_generation_of_a_model_outlives_the_others() -> None:
    found = [whole(1, A), whole(2, B), begun(3, B)]
    assert outlived(found, B) == ["papers", "papers-3"]
    assert outlived(found, A) == ["papers-2", "papers-3"]
    assert outlived(found, "a/third") == []
    assert newest(found, "a/third") is None
