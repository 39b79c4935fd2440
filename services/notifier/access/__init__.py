"""Who may call the API: API keys, quotas and idempotency keys.

It may import `secrets` and `subscription`.
"""
