"""The buttons on the cards of papers: save, read, hide, like, tag and note, for a reader who is signed in."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field, TypeAdapter, ValidationError

from services.notifier.pages.page import Page, answered, read_form
from services.notifier.pages.visits import PATH, Visit, Visits
from services.notifier.reading.kept_papers import MAX_IMPORT, KeptPaper
from services.notifier.reading.marked_papers import MarkedPapers
from shared.errors import PermanentError
from shared.http import Problem
from shared.http.api import dump
from shared.http.patience import patient
from shared.http.site import path_to
from shared.papers.names import canonical_id
from shared.readers.reading_list import Edit, ListRow, Note, Tags
from shared.validation_sentences import predicate

_MAX_ID: Final = 500
_TAGS: Final[TypeAdapter[tuple[str, ...]]] = TypeAdapter(Tags)
_NOTE: Final[TypeAdapter[str]] = TypeAdapter(Note)
_KEPT: Final[TypeAdapter[tuple[KeptPaper, ...]]] = TypeAdapter(
    Annotated[tuple[KeptPaper, ...], Field(min_length=1, max_length=MAX_IMPORT)]
)
_SWITCHES: Final[Mapping[str, Edit]] = {
    "save": Edit(saved=True), "unsave": Edit(saved=False),
    "read": Edit(read=True), "unread": Edit(read=False),
    "hide": Edit(hidden=True), "unhide": Edit(hidden=False),
    "like": Edit(liked=True), "unlike": Edit(liked=False),
    "dislike": Edit(disliked=True), "undislike": Edit(disliked=False),
}  # fmt: skip
_TEXTS: Final[Mapping[str, Callable[[str], Edit]]] = {
    "tag": lambda value: Edit(tags=_TAGS.validate_python([tag for tag in value.split(",") if tag.strip()])),
    "note": lambda value: Edit(note=_NOTE.validate_python(value)),
}
"""What `value` is needed for: all tags of the paper, separated by commas, or its note."""


class MyPapers:
    """Answers the form of a card."""

    def __init__(self, visits: Visits, marked: MarkedPapers) -> None:
        self._visits = visits
        self._marked = marked

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes."""
        return [web.post(f"{PATH}/papers", self.mark), web.post(f"{PATH}/papers/import", patient(self.add))]

    async def mark(self, request: web.Request) -> web.StreamResponse:
        """Change the marks of a paper: a script gets them as JSON, and a browser goes back to its page."""
        if "application/json" in request.headers.get("Accept", ""):
            return await patient(self._answer)(request)
        return await answered(self._go_back)(request)

    async def add(self, request: web.Request) -> web.Response:
        """Add rows that a browser kept before its reader signed in: `papers` is a JSON array of them."""
        visit = await self._visitor(request)
        kept = kept_of((await read_form(request)).get("papers", ""))
        try:
            done, unknown = await self._marked.merge(visit.owner, kept)
        except PermanentError as error:
            raise Problem(HTTPStatus.CONFLICT, str(error)) from error
        return web.json_response({"imported": done, "unknown": unknown}, headers={"Cache-Control": "no-store"})

    async def _answer(self, request: web.Request) -> web.Response:
        row, _ = await self._change(request)
        return web.json_response(body=dump({"paper": row.id, "mark": row.mark}), headers={"Cache-Control": "no-store"})

    async def _go_back(self, request: web.Request) -> Page:
        _, form = await self._change(request)
        raise web.HTTPSeeOther(own_path(form.get("back", "")) or path_to(PATH))

    async def _change(self, request: web.Request) -> tuple[ListRow, Mapping[str, str]]:
        visit = await self._visitor(request)
        form = await read_form(request)
        paper = canonical_id(form.get("paper", "")[:_MAX_ID])
        try:
            row = await self._marked.mark(visit.owner, paper, edit_of(form)) if paper else None
        except PermanentError as error:
            raise Problem(HTTPStatus.CONFLICT, str(error)) from error
        if row is None:
            raise Problem(HTTPStatus.NOT_FOUND, "This paper is not in the index.")
        return row, form

    async def _visitor(self, request: web.Request) -> Visit:
        visit = await self._visits.by_cookie(request)
        if visit is None:
            raise Problem(HTTPStatus.UNAUTHORIZED, f"You are not signed in. Sign in at {path_to(PATH)}.")
        return visit


def edit_of(form: Mapping[str, str]) -> Edit:
    """Return the change that a form asks for; raises the problem 422."""
    act = form.get("act", "")
    if act in _SWITCHES:
        return _SWITCHES[act]
    if act not in _TEXTS:
        raise Problem(422, f"act must be one of {', '.join((*_SWITCHES, *_TEXTS))}.")
    try:
        return _TEXTS[act](form.get("value", ""))
    except ValidationError as error:
        raise Problem(422, f"The {act} cannot be stored: it {_wrong(error)}.") from error


def kept_of(text: str) -> tuple[KeptPaper, ...]:
    """Return the rows that a script sent; raises the problem 422."""
    try:
        return _KEPT.validate_json(text)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Problem(422, f"papers must be rows of a reading list: {where or 'it'} {_wrong(error)}.") from error


def _wrong(error: ValidationError) -> str:
    """Return what is wrong with a value, as the predicate of a sentence."""
    return predicate(error.errors(include_url=False, include_input=False)[0])


def own_path(text: str) -> str | None:
    """Return a path of this site, or None for whatever else: another site, or what a browser would read as one."""
    base = path_to("")
    inside = text == base or text.startswith(f"{base}/")
    plain = text.isascii() and text.isprintable() and "\\" not in text and " " not in text
    return text if inside and plain and not text.startswith("//") and text else None
