"""The pages of a reading list."""

from services.notifier.reading.list_cursors import Place, following

PLACES = [Place(3.5, "b"), Place(3.5, "a"), Place(2.0, "é"), Place(1.0, "doi:10.1/x")]


def test_pages_follow_each_other_without_gaps() -> None:
    seen: list[str] = []
    cursor = None
    for _ in PLACES:
        ids, cursor = following(PLACES, cursor, 1)
        seen += ids
    assert (seen, cursor) == (["b", "a", "é", "doi:10.1/x"], None)


def test_a_page_goes_on_behind_a_row_that_is_gone() -> None:
    _, cursor = following(PLACES, None, 2)
    left = [place for place in PLACES if place.id != "a"]
    assert following(left, cursor, 10) == (["é", "doi:10.1/x"], None)


def test_a_cursor_is_read_as_it_was_written() -> None:
    place = Place(1_764_518_400.123456, "doi:10.1000/a:b")
    assert Place.of(place.cursor) == place
