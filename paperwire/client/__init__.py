"""A client of the HTTP API: `Client`, `AsyncClient`, and `verify_webhook` for receivers. It may import httpx only.

with Client("http://localhost:8080", key="pw_…") as papers:
for found in papers.iter_search(q="graph networks", category=["cs.LG"]):
print(found["paper"]["title"])
"""

from paperwire.client.http_clients import ApiError, AsyncClient, Client
from paperwire.client.webhooks import WebhookError, verify_webhook

__all__ = ["ApiError", "AsyncClient", "Client", "WebhookError", "verify_webhook"]
