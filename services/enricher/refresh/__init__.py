"""Refreshing works: which are due with which provider, asking about them, and amending them by the answers.

May import providers, works and text.
"""
