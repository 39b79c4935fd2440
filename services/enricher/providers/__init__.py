"""Providers of metadata: each a pure parser and a small driver; which are asked is for the settings to say."""
