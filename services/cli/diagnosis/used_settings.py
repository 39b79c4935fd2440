"""The checks of the settings: which are on, what is wrong with them, and which variables nothing reads."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, get_args

from pydantic import SecretStr

from services.cli.diagnosis.finding import Finding, notice, ok, problem
from services.cli.instance.builders import SERVICES
from services.notifier.mailing.transport import open_transport, return_path, sender
from services.notifier.settings import NotifierSettings
from shared.errors import ConfigurationError
from shared.setting_names import unknown_variables
from shared.settings import PREFIX, settings_classes
from shared.shown_address import shown


def check_settings(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Check the variables of an environment. Secrets are named and not shown."""
    fields = _fields()
    given = {name: value for name, value in environment.items() if name.upper().startswith(PREFIX)}
    for name, value in sorted(given.items()):
        if name.upper() in fields:
            yield ok(name.upper(), _shown(fields[name.upper()], value))
    for sentence in unknown_variables(given):
        name, _, rest = sentence.partition(" ")
        detail, _, advice = rest.partition(". ")
        yield notice(name, detail.rstrip("."), advice)
    if not given:
        yield ok("settings", "no PAPERWIRE_ variable is set, so all have their defaults")
    yield from _wrong()


def _fields() -> dict[str, Any]:
    """Return the fields of the settings of all services by the names of their variables."""
    for name in (*SERVICES, "gateway"):
        import_module(f"services.{name}.settings")
    return {PREFIX + name.upper(): field for each in settings_classes() for name, field in each.model_fields.items()}


def _shown(field: Any, value: str) -> str:  # noqa: ANN401  # a field of pydantic
    if SecretStr in (field.annotation, *get_args(field.annotation)):
        return "set" if value else "set, but empty"
    return shown(value) if "://" in value else value[:200]


def _wrong() -> Iterator[Finding]:
    """Return what keeps a service from starting, each sentence once."""
    told: set[str] = set()
    for name in (*SERVICES, "gateway"):
        settings = getattr(import_module(f"services.{name}.settings"), f"{name.capitalize()}Settings")
        try:
            settings.load()
        except ConfigurationError as error:
            told.add(str(error))
    if not told:
        mail = NotifierSettings.load()
        for check in (open_transport, sender, return_path):
            try:
                check(mail)
            except ConfigurationError as error:
                told.add(str(error))
    yield from (problem("settings", sentence) for sentence in sorted(told))
