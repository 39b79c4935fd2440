"""biorxiv."""
