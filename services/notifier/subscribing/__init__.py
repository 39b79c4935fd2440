"""subscribing."""
