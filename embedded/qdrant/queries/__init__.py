"""Queries, with points that are named by id replaced by their vectors. It imports `storage` and `translation`."""
