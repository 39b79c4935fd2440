"""Renders templates: Jinja2 in its sandbox, with the filters of `escaping`. Ours are in `channels/templates`."""

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

MAX_RENDERED: Final = 64 * 1024
"""Bytes of a rendered template."""


class UnusableTemplateError(Exception):
    """A template cannot be parsed, or cannot render an alert; the text says why."""


def environment() -> ImmutableSandboxedEnvironment:
    """Return the environment of templates: sandboxed, and with unknown variables as errors."""
    made = ImmutableSandboxedEnvironment(
        loader=PackageLoader("services.notifier.channels"), undefined=StrictUndefined, auto_reload=False
    )
    made.filters.update(FILTERS)
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    return made


_ENVIRONMENT: Final = environment()


def ready(channel: str, event: Event) -> dict[str, Any]:
    """Render an alert in the shape that a service documents; `channel` is the id of its row."""
    content: dict[str, Any] = json.loads(_ENVIRONMENT.get_template(f"{channel}.json.j2").render(view(event)))
    return content


def rendered(source: str, event: Event) -> str:
    """Render an alert with a subscriber's template, which may use unlimited time and memory: see `template_worker`.

    Raises:
        UnusableTemplateError: the template cannot be parsed, or fails.

    """
    try:
        return _joined(_ENVIRONMENT.from_string(source).generate(view(event)))
    except (MemoryError, UnusableTemplateError):
        raise
    except TemplateSyntaxError as error:
        raise UnusableTemplateError(f"line {error.lineno} of the template: {error.message}") from error
    except Exception as error:  # a template can raise anything
        raise UnusableTemplateError(f"the template fails: {type(error).__name__}: {error}"[:500]) from error


def render_request(request: bytes) -> bytes:
    """Render a template in a worker: JSON in and out."""
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
        if size > MAX_RENDERED:
            raise UnusableTemplateError(f"the template renders more than {MAX_RENDERED} bytes")
    return "".join(taken)
