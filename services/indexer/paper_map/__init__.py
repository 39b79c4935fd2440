"""The map of papers: when it is renewed, how it is built, and the layout of its points.

May import the settings of the indexer.
"""
