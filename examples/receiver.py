"""Receive webhooks: verify the signature, answer 204, then handle the event.

WEBHOOK_SECRET=whsec_… python examples/receiver.py     listens on 127.0.0.1:9000; PORT changes the port

Needs Python 3.11 and nothing else. The signature is that of Standard Webhooks (https://www.standardwebhooks.com).
"""

import base64
import hashlib
import hmac
import json
import os
import queue
import sys
import threading
import time
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MAX_BODY = 64 * 1024
TOLERANCE_S = 300
REMEMBERED = 10_000


def verify(secret: str, headers: "Message[str, str]", body: bytes, now: float) -> dict[str, Any]:
    """Return the event of a body; raise ValueError unless one of its signatures is valid and recent."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    if not key:  # with an empty secret anybody can sign
        raise ValueError("the secret is empty")
    if abs(now - int(headers["webhook-timestamp"])) > TOLERANCE_S:
        raise ValueError("the timestamp is too old or too new")
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    # compare_digest takes the same time wherever the first difference is, so nobody can guess byte by byte.
    if not any(hmac.compare_digest(expected, given.encode()) for given in headers["webhook-signature"].split()):
        raise ValueError("no signature matches")
    event: dict[str, Any] = json.loads(body)
    return event


def line_of(event: dict[str, Any]) -> str:
    """Return what is printed about an event; raise ValueError if it is none."""
    try:
        paper = event["data"].get("paper")
        return f"{event['type']} {paper['title'] if paper else event['data']['subscription']['name']}"
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("the body is no event") from error


def read_body(request: BaseHTTPRequestHandler) -> bytes:
    """Return the body of a request; raise ValueError if it is too large."""
    length = int(request.headers["content-length"])
    if not 0 <= length <= MAX_BODY:
        raise ValueError("the body is too large")
    return request.rfile.read(length)


def handle(events: "queue.Queue[tuple[str, str]]") -> None:
    """Print the events; a retry has the same id as its first attempt and is printed once."""
    seen: dict[str, None] = {}
    encoding = sys.stdout.encoding  # titles have characters that not every one has
    while True:
        webhook_id, line = events.get()
        if webhook_id in seen:
            continue
        seen[webhook_id] = None
        if len(seen) > REMEMBERED:
            del seen[next(iter(seen))]
        print(line.encode(encoding, "replace").decode(encoding), flush=True)


def server(secret: str, port: int, events: "queue.Queue[tuple[str, str]]") -> ThreadingHTTPServer:
    """Return a server that puts verified events into a queue."""

    class Receiver(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            """Answer at once; the work is done by the thread that reads the queue."""
            try:
                line = line_of(verify(secret, self.headers, read_body(self), time.time()))
            except (
                ArithmeticError,
                AttributeError,
                RecursionError,
                TypeError,
                ValueError,
            ) as error:  # a wrong header or body
                self.send_error(400, str(error))
                return
            events.put((self.headers["webhook-id"], line))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing: the events are printed."""

    return ThreadingHTTPServer(("127.0.0.1", port), Receiver)


if __name__ == "__main__":
    if not os.environ.get("WEBHOOK_SECRET"):
        sys.exit("Set WEBHOOK_SECRET to the secret that was shown when the subscription was created.")
    received: queue.Queue[tuple[str, str]] = queue.Queue()
    threading.Thread(target=handle, args=(received,), daemon=True).start()
    with server(os.environ["WEBHOOK_SECRET"], int(os.environ.get("PORT", "9000")), received) as receiver:
        print(f"Listening on http://127.0.0.1:{receiver.server_address[1]}/", flush=True)
        receiver.serve_forever()
