"""`paperwire export`: options that exclude each other."""

from pathlib import Path

import pytest

from services.cli.commands.export import export
from shared.errors import ConfigurationError


def test_a_day_and_a_period_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--date, or a period with --from and --to, not both"):
        export(day="2024-01-02", until="2024-01-03", data_dir=tmp_path)
