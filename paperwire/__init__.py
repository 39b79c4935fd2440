"""What programs of others import of Paperwire. It imports nothing of the services."""
