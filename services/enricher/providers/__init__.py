"""Providers of metadata: the registry, one file for each, and the connection that requests use.

May import works.
"""
