"""JSON of Qdrant's REST API in the engine's terms. Pure: it imports the engine and the errors only."""
