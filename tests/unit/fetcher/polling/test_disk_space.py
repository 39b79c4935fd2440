"""What the free space of a disk permits."""

from pathlib import Path

import pytest

from services.fetcher.polling.disk_space import GIB, DiskState, Space, disk_state, sentence, space_of


@pytest.mark.parametrize(
    ("total", "free", "state"),
    [
        (100 * GIB, 10 * GIB, DiskState.OK),
        (100 * GIB, 10 * GIB - 1, DiskState.LOW),
        (100 * GIB, 5 * GIB, DiskState.LOW),
        (100 * GIB, 5 * GIB - 1, DiskState.PAUSED),
        (100 * GIB, 0, DiskState.PAUSED),
        (10_000 * GIB, 20 * GIB, DiskState.OK),
        (10_000 * GIB, 20 * GIB - 1, DiskState.LOW),
        (10_000 * GIB, 10 * GIB - 1, DiskState.PAUSED),
        (0, 0, DiskState.OK),
    ],
)
def test_the_state_follows_from_the_part_and_the_bytes_that_are_free(total: int, free: int, state: DiskState) -> None:
    assert disk_state(Space(total, free)) is state


def test_the_sentence_says_how_much_is_free_and_what_follows() -> None:
    told = sentence(Space(100 * GIB, 4 * GIB), DiskState.PAUSED)
    assert told == "4.0% of the disk is free (4,096 MiB): nothing is fetched until there is more"


def test_a_directory_that_does_not_exist_yet_is_on_the_disk_of_its_parent(tmp_path: Path) -> None:
    assert space_of(tmp_path / "a" / "b").total == space_of(tmp_path).total
