"""Ranks the papers that answer a query, in Qdrant. It imports the room `query`."""
