"""Typed routes: a handler declares its parameters and its answer; checks, errors and OpenAPI follow from that."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from http import HTTPStatus
from types import GenericAlias
from typing import Any, Final, TypeVar, get_origin

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from shared.http.examples import Example
from shared.http.patience import patient
from shared.http.related import link_header
from shared.validation_sentences import place, predicate, sentence

MAX_BODY: Final = 64 * 1024
"""Bytes of a request body."""
MAX_FIELDS: Final = 100
"""Fields of the object in a request body."""
MAX_ERRORS: Final = 10
"""Errors of one request that an answer lists."""
MAX_ERROR_BYTES: Final = 3 * 1024
"""Bytes of all errors that an answer lists, so that the whole answer is within 4 KiB."""
MAX_ERROR_TEXT: Final = 200
"""Characters of the name of a field, or of what is wrong with it."""

Handler = Callable[..., Awaitable[Any]]
Guard = Callable[[web.Request], Awaitable[None]]
Answer = type[Any] | GenericAlias
"""The type of an answer's body."""
Place = Callable[[web.Request], AbstractAsyncContextManager[None]]
M = TypeVar("M", bound=BaseModel)
Q = TypeVar("Q", bound="Query")


class Problem(Exception):  # noqa: N818  # the term of RFC 9457
    """An answer of RFC 9457 problem details. Raise it in a handler; `detail` is one sentence on what to do."""

    def __init__(self, status: int, detail: str, *, headers: dict[str, str] | None = None, **extra: Any) -> None:  # noqa: ANN401
        """`extra` members are added to the body."""
        super().__init__(detail)
        self.status = status
        self.headers = headers or {}
        self.body = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
            **extra,
        }


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A limit that a request counted for (draft-ietf-httpapi-ratelimit-headers): `most` requests in `window` s."""

    policy: str
    most: int
    window: int
    left: int
    reset: int
    """Seconds until all requests are there again."""


RATE_LIMITS = web.RequestKey("rate_limits", tuple[RateLimit, ...])
"""The limits that a request counted for."""


class Query(BaseModel):
    """The base of query parameters: unknown ones are refused, so that a typo is not silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(BaseModel):
    """The base of request bodies: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `path` may hold `{name}` and `{name:regex}`; `answers` has the type of each media type.

    Without any, the answer has no body. Clients that know one media type read the first that they know.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    answers: Mapping[str, Answer]
    query: type[Query] | None
    body: type[Body] | None
    status: int
    secured: bool
    tag: str
    headers: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    """Further request headers: a JSON Schema with a description for each. The handler checks them."""
    problems: tuple[int, ...] = ()
    """Statuses of problems beside those that follow from the rest."""
    when: str | None = None
    """Answers only the requests that have this query parameter; a route of the same path answers the others."""
    alternates: Mapping[str, str] = field(default_factory=dict)
    """The path of the same list in other media types, such as a feed; it has the parameters of this path."""


class Api:
    """The operations of one service. `plain` holds routes outside the document (pages, static files)."""

    def __init__(
        self,
        tag: str,
        guard: Guard | None = None,
        *,
        about: str = "",
        examples: Mapping[str, Example] | None = None,
    ) -> None:
        """`tag` groups the operations in the document, and `about` is one sentence about them.

        `examples` has an example of each operation, by its name. `guard` raises `Problem` for who may not use a
        secured one.
        """
        self.tag = tag
        self.about = about
        self.examples = examples or {}
        self.guard = guard
        self.limit: Guard | None = None
        """Raises `Problem` for clients beyond their limit. It runs first, so that refused requests count too."""
        self.place: Place = lambda _: nullcontext()
        """Held while a handler runs; it may wait for other requests."""
        self.page: Callable[[Problem], web.Response] | None = None
        """Shows a browser the problem of an address that no route answers."""
        self.routes: list[Route] = []
        self.plain: list[web.AbstractRouteDef] = []

    def route(  # noqa: PLR0913  # each is one fact of the operation, by name
        self,
        method: str,
        path: str,
        *,
        summary: str,
        response: Answer | Mapping[str, Answer] | None,
        query: type[Query] | None = None,
        body: type[Body] | None = None,
        status: int = 200,
        secured: bool = False,
        media: str = "application/json",
        problems: tuple[int, ...] = (),
        when: str | None = None,
        alternates: Mapping[str, str] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Register a handler: called with the request, then the query and the body it declares.

        `response` is the type of the answer in `media`, or the type of each media type, or None for no body.

        It returns a model, a JSON value, None (with status 204) or a ready `web.Response`, and raises `Problem`.
        """
        answers = response if isinstance(response, Mapping) else {media: response} if response else {}

        def register(handler: Handler) -> Handler:
            self.routes.append(
                Route(
                    method,
                    path,
                    handler,
                    summary,
                    answers,
                    query,
                    body,
                    status,
                    secured,
                    self.tag,
                    problems=problems,
                    when=when,
                    alternates=alternates or {},
                )
            )
            return handler

        return register


def endpoint(api: Api, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return the aiohttp handler of a route; the limit and the guard run before anything of the request is read."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if api.limit:
            await api.limit(request)
        if route.secured and api.guard:
            await api.guard(request)
        arguments: list[BaseModel] = []
        if route.query:
            arguments.append(read_query(request, route.query))
        if route.body:
            arguments.append(validated(route.body, await _json(request)))
        async with api.place(request):
            answer = await route.handler(request, *arguments)
        if isinstance(answer, web.StreamResponse):
            return answer
        if answer is None:
            return web.Response(status=204)
        response = web.Response(body=dump(answer), status=route.status, content_type=next(iter(route.answers)))
        if _personal(request):
            response.headers["Cache-Control"] = "private, no-cache"
            response.headers["Vary"] = "Authorization, Cookie"
        if route.method == "GET" and route.path.startswith("/v1/"):
            response.headers["Link"] = link_header(request, route.handler.__name__, route.alternates, answer)
        return response

    return patient(handle)


def _personal(request: web.Request) -> bool:
    """Return whether a request says who asks, so that no cache may give the answer to others."""
    return "Authorization" in request.headers or "Cookie" in request.headers


def dump(answer: Any) -> bytes:  # noqa: ANN401  # any JSON value or model
    """Write a model or a JSON value as UTF-8 JSON."""
    return orjson.dumps(answer, default=lambda value: value.model_dump(mode="json"), option=orjson.OPT_NON_STR_KEYS)


def read_query(request: web.Request, model: type[Q]) -> Q:
    """Check a request's query parameters; raises `Problem`. Routes do it by themselves, pages call it."""
    return validated(model, _query(request, model))


def _query(request: web.Request, model: type[Query]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    names = {field.alias or name: field for name, field in model.model_fields.items()}
    for name in set(request.query):
        several = request.query.getall(name)
        field = names.get(name)
        if field is not None and get_origin(field.annotation) in (list, tuple):
            values[name] = several
        elif len(several) > 1:
            raise Problem(422, f"The parameter {name!r} is given {len(several)} times; give it once.")
        else:
            values[name] = several[0]
    return values


async def _json(request: web.Request) -> Any:  # noqa: ANN401  # whatever the client sent
    if request.content_type not in ("application/json", "application/octet-stream"):
        raise Problem(415, "Send the body as application/json.")
    raw = await request.read()
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Problem(400, f"The body is not valid JSON: {error}.") from error
    if not isinstance(body, dict):
        raise Problem(422, "The body has to be a JSON object.")
    return body


def validated(model: type[M], data: Any) -> M:  # noqa: ANN401  # to be validated
    """Check what a client sent in whatever way; raises `Problem` 422 that names what is wrong."""
    if isinstance(data, dict) and len(data) > MAX_FIELDS:
        raise Problem(422, f"There are {len(data)} fields; at most {MAX_FIELDS} are read.")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        problems = [one for one in found if one["type"] != "default_factory_not_called"]  # it only follows from others
        errors = _errors(problems, data, model)
        raise Problem(422, sentence(**errors[0]), errors=errors, error_count=len(problems)) from error


def _errors(problems: Sequence[ErrorDetails], data: Any, model: type[BaseModel]) -> list[dict[str, str]]:  # noqa: ANN401
    """Return the first errors: a client can cause thousands, and each repeats what it sent."""
    errors: list[dict[str, str]] = []
    size = 0
    known = [field.alias or name for name, field in model.model_fields.items()]
    for problem in problems:
        field, what = place(problem, data), predicate(problem, known)
        row = {"field": field[:MAX_ERROR_TEXT], "problem": what[:MAX_ERROR_TEXT]}
        size += len(dump(row))
        if errors and (len(errors) == MAX_ERRORS or size > MAX_ERROR_BYTES):
            break
        errors.append(row)
    return errors
