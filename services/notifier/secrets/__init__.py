"""Secrets: how they are encrypted at rest, and what else is signed: links and feed addresses.

It may import `subscription` and `fields`.
"""
