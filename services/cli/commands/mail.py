"""`paperwire mail`: shows each kind of mail without an instance, and erases what a reader by mail owns."""

import asyncio
import sys
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from services.cli.instance.context import Context, DataDir
from services.cli.output import console
from services.cli.transfer.sample import sample_papers
from services.notifier.sending.mail_samples import SAMPLES, sample_mail
from shared.errors import ConfigurationError
from shared.files import write_file

app = typer.Typer(
    add_completion=False, help="Mail: look at it before it is sent, and erase a reader.", no_args_is_help=True
)
_PAPERS: Final = 8
Kind = StrEnum("Kind", list(SAMPLES))  # type: ignore[misc]  # the names are known when this runs


class Form(StrEnum):
    """The forms of a message: its bodies, and all of it."""

    HTML = "html"
    TXT = "txt"
    EML = "eml"


@app.callback()
def mail() -> None:
    """Look at mail before it is sent, and erase a reader."""


@app.command()
def preview(
    kind: Annotated[Kind | None, typer.Argument(help="The kind of mail.", show_default="all")] = None,
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The folder for files; without it, print.", show_default=False)
    ] = None,
    form: Annotated[Form, typer.Option(help="What to print: a body, or the whole message.")] = Form.TXT,
    data_dir: DataDir = None,
) -> None:
    """Render each kind of mail with sample papers, into files or to standard output. Needs no instance."""
    settings, papers = Context.load(data_dir).settings, sample_papers(_PAPERS)
    if not papers:
        raise ConfigurationError("The sample papers are not installed: reinstall Paperwire.")
    if output is None and kind is None:
        raise ConfigurationError("Name one kind to print, or a folder for all with --output.")
    site, now = settings.public_url or settings.local_url, datetime.now(UTC)
    for name in [kind.value] if kind else SAMPLES:
        forms = _forms(sample_mail(name, papers, site, now))
        if output is None:
            sys.stdout.write(forms[form].decode())
        else:
            _write(output, name, forms)


@app.command()
def erase(
    address: Annotated[str, typer.Argument(help="The address of the reader.")],
    *,
    data_dir: DataDir = None,
) -> None:
    """Delete what a reader who subscribed by mail owns: subscriptions, their deliveries, the reading list, sessions.

    Mail of API keys to the address is not affected: its reader ends that by a link in it.
    """
    asyncio.run(erase_reader(Context.load(data_dir), address))


async def erase_reader(context: Context, address: str) -> None:
    """Delete what the reader of an address owns; raises ConfigurationError if it is no address."""
    from services.notifier.fields.mailbox import mailbox  # noqa: PLC0415  # previews need no Redis
    from services.notifier.subscribing.erasure import erase_address  # noqa: PLC0415  # as above

    try:
        known = mailbox(address)
    except ValueError as error:
        raise ConfigurationError(f"{address} is not an e-mail address: {error}") from error
    async with context.redis() as redis:
        deleted = await erase_address(redis, known)
    console.print(
        f"What the reader of {known} owned is deleted: {deleted} subscriptions, the reading list and all sessions.",
        markup=False,
    )


def _forms(raw: bytes) -> dict[Form, bytes]:
    """Return a message in each form."""
    message = message_from_bytes(raw, policy=default)
    bodies = {Form.HTML: "html", Form.TXT: "plain"}
    found = {form: part for form, kind in bodies.items() if (part := _body(message, kind))}
    return {form: str(part.get_content()).encode() for form, part in found.items()} | {Form.EML: raw}


def _body(message: object, kind: str) -> EmailMessage | None:
    part = message.get_body((kind,)) if isinstance(message, EmailMessage) else None
    return part if isinstance(part, EmailMessage) else None


def _write(folder: Path, name: str, forms: dict[Form, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for form, content in forms.items():
            write_file(folder / f"{name}.{form.value}", content, mode=0o644)
            console.print(str(folder / f"{name}.{form.value}"), soft_wrap=True, markup=False)
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be written: {error.strerror}.") from error
