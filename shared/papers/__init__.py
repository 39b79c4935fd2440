"""Contracts about papers: models, events, the stream table, ids and feeds. It may import `shared.moments` only."""
