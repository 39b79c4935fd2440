"""The names of all variables that something reads, in `shared/setting_names.txt`, made from the settings."""

from importlib import import_module
from pathlib import Path
from typing import Final

from services.cli.app import TRACEBACK
from services.cli.instance.builders import SERVICES
from shared.settings import PREFIX, settings_classes

PATH: Final = Path(__file__).parents[2] / "shared" / "setting_names.txt"
OTHERS: Final = {f"{PREFIX}API_KEY", f"{PREFIX}TEST_QDRANT_URL", TRACEBACK}
"""Variables that only the command line or the tests read."""


def variable_names() -> dict[Path, str]:
    """Write the file as the settings have it."""
    for name in (*SERVICES, "gateway"):
        import_module(f"services.{name}.settings")
    classes = settings_classes()
    ours = [each for each in classes if each.__module__.partition(".")[0] in ("shared", "services")]
    names = OTHERS | {PREFIX + field.upper() for each in ours for field in each.model_fields}
    return {PATH: "\n".join(sorted(names)) + "\n"}
