"""Refreshing works: which are due with which provider, requests about them, and amendments by the answers.

May import providers, works and text.
"""
