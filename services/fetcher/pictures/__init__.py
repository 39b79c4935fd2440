"""Pictures of papers: where one is, how it is made small, and the loop that looks for those that are wanted.

Imports `http`, and of `sources` what makes addresses safe to store.
"""
