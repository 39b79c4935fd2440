"""Reconciliation: the index is compared with the records of works, and what it has lost is written again.

May import the points of papers.
"""
