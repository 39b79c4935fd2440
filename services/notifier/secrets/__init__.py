"""Secrets: how they are encrypted at rest, and what is signed with them: webhooks, links and feed addresses.

It may import `subscription` and `fields`.
"""
