"""A webhook receiver: verify the signature, print the alert, answer 204.

WEBHOOK_SECRET=whsec_… python receiver.py     (or: python receiver.py whsec_…)
Listens on 127.0.0.1:9000; PORT in the environment changes the port.
Needs `pip install aiohttp standardwebhooks`.
"""

import os
import sys

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError


def receiver(webhook: Webhook) -> web.Application:
    """Make the application; it takes signed events POSTed to any path."""

    async def receive(request: web.Request) -> web.Response:
        try:
            event = webhook.verify(await request.read(), dict(request.headers))
        except WebhookVerificationError as error:
            return web.Response(status=400, text=f"bad signature: {error}\n")
        except ValueError:  # the header is no list of "v1,<base64>", or the body no JSON
            return web.Response(status=400, text="bad signature: malformed header or body\n")
        title, match = event["data"]["paper"]["title"], event["data"]["match"]
        print(f"{event['type']}  {title}  score {match['score']:.2f} (threshold {match['threshold']:.2f})", flush=True)
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/{path:.*}", receive)
    return app


if __name__ == "__main__":
    secret = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("WEBHOOK_SECRET", "")
    if not secret:
        sys.exit("receiver: give the subscription's secret as WEBHOOK_SECRET or as the first argument")
    web.run_app(receiver(Webhook(secret)), host="127.0.0.1", port=int(os.environ.get("PORT", "9000")))
