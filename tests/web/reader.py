"""An instance whose reader has subscriptions: search and the notifier in one process, and the pages that are theirs."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any, Final

import httpx

from services.notifier.access.api_keys import ApiKeys
from services.notifier.bootstrap import ClockAndRandom
from services.notifier.bootstrap import build as build_notifier
from services.notifier.secrets.link_key import link_key
from services.notifier.secrets.signed_links import Action, Claim, make
from services.search.bootstrap import build as build_search
from shared.readers.api_key import ALL_SCOPES, digest
from shared.readers.sessions import COOKIE, Session, start_session
from shared.runtime import Runtime, Service
from tests.integration.search.instance import free_port, in_thread, paper
from tests.web.wire import COMPLETE, SCRIPT, WIRE

NOW: Final = datetime(2024, 1, 28, 12, tzinfo=UTC).timestamp()
"""What the notifier's clock says, Unix seconds: the papers are of the days before."""
NEVER: Final = 4_000_000_000
"""When the reader's session ends, Unix seconds: the clock of search goes on."""
ADDRESS: Final = "reader@example.org"
MANY: Final = tuple(
    paper(100 + number, f"Crane {number} folds a neural network", published=f"2024-01-{number % 27 + 1:02d}")
    for number in range(110)
)
"""As many papers as tell how much is to come."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Where the instance is, the reader's key of the API, and their pages by name."""

    url: str
    key: str
    session: str
    pages: dict[str, str]

    @property
    def credentials(self) -> Any:
        """What a browser answers when the outbox asks for a key."""
        return {"username": "operator", "password": self.key}

    def browser(self, page: str = "") -> dict[str, Any]:
        """Return the options of a browser that knows the key and is signed in, except at the door and at the form."""
        signed_in = {"name": COOKIE, "value": self.session, "url": self.url}
        cookies = [] if page in ("door", "form") else [signed_in]
        return {"http_credentials": self.credentials, "storage_state": {"cookies": cookies, "origins": []}}


async def notifier(runtime: Runtime) -> Service:
    """Build a notifier whose clock stands."""
    return await build_notifier(runtime, ClockAndRandom(lambda: NOW))


@contextmanager
def reading(directory: Path, models: Path) -> Iterator[Reader]:
    """Run the instance, and subscribe to what gives every page something to show."""
    secrets: dict[str, Any] = {}

    async def prepare(runtime: Runtime) -> None:
        secrets["link"] = await link_key(runtime.redis)
        info, secrets["key"] = await ApiKeys(runtime.redis).create("reader", ALL_SCOPES)
        session = Session(owner=info.id, key=digest(secrets["key"]), expires=NEVER)
        secrets["session"] = await start_session(runtime.redis, session, NOW)

    more = {"builders": (build_search, notifier), "allow_private_endpoints": "127.0.0.0/8"}
    with in_thread(directory, models, (*WIRE, *MANY), prepare, **more) as url, httpx.Client(base_url=url) as http:
        http.cookies.set(COOKIE, secrets["session"])
        pages = _pages(http, secrets["key"], secrets["link"])
        yield Reader(url, secrets["key"], secrets["session"], pages)


def _pages(http: httpx.Client, key: str, link: bytes) -> dict[str, str]:
    own = {"channel": {"type": "webhook", "url": f"http://127.0.0.1:{free_port()}/hook"}}
    asking = _subscribe(http, key, own | {"query": "folding cranes", "sensitivity": 0.2, "categories": ["cs.LG"]})
    hostile = _subscribe(http, key, {"name": SCRIPT, "must": [SCRIPT], "channel": {"type": "feed"}})
    home = "/my/subscriptions"
    http.post(f"{home}/{asking}/test")
    http.post(f"{home}/{hostile}/pause")
    with httpx.Client(base_url=http.base_url) as stranger:  # without the cookie of the reader
        stranger.post("/subscribe", data={"q": "folding cranes", "address": ADDRESS}).raise_for_status()
    claim = Claim(Action.MUTE, asking, COMPLETE.id, int(NOW) + 1_000)
    links = {action.value: "/f/" + make(link, Claim(action, asking, claim.about, claim.expires)) for action in _ASKING}
    return {
        "form": "/subscribe",
        "filled form": "/subscribe?q=folding+cranes",
        "every channel": "/subscribe?q=folding+cranes&channel=matrix&authors=Ada+Roe&left_out=after:2024-01-01",
        "door": "/my",
        "list": "/my",
        "one": f"{home}/{asking}",
        "edit": f"{home}/{asking}/edit",
        "paused": f"{home}/{hostile}",
        "outbox": "/outbox",
        "confirm": confirmation(http, key, ADDRESS),
        "nothing": "/f/nothing",
        **links,
    }


_ASKING: Final = (Action.MORE, Action.MUTE, Action.PAUSE, Action.MANAGE, Action.UNSUBSCRIBE)


def _subscribe(http: httpx.Client, key: str, criteria: dict[str, Any]) -> str:
    answer = http.post("/v1/subscriptions", json=criteria, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


def confirmation(http: httpx.Client, key: str, address: str) -> str:
    """Wait for the mail that asks an address, and give its link."""
    late, asked = (
        time.monotonic() + 20,
        re.compile(rf'href="(/outbox/[0-9a-f-]{{36}})">[^<]*</a></h3>\s*<p[^>]*>{address} '),
    )
    while not (message := asked.search(http.get("/outbox", auth=("any", key)).text)):
        assert time.monotonic() < late, "no mail came"
        time.sleep(0.02)
    found = re.search(
        r'href="https?://[^/"]+(/f/[^"]+)"[^>]*>Confirm subscription<', http.get(message[1], auth=("any", key)).text
    )
    assert found
    return unescape(found[1])
