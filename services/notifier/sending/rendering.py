"""Templates: Jinja2 in its sandbox, with the filters of `escaping`. Ours are files beside this one."""

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from jinja2 import PackageLoader, StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.notifier.sending import escaping
from services.notifier.sending.variables import Event, view

FILTERS: Final[dict[str, Callable[..., str]]] = {
    name: getattr(escaping, name) for name in ("flat", "cut", "cut_bytes", "html", "mrkdwn", "markdown", "link")
}

MOST: Final = 64 * 1024
"""Bytes of a body."""


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


def ready(name: str, event: Event) -> dict[str, Any]:
    """Put an alert in the shape that a service documents; `name` is the type of its channel."""
    content: dict[str, Any] = json.loads(_ENVIRONMENT.get_template(f"{name}.json.j2").render(view(event)))
    return content


def rendered(source: str, event: Event) -> str:
    """Put an alert in a stranger's template, which may take all time and memory there is: see `templates`.

    Raises:
        UnusableTemplateError: it is no template, or the alert does not fit in it.

    """
    try:
        return _joined(_ENVIRONMENT.from_string(source).generate(view(event)))
    except (MemoryError, UnusableTemplateError):
        raise
    except TemplateSyntaxError as error:
        raise UnusableTemplateError(f"line {error.lineno} of the template: {error.message}") from error
    except Exception as error:  # a template can raise whatever there is
        raise UnusableTemplateError(f"the template fails: {type(error).__name__}: {error}"[:500]) from error


def render_request(request: bytes) -> bytes:
    """Render a template when a worker is called: JSON in and out."""
    asked = json.loads(request)
    try:
        return json.dumps({"text": rendered(asked["template"], asked["event"])}).encode()
    except UnusableTemplateError as error:
        return json.dumps({"error": str(error)}).encode()


def _joined(parts: Iterable[str]) -> str:
    taken, size = [], 0
    for part in parts:
        taken.append(part)
        size += len(part.encode())
        if size > MOST:
            raise UnusableTemplateError(f"the template makes more than {MOST} bytes of an alert")
    return "".join(taken)
