"""A server that does everything a fetcher should survive; each path is one way to misbehave."""

import asyncio
import gzip
import secrets
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache

Answer = tuple[str, bytes] | Callable[[asyncio.StreamWriter], "asyncio.Future[None]"]
XML = '<?xml version="1.0"?>'
OK = "200 OK\r\nContent-Type: application/xml"


def rss(*items: str, prolog: str = XML) -> str:
    rows = "".join(f"<item>{item}</item>" for item in items)
    return f'{prolog}<rss version="2.0"><channel><title>T</title>{rows}</channel></rss>'


def entry(title: str, number: int = 1, more: str = "") -> str:
    return f'<title>{title}</title><guid isPermaLink="false">urn:x:{number}</guid>{more}'


def _bomb() -> str:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    prolog = f'{XML}<!DOCTYPE rss [<!ENTITY l0 "lol lol lol">{levels}]>'
    return rss(entry("&l9;"), entry("Good", 2), prolog=prolog)


def _quadratic() -> str:
    prolog = f'{XML}<!DOCTYPE rss [<!ENTITY a "{"a" * 100_000}">]>'
    return rss(entry("&a;" * 5_000), entry("Good", 2), prolog=prolog)


def _external(url: str) -> str:
    prolog = f'{XML}<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY h SYSTEM "{url}/secret">]>'
    return rss(entry("x&f;&h;y"), entry("Good", 2), prolog=prolog)


GOOD = entry("Good", 2)
FEEDS: dict[str, str | bytes] = {
    "entity-bomb": _bomb(),
    "quadratic-bomb": _quadratic(),
    "challenge": "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Enable it</body></html>",
    "feed-error": '<?xml version="1.0"?><rss version="2.0"><channel><title>Feed error for query "cs.XX"</title>'
    "<description>No such category</description></channel></rss>",
    "error-entry": f'{XML}<feed xmlns="http://www.w3.org/2005/Atom"><title>ArXiv Query</title><entry><id>'
    "https://arxiv.org/api/errors#x</id><title>Error</title><summary>incorrect id</summary></entry></feed>",
    "utf16": rss(entry("Good ✓"), prolog='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16-le"),
    "wrong-charset": rss(entry("Café"), GOOD, prolog='<?xml version="1.0" encoding="us-ascii"?>').encode(),
    "wrong-charset-2": rss(entry("Café"), GOOD).encode("latin-1"),
    "control": rss(entry("a\x00b\x08c\x1bd"), GOOD).encode(),
    "surrogates": rss(entry("a&#xD83D;b&#56832;c"), GOOD),
    "raw-surrogates": rss(entry("a?b"), GOOD).encode().replace(b"a?b", b"a\xed\xa0\xbdb"),
    "markup": rss(entry("&lt;script&gt;alert(1)&lt;/script&gt;Bold &lt;b&gt;claim&lt;/b&gt;"), GOOD),
    "javascript": rss(entry("Link", 1, "<link>javascript:alert(1)</link>"), GOOD),
    "crlf": rss(entry("One&#13;&#10;Subject: spam"), GOOD),
    "bidi": rss(entry("safe&#x202E;exe.fdp"), GOOD),
    "long-title": rss(entry("a" * 10_000_000), GOOD),
    "long-title-words": rss(entry("ab &lt;" * 1_700_000), GOOD),
    "many": rss(*(entry(f"Paper {n}", n) for n in range(50_000))),
    "ids": rss("<title>None</title>", "<title>None too</title>", entry("One", 7), entry("Same", 7), GOOD, "<guid/>"),
    "dates": rss(
        entry("A", 1, "<pubDate>Mon, 99 Foo 99999 99:99:99 GMT</pubDate>"),
        entry("B", 2, "<pubDate>-0001-01-01T00:00:00Z</pubDate>"),
        entry("C", 3, "<pubDate>9999-12-31T23:59:59-14:00</pubDate>"),
        entry("D", 4, "<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate>"),
    ),
    "partly-bad": rss(entry("One", 1), "<guid>urn:x:none</guid>", entry("Two & < three", 3), GOOD),
    "many-and-long": rss(*(entry("a &lt;" * 30_000, n) for n in range(70))),
    "blanks": XML + "\n" * 4_000_000 + rss(GOOD, prolog=""),
    "creator": rss(
        f"<guid>oai:arXiv.org:2401.00001v1</guid><title>x</title><author>a{' ' * 200_000}b</author>", GOOD
    ),
    "deep": "<rss>" + "<a>" * 200_000,
    "angles": "<" * 12_000_000,
    "angles-entry": "<item>" + "<" * 4_000_000,
    "utf16-be": rss(entry("Good ✓"), prolog='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16-be"),
    "nul-between": rss(entry("a\0" * 400_000), GOOD).encode(),
    "no-ids": rss("<title>One</title>", "<title>Two</title>", "<title>One</title>", GOOD),
    "cdf": f'{XML}<channel href="https://x.example/"><title>T</title><item href="javascript:alert(1)">'
    "<title>Good</title></item></channel>",
    "attributes": f"<rss {'a=1 ' * 500_000}><channel><item><title>Good</title></item></channel></rss>",
    "empty": b"",
    "blank": b" \n" * 1_000,
    "binary": bytes(range(256)) * 4_000,
}  # fmt: skip
HEADS: dict[str, str] = {
    "redirect-loop": "301 Moved\r\nLocation: /redirect-loop",
    "redirect-private": "301 Moved\r\nLocation: http://10.0.0.1/feed",
    "redirect-metadata": "302 Found\r\nLocation: http://169.254.169.254/latest/meta-data",
    "redirect-file": "302 Found\r\nLocation: file:///etc/passwd",
    "not-modified": "304 Not Modified",
    "retry-negative": "503 Unavailable\r\nRetry-After: -1",
    "retry-endless": "429 Too Many\r\nRetry-After: 1e308",
    "no-content": "204 No Content",
    "long-etag": f"{OK}\r\nETag: {'x' * 7_000}",
}


async def _endless(writer: asyncio.StreamWriter) -> None:
    writer.write(f"HTTP/1.1 {OK}\r\n\r\n<rss>".encode())
    while True:
        writer.write(b"<!-- more -->" * 5_000)
        await writer.drain()


async def _drip(writer: asyncio.StreamWriter) -> None:
    writer.write(f"HTTP/1.1 {OK}\r\n\r\n".encode())
    while True:
        writer.write(b"<")
        await writer.drain()
        await asyncio.sleep(0.5)


async def _silent(_: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def _pages(writer: asyncio.StreamWriter) -> None:
    """Answer with a page that leads to another one, whatever is asked."""
    more = f"?{secrets.token_hex(8)}"
    link = f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="next" href="{more}"/>'
    body = rss(entry(f"Good {more}", 2)).replace("<title>T</title>", f"<title>T</title>{link}", 1).encode()
    writer.write(f"HTTP/1.1 {OK}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
    await writer.drain()


BEHAVIOURS = {"pages": _pages, "endless": _endless, "drip": _drip, "silent": _silent}


def _zipped(body: bytes) -> bytes:
    return gzip.compress(body, 9)


@cache
def _bombs() -> dict[str, bytes]:
    """Make what unpacks to a thousand times its size; that takes longer than an answer may."""
    blank, title = b" " * 100_000_000, rss(entry("a" * 50_000_000), GOOD).encode()
    return {"gzip-bomb": _zipped(blank), "gzip-bomb-feed": _zipped(title), "deflate-bomb": zlib.compress(blank, 9)}


def answer(path: str, url: str) -> bytes:
    """Give the bytes of an answer."""
    if path in HEADS:
        return f"HTTP/1.1 {HEADS[path]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    zipped = "\r\nContent-Encoding: gzip"
    special: dict[str, tuple[str, bytes]] = {
        "gzip-bomb": (zipped, _bombs()["gzip-bomb"]),
        "gzip-bomb-feed": (zipped, _bombs()["gzip-bomb-feed"]),
        "gzip-bomb-twice": (zipped, _zipped(_bombs()["gzip-bomb"])),
        "deflate-bomb": ("\r\nContent-Encoding: deflate", _bombs()["deflate-bomb"]),
        "gzip-twice": (zipped, _zipped(_zipped(rss(GOOD).encode()))),
        "gzip-both": ("\r\nContent-Encoding: gzip, gzip", _zipped(_zipped(rss(GOOD).encode()))),
        "gzip-broken": (zipped, _zipped(rss(GOOD).encode())[:-20]),
        "external": ("", _external(url).encode()),
        "good": ("", rss(entry("Fine", 1)).encode()),
    }
    more, body = special.get(path, ("", b""))
    if path in FEEDS:
        feed = FEEDS[path]
        body = feed if isinstance(feed, bytes) else feed.encode()
    length = len(body)
    if path == "length-long":
        body, length = rss(GOOD).encode(), 100_000
    if path == "length-short":
        body = rss(GOOD, entry("Cut", 3)).encode()
        length = body.index(b"<title>Cut")
    return f"HTTP/1.1 {OK}{more}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n".encode() + body


@asynccontextmanager
async def hostile(asked: list[str]) -> AsyncIterator[str]:
    """Serve; gives the address without a slash at its end, and writes down what was asked for."""
    tasks: set[asyncio.Task[None]] = set()
    _bombs()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            tasks.add(task)
        with suppress(OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
            path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode().strip("/").partition("?")[0]
            asked.append(path)
            if behave := BEHAVIOURS.get(path):
                await behave(writer)
            else:
                writer.write(answer(path, url))
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield url
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
