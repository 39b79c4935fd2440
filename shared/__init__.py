"""Contracts and plumbing that every service shares; it never imports a service."""
