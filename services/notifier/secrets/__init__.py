"""Secrets: their encryption at rest, and the signatures of links and feed addresses.

It may import `subscription` and `fields`.
"""
