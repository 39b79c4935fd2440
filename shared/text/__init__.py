"""How letters compare. It may import nothing of ours. Pure."""
