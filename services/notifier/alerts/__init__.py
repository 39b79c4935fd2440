"""From indexed papers to alerts: at once, gathered into digests, or read as a private feed.

It may import `delivery`, `mailing`, `access`, `matching`, `secrets` and `subscription`.
"""
