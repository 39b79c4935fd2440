"""An address of Redis that cannot be used is one sentence, which shows no password."""

from pathlib import Path

import pytest

from shared.errors import ConfigurationError
from shared.runtime import open_runtime
from shared.settings import Settings


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (":port/0", "Port could not be cast to integer value as 'port'"),
        ("/0?foo=bar", "unexpected keyword argument 'foo'"),
        ("/0?socket_timeout=abc", "Invalid value for 'socket_timeout'"),
    ],
)
async def test_an_address_that_cannot_be_read_is_told_as_such(tmp_path: Path, end: str, reason: str) -> None:
    address = f"redis://user:s3cret@127.0.0.1{end}"
    with pytest.raises(ConfigurationError, match=f"PAPERWIRE_REDIS_URL is not valid: .*{reason}") as raised:
        async with open_runtime(Settings.load(redis_url=address, data_dir=tmp_path)):
            pass
    assert "s3cret" not in str(raised.value)


async def test_a_redis_that_refuses_an_address_is_not_called_silent(redis_url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot be used \(DB index is out of range\)"):
        async with open_runtime(Settings.load(redis_url=f"{redis_url}?db=99", data_dir=tmp_path)):
            pass
