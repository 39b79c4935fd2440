"""Recommends papers by what a reader liked, saved and turned down. It imports the rooms `ranking` and `query`."""
