"""One public port in front of the services: a small reverse proxy that knows which path belongs to whom."""
