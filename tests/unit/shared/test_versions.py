"""The version of the data of an instance."""

import pytest

from shared.errors import ConfigurationError
from shared.versions import DATA_VERSION, check_data_version


@pytest.mark.parametrize("found", [None, 0, DATA_VERSION, str(DATA_VERSION), str(DATA_VERSION).encode()])
def test_data_of_this_version_or_an_earlier_one_is_read(found: object) -> None:
    assert DATA_VERSION >= 1
    check_data_version("The Redis", found)


@pytest.mark.parametrize("found", [DATA_VERSION + 1, b"2", "9" * 50, b"\xff", "", "-1", "²", {"a": 1}])
def test_another_version_is_one_sentence_that_says_what_to_do(found: object) -> None:
    with pytest.raises(ConfigurationError) as raised:
        check_data_version("The Redis at redis://here", found)
    text = str(raised.value)
    assert text.startswith("The Redis at redis://here holds data of version ")
    assert "upgrade Paperwire, or restore a backup" in text
    assert len(text) < 250
