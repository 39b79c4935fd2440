"""Polling: which source is due, who polls it, and how items and cursors are published in one transaction; backfills.

May import `sources`, `ledger` and `http`.
"""
