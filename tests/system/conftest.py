"""What whole instances share."""

from pathlib import Path

import pytest

from tests.system import instance


@pytest.fixture(scope="session", autouse=True)
def made_models(models: Path) -> None:
    """Let instances use one embedding model: making it takes each of them longer than its start."""
    instance.MODELS.append(models)
