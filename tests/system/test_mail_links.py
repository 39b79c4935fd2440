"""The links of mail lead to the instance, however it was started and wherever it listens."""

import asyncio
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import aiohttp
import pytest

from tests.support import until
from tests.system.instance import started

ADDRESS = re.compile(r"^Paperwire at (\S+)$", re.MULTILINE)
LINK = re.compile(r"https?://\S+")


@pytest.mark.parametrize("options", [("--port", "0"), ("--port", "0", "--processes")], ids=["one-loop", "processes"])
async def test_the_confirmation_mail_links_to_the_requesting_site(tmp_path: Path, options: tuple[str, ...]) -> None:
    async with started(tmp_path / "data", *options) as running:
        found = ADDRESS.search(running.output)
        assert found
        running.url = found[1]
        await running.api("POST", "/subscribe", data={"q": "paper cranes", "address": "reader@example.org"})
        outbox = tmp_path / "data" / "outbox"
        await until(lambda: list(outbox.glob("*.eml")))
        (path,) = outbox.glob("*.eml")
        mail = message_from_bytes(await asyncio.to_thread(path.read_bytes), EmailMessage, policy=default)
        body = mail.get_body(("plain",))
        assert body
        link = next(link for link in LINK.findall(body.get_content()) if "/f/" in link)
        assert link.startswith(running.url + "/f/")
        async with aiohttp.ClientSession() as session, session.get(link) as answer:
            assert answer.status == 200, await answer.text()
