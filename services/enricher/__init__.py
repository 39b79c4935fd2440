"""The enricher: merges what sources show of one work into one paper, and adds facts from its text and from providers.

Its rooms, from the ground up: text, works, providers, refresh.
"""
