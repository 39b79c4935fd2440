"""Providers of metadata: the registry, one file for each, and the connection that they are asked through.

May import works.
"""
