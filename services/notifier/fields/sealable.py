"""Settings that may hold secrets, on their own or in a mapping: what is sealed before it is stored. Pure."""

from collections.abc import Callable, Iterable
from typing import Any, Self

from services.notifier.fields.secret import Secret
from shared.http.api import Body


class Sealable(Body):
    """The base of settings with secrets."""

    def secrets(self) -> tuple[Secret, ...]:
        """Return the secrets among the settings, those in a mapping included."""
        return tuple(secret for _, value in self for secret in _secrets_in(value))

    def replace_secrets(self, change: Callable[[Secret], Secret]) -> Self:
        """Return these settings with every secret changed."""
        changed = {name: _changed(value, change) for name, value in self if any(_secrets_in(value))}
        return self.model_copy(update=changed) if changed else self


def _secrets_in(value: object) -> Iterable[Secret]:
    values = value.values() if isinstance(value, dict) else (value,)
    return (one for one in values if isinstance(one, Secret))


def _changed(value: Any, change: Callable[[Secret], Secret]) -> object:  # noqa: ANN401  # a secret, or a mapping of them
    if isinstance(value, dict):
        return {name: change(one) if isinstance(one, Secret) else one for name, one in value.items()}
    return change(value)
