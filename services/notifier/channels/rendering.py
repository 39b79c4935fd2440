"""Templates: Jinja2 in its sandbox, with the filters of `escaping`. Ours are files beside this one."""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from jinja2 import PackageLoader, StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.notifier.channels import escaping
from services.notifier.channels.view import Event, view

FILTERS: Final[dict[str, Callable[..., str]]] = {
    name: getattr(escaping, name) for name in ("flat", "cut", "cut_bytes", "html", "mrkdwn", "markdown", "link")
}


class UnusableTemplateError(Exception):
    """A template that cannot be read, or that an alert cannot be put in; the text says why."""


def environment() -> ImmutableSandboxedEnvironment:
    """Make the environment of templates: unknown variables are errors, nothing outside can be reached."""
    made = ImmutableSandboxedEnvironment(
        loader=PackageLoader("services.notifier.channels"), undefined=StrictUndefined, auto_reload=False
    )
    made.filters.update(FILTERS)
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    return made


_ENVIRONMENT: Final = environment()


@lru_cache(maxsize=256)
def compiled(source: str) -> Template:
    """Read a template.

    Raises:
        UnusableTemplateError: it is not one.

    """
    try:
        return _ENVIRONMENT.from_string(source)
    except (TemplateError, RecursionError) as error:
        raise UnusableTemplateError(f"the template cannot be read: {error}") from error


def ready(name: str, event: Event) -> dict[str, Any]:
    """Put an alert in the shape that a service documents; `name` is the type of its channel."""
    content: dict[str, Any] = json.loads(_ENVIRONMENT.get_template(f"{name}.json.j2").render(view(event)))
    return content
