"""The enricher: merges what sources show of one work into one paper, and adds what its text and the providers tell.

Its rooms, from the ground up: text, works, providers, refresh.
"""
